//! Who listens to what. One direction: intake → scoring → controls → (features, monitoring). Intake hears what it tells
//! its callers: channels, controls that were ordered beside them, their results, and the plans' fail-safe.

/// A service that publishes or subscribes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Declarations and their channels.
    DeclarationIntake,
    /// Facts and features.
    FeatureStore,
    /// Selections.
    Scoring,
    /// Controls and results.
    ControlsTracking,
    /// Evidence.
    PerformanceMonitoring,
    /// Filters, models and plans.
    ModelManagement,
}

impl Service {
    /// Every service, in the order in which a declaration meets them.
    pub const ALL: [Self; 6] = [
        Self::DeclarationIntake,
        Self::Scoring,
        Self::ControlsTracking,
        Self::FeatureStore,
        Self::PerformanceMonitoring,
        Self::ModelManagement,
    ];

    /// The name in streams, tables and settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeclarationIntake => "declaration-intake",
            Self::FeatureStore => "feature-store",
            Self::Scoring => "scoring",
            Self::ControlsTracking => "controls-tracking",
            Self::PerformanceMonitoring => "performance-monitoring",
            Self::ModelManagement => "model-management",
        }
    }
}

impl std::fmt::Display for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The services that a message named `event` goes to. A name that nobody knows goes to nobody.
pub fn subscribers(event: &str) -> &'static [Service] {
    use Service::{ControlsTracking, DeclarationIntake, FeatureStore, ModelManagement, PerformanceMonitoring, Scoring};
    match event {
        "declaration.accepted" => &[Scoring, FeatureStore],
        "declaration.cancelled" => &[Scoring, ControlsTracking, FeatureStore, PerformanceMonitoring],
        "declaration.selected" => &[DeclarationIntake, ControlsTracking, PerformanceMonitoring],
        "vectors.served" => &[FeatureStore],
        "declaration.moved" => &[PerformanceMonitoring],
        "control.ordered" => &[DeclarationIntake, PerformanceMonitoring],
        "control.resulted" => &[DeclarationIntake, FeatureStore, PerformanceMonitoring],
        "routing.changed" | "filters.changed" => &[Scoring, PerformanceMonitoring],
        "capacity.changed" => &[DeclarationIntake, Scoring, PerformanceMonitoring],
        "person.erased" => &[Scoring, ControlsTracking, FeatureStore, ModelManagement],
        _ => &[],
    }
}
