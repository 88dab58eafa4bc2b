//! The model card: one page that says what a model is, what it was judged on, and what it must not be used for.
//!
//! Figures are the artefact's own, so that a card cannot say more than the model knows of itself; what only people know
//! (name, label cutoff, limits, data quality) is passed in.

mod plot;

use std::fmt::Write as _;

use crate::{Algorithm, Artefact, Evaluation, Interval};

/// What the artefact does not know of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CardNotes {
    /// The model's name.
    pub name: String,
    /// Results that came in after this were not used, as text (RFC 3339 or a date).
    pub label_cutoff: String,
    /// What it must not be used for, beyond what is true of every such model.
    pub limits: Vec<String>,
    /// What is known of the data's quality: a subject and what was found.
    pub data_quality: Vec<(String, String)>,
    /// What the plot is called where the card is kept; `calibration.svg` when empty.
    pub plot: String,
}

/// A card: text, and the plot it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Markdown.
    pub markdown: String,
    /// The calibration plot.
    pub svg: String,
}

impl Artefact {
    /// The model's card. The same model and notes give the same text.
    pub fn card(&self, notes: &CardNotes) -> Card {
        let svg = plot::calibration(&self.summary().evaluation.calibration);
        Card { markdown: markdown(self, notes), svg }
    }
}

fn markdown(model: &Artefact, notes: &CardNotes) -> String {
    let summary = model.summary();
    let mut text = format!("# {}\n\n", if notes.name.is_empty() { "Model" } else { &notes.name });
    let rows = [
        ("Kind", kind(model.algorithm())),
        ("Digest", format!("`{}`", model.digest())),
        ("Feature contract", format!("`{}`, {} features", model.contract_hash(), model.names().len())),
        ("Declarations from", format!("{} to {}", day(summary.from, summary.rows), day(summary.to, summary.rows))),
        ("Label cutoff", if notes.label_cutoff.is_empty() { "not said".into() } else { notes.label_cutoff.clone() }),
        (
            "Rows",
            format!(
                "{} goods items of {} declarations, {} with a finding",
                summary.rows, summary.declarations, summary.positives
            ),
        ),
        ("Seed", model.seed().to_string()),
    ];
    text.push_str("| | |\n|---|---|\n");
    for (name, value) in rows {
        line(&mut text, &[name, &value]);
    }
    if summary.learned_on > 0 {
        line(
            &mut text,
            &["Learned on since", &format!("{} goods items; the figures below are from before", summary.learned_on)],
        );
    }
    text.push_str("\n## How well it does\n\n");
    text.push_str("Judged on declarations that it had not learned from; 95 % intervals in brackets.\n\n");
    text.push_str("| | goods items | declarations | items of the latest weeks |\n|---|---|---|---|\n");
    let judged = [&summary.evaluation, &summary.declaration, &summary.latest];
    for (name, figure) in FIGURES {
        let cells = judged.map(figure);
        line(&mut text, &[name, &cells[0], &cells[1], &cells[2]]);
    }
    let plot = if notes.plot.is_empty() { "calibration.svg" } else { &notes.plot };
    let _ = write!(text, "\n## Calibration\n\n![What was said against what came]({plot})\n\n");
    text.push_str("| said | came | goods items |\n|---|---|---|\n");
    for bin in &summary.evaluation.calibration {
        let (said, came) = (thousandths(bin.predicted), thousandths(bin.observed));
        line(&mut text, &[&said, &came, &format!("{:.0}", bin.weight)]);
    }
    text.push_str("\n## What it goes by\n\nMean absolute contribution on the logit scale.\n\n");
    text.push_str("| feature | contribution |\n|---|---|\n");
    for (feature, share) in &summary.features {
        line(&mut text, &[feature, &thousandths(*share)]);
    }
    text.push_str("\n## Known limits\n\n");
    for limit in standing_limits(model).iter().chain(&notes.limits) {
        let _ = writeln!(text, "* {}", limit.replace('\n', " "));
    }
    text.push_str("\n## Data quality\n\n");
    if notes.data_quality.is_empty() {
        text.push_str("Nothing was reported.\n");
    } else {
        text.push_str("| | |\n|---|---|\n");
        notes.data_quality.iter().for_each(|(subject, found)| line(&mut text, &[subject, found]));
    }
    text
}

type Figure = fn(&Evaluation) -> String;

/// The figures of the card, by name.
const FIGURES: [(&str, Figure); 8] = [
    ("judged on", |e| format!("{}, {} with a finding", e.rows, e.positives)),
    ("precision among the top 5 %", |e| figure(e.precision_at_5, e.intervals.precision_at_5)),
    ("precision among the top 10 %", |e| figure(e.precision_at_10, e.intervals.precision_at_10)),
    ("recall of the top 10 %", |e| figure(e.recall_at_10, None)),
    ("area under the ROC curve", |e| figure(e.auc, e.intervals.auc)),
    ("log loss", |e| figure(known(e, e.log_loss), e.intervals.log_loss)),
    ("log loss of the mean rate", |e| figure(known(e, e.constant_log_loss), None)),
    ("Brier score", |e| figure(known(e, e.brier), e.intervals.brier)),
];

fn known(evaluation: &Evaluation, value: f64) -> Option<f64> {
    (evaluation.rows > 0).then_some(value)
}

