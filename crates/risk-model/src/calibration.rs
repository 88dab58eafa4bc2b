//! From margins to probabilities that can be believed, fitted on out-of-fold margins only.

use crate::{CalibrationMethod, logit, sigmoid};

/// Out-of-fold positives from which a step function is better than a line.
const ISOTONIC_FROM: usize = 1_000;
/// Share of the line in an isotonic calibrator: keeps the order of margins where the steps are flat.
const LINE_SHARE: f64 = 0.02;
/// Strength of the pull of the slope towards 1, in units of information.
const SLOPE_PRIOR: f64 = 1.0;
/// A model that learned nothing still ranks, it is only not believed.
const LEAST_SLOPE: f64 = 0.02;
/// Weight of the mean rate in every step, so that no step says never or always.
const STEP_PRIOR: f64 = 2.0;

/// `logit(p) = slope × margin + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// At least 0.02.
    pub slope: f64,
    /// On the logit scale.
    pub offset: f64,
}

impl Line {
    /// Says what the margin says.
    pub const IDENTITY: Self = Self { slope: 1.0, offset: 0.0 };

    /// Fits by penalised likelihood (Newton); the slope is drawn towards 1.
    pub fn fit(margins: &[f64], labels: &[bool], weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        if margins.is_empty() || total <= 0.0 {
            return Self::IDENTITY;
        }
        let centre = margins.iter().zip(weights).map(|(m, w)| m * w).sum::<f64>() / total;
        let found: f64 = labels.iter().zip(weights).filter(|(label, _)| **label).map(|(_, w)| w).sum();
        // Half a row of each kind, so that the intercept stays finite.
        let (mut slope, mut level) = (1.0_f64, logit((found + 0.5) / (total + 1.0)));
        for _ in 0..100 {
            let (mut g_slope, mut g_level) = (SLOPE_PRIOR * (1.0 - slope), 0.0);
            let (mut h_ss, mut h_sl, mut h_ll) = (SLOPE_PRIOR, 0.0, 1e-9);
            for ((margin, label), weight) in margins.iter().zip(labels).zip(weights) {
                let x = margin - centre;
                let p = sigmoid(slope * x + level);
                let residual = weight * (f64::from(u8::from(*label)) - p);
                let information = weight * p * (1.0 - p);
                g_slope += residual * x;
                g_level += residual;
                h_ss += information * x * x;
                h_sl += information * x;
                h_ll += information;
            }
            let determinant = h_ss * h_ll - h_sl * h_sl;
            if determinant.abs() < 1e-12 {
                break;
            }
            let step_slope = ((h_ll * g_slope - h_sl * g_level) / determinant).clamp(-1.0, 1.0);
            let step_level = ((h_ss * g_level - h_sl * g_slope) / determinant).clamp(-1.0, 1.0);
            slope += step_slope;
            level += step_level;
            if step_slope.abs() + step_level.abs() < 1e-10 {
                break;
            }
        }
        let slope = slope.max(LEAST_SLOPE);
        Self { slope, offset: level - slope * centre }
    }

    /// The probability at `margin`.
    pub fn apply(&self, margin: f64) -> f64 {
        sigmoid(self.slope * margin + self.offset)
    }
}

/// A calibrated probability per margin; never decreasing, never 0 or 1.
#[derive(Clone, Debug, PartialEq)]
pub enum Calibrator {
    /// A line on the logit scale.
    Platt(Line),
    /// Steps, interpolated, with a little of the line.
    Isotonic {
        /// The line.
        line: Line,
        /// (margin, probability), both ascending.
        steps: Vec<(f64, f64)>,
    },
}

impl Calibrator {
    /// Fits to out-of-fold margins.
    pub fn fit(method: CalibrationMethod, margins: &[f64], labels: &[bool], weights: &[f64]) -> Self {
        let line = Line::fit(margins, labels, weights);
        let positives = labels.iter().filter(|label| **label).count();
        match method {
            CalibrationMethod::Platt => Self::Platt(line),
            CalibrationMethod::Auto if positives < ISOTONIC_FROM => Self::Platt(line),
            CalibrationMethod::Auto | CalibrationMethod::Isotonic => {
                Self::Isotonic { line, steps: steps(margins, labels, weights) }
            }
        }
    }

    /// The probability at `margin`.
    pub fn apply(&self, margin: f64) -> f64 {
        match self {
            Self::Platt(line) => line.apply(margin),
            Self::Isotonic { line, steps } => {
                let smooth = line.apply(margin);
                match interpolate(steps, margin) {
                    Some(step) => (1.0 - LINE_SHARE) * step + LINE_SHARE * smooth,
                    None => smooth,
                }
            }
        }
    }
}

/// Pool adjacent violators; a block stands at its mean margin with its shrunk rate.
fn steps(margins: &[f64], labels: &[bool], weights: &[f64]) -> Vec<(f64, f64)> {
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return Vec::new();
    }
    let found: f64 = labels.iter().zip(weights).filter(|(label, _)| **label).map(|(_, w)| w).sum();
    let rate = found / total;
    let mut order: Vec<usize> = (0..margins.len()).collect();
    order.sort_by(|a, b| margins[*a].total_cmp(&margins[*b]).then(a.cmp(b)));
    // (weight, weight × margin, weight of positives)
    let mut blocks: Vec<(f64, f64, f64)> = Vec::new();
    for at in order {
        let weight = weights[at];
        if weight <= 0.0 {
            continue;
        }
        blocks.push((weight, weight * margins[at], if labels[at] { weight } else { 0.0 }));
        while let [.., left, right] = blocks.as_slice() {
            if left.2 * right.0 < right.2 * left.0 {
                break;
            }
            let joined = (left.0 + right.0, left.1 + right.1, left.2 + right.2);
            blocks.truncate(blocks.len() - 2);
            blocks.push(joined);
        }
    }
    let mut highest: f64 = 0.0;
    blocks
        .into_iter()
        .map(|(weight, margin, positive)| {
            // Small blocks are shrunk more than large ones, so the order has to be kept by hand.
            highest = highest.max((positive + STEP_PRIOR * rate) / (weight + STEP_PRIOR));
            (margin / weight, highest)
        })
        .collect()
}

fn interpolate(steps: &[(f64, f64)], margin: f64) -> Option<f64> {
    let above = steps.partition_point(|(at, _)| *at <= margin);
    let right = steps.get(above);
    let left = above.checked_sub(1).and_then(|at| steps.get(at));
    match (left, right) {
        (Some((x0, y0)), Some((x1, y1))) => Some(y0 + (y1 - y0) * (margin - x0) / (x1 - x0)),
        (Some((_, y)), None) | (None, Some((_, y))) => Some(*y),
        (None, None) => None,
    }
}

/// `1 − Π(1 − p)` over a declaration's items; 0 for none.
pub fn any_of(probabilities: &[f64]) -> f64 {
    let none: f64 = probabilities.iter().map(|p| (1.0 - p.clamp(0.0, 1.0)).max(1e-12).ln()).sum();
    -none.exp_m1()
}

/// The calibrated probability that a declaration hides a finding: `line` over the logit of [`any_of`]. Items of one
/// declaration share their trader and route, so their findings are not independent and the product overstates.
pub fn declaration_probability(line: &Line, probabilities: &[f64]) -> f64 {
    if probabilities.is_empty() {
        return 0.0;
    }
    line.apply(logit(any_of(probabilities)))
}
