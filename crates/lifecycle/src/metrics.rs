//! The metrics registry that is handed to everyone who counts, and its text form.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::registry::Registry;

/// All metrics of one process. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Mutex<Registry>>);

impl Metrics {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers metrics whose names start with `prefix_`. Call once per component, at its start.
    pub fn register<T>(&self, prefix: &str, register: impl FnOnce(&mut Registry) -> T) -> T {
        let mut registry = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        register(registry.sub_registry_with_prefix(prefix))
    }

    /// Everything registered, in the `OpenMetrics` text format.
    pub fn render(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::counter::Counter;

    use super::*;

    #[test]
    fn counts_of_every_component_are_rendered_under_its_prefix() {
        let metrics = Metrics::new();
        let counter = metrics.register("scoring", |registry| {
            let counter = Counter::<u64>::default();
            registry.register("selections", "Selections made", counter.clone());
            counter
        });
        counter.inc_by(3);
        let text = metrics.clone().render().unwrap();
        assert!(text.contains("scoring_selections_total 3"), "{text}");
    }
}