fn figure(value: Option<f64>, interval: Option<Interval>) -> String {
    match (value, interval) {
        (None, _) => "–".to_owned(),
        (Some(value), None) => thousandths(value),
        (Some(value), Some(Interval { low, high })) => {
            format!("{} ({} to {})", thousandths(value), thousandths(low), thousandths(high))
        }
    }
}

/// A number to three places; what is nothing to three places has no sign.
fn thousandths(value: f64) -> String {
    let text = format!("{value:.3}");
    if text == "-0.000" { text[1..].to_owned() } else { text }
}

fn kind(algorithm: &Algorithm) -> String {
    match algorithm {
        Algorithm::Boosted(p) => format!("boosted trees: {} × {} trees, {} splits deep", p.bags, p.trees, p.max_depth),
        Algorithm::Logistic(p) => format!("logistic regression, ridge {}", p.l2),
        Algorithm::Online(p) => format!("online logistic regression (FTRL), alpha {}", p.alpha),
        Algorithm::Forest(p) => format!("random forest: {} trees, {} splits deep", p.trees, p.max_depth),
        Algorithm::Imported(m) => {
            // Of some formats nobody knows what is inside.
            let trees = if m.trees > 0 { format!(", {} trees", m.trees) } else { String::new() };
            format!("taken over from {} {}, objective {}{trees}", m.format.as_str(), m.version, m.objective)
        }
    }
}

/// What is true of every model here.
fn standing_limits(model: &Artefact) -> Vec<String> {
    let mut limits = vec![
        "It knows only what examinations found: what is never examined, it cannot learn.".to_owned(),
        "A probability is of a finding by an examination, not of guilt; it selects, it decides nothing else."
            .to_owned(),
        "It holds for declarations like those it learned from; watch its calibration, and train again when it drifts."
            .to_owned(),
    ];
    let summary = model.summary();
    if summary.positives < 200 {
        limits.push(format!("It was judged on only {} findings; the intervals are wide.", summary.positives));
    }
    limits
}

/// The day of microseconds since 1970, as a date; a dash where nothing was learned from.
fn day(micros: i64, rows: usize) -> String {
    if rows == 0 {
        return "–".to_owned();
    }
    jiff::Timestamp::from_microsecond(micros)
        .map_or_else(|_| "–".to_owned(), |moment| jiff::tz::Offset::UTC.to_datetime(moment).date().to_string())
}

/// A row of a table; what would break it is escaped.
fn line(text: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ImportedModel, ModelFormat, train, training_set::tests::interacting};

    #[test]
    fn a_card_tells_what_the_model_knows_of_itself() {
        let model = train(&Algorithm::boosted(), &interacting(1_200, 8, 3), 5).unwrap();
        let notes = CardNotes {
            name: "Imports".into(),
            label_cutoff: "2026-03-01".into(),
            limits: vec!["Not for transit.".into()],
            data_quality: vec![("gross mass".into(), "2 % missing | mostly post".into())],
            plot: "imports.svg".into(),
        };
        let card = model.card(&notes);
        let auc = model.summary().evaluation.auc.unwrap();
        let interval = model.summary().evaluation.intervals.auc.unwrap();
        assert!(interval.low < auc && auc < interval.high);
        for part in [
            "# Imports\n",
            model.digest(),
            "| Label cutoff | 2026-03-01 |",
            "1970-01-01 to 1970-01-01",
            &format!("{auc:.3} ({:.3} to {:.3})", interval.low, interval.high),
            "(imports.svg)",
            "* Not for transit.",
            "2 % missing \\| mostly post",
        ] {
            assert!(card.markdown.contains(part), "{part}\n{}", card.markdown);
        }
        // The interaction that the labels follow.
        let first: Vec<&str> = model.summary().features.iter().take(2).map(|(name, _)| name.as_str()).collect();
        assert!(first.contains(&"feature0") && first.contains(&"feature1"), "{first:?}");
        assert!(card.svg.starts_with("<svg") && card.svg.trim_end().ends_with("</svg>"));
        assert_eq!(card.svg.matches("<circle").count(), model.summary().evaluation.calibration.len());
        assert_eq!(card, model.card(&notes));
    }

    #[test]
    fn a_model_of_which_nobody_knows_the_trees_has_no_number_of_them() {
        let taken_over = |format, trees| {
            let (version, objective) = ("1".to_owned(), "probability".to_owned());
            kind(&Algorithm::Imported(ImportedModel { format, version, objective, trees, calibration: None }))
        };
        assert_eq!(taken_over(ModelFormat::Onnx, 0), "taken over from onnx 1, objective probability");
        assert!(taken_over(ModelFormat::Lightgbm, 40).ends_with(", objective probability, 40 trees"));
    }

    #[test]
    fn nothing_to_three_places_has_no_sign() {
        let told = [-0.0004, -0.0, 0.0, -0.0006, 1.2345, f64::NAN].map(thousandths);
        assert_eq!(told, ["0.000", "0.000", "0.000", "-0.001", "1.234", "NaN"]);
        let interval = Interval { low: -0.0001, high: 0.25 };
        assert_eq!(figure(Some(-0.0002), Some(interval)), "0.000 (0.000 to 0.250)");
    }

    #[test]
    fn days_are_dates() {
        let at = |days: i64| day(days * 86_400_000_000 + 5, 1);
        assert_eq!(
            [at(0), at(-1), at(59), at(11_016), at(20_513)],
            ["1970-01-01", "1969-12-31", "1970-03-01", "2000-02-29", "2026-03-01"]
        );
        assert_eq!(day(7, 0), "–");
    }
}
