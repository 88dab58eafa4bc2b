//! `aforo evaluate`: a model file judged on files that it has not seen.

use std::io::Write as _;

use anyhow::Context;
use offline::{Figures, ModelFile};

use crate::cli::Evaluate;
use crate::train::{name, read};

/// Reads the model file and the files, scores, and prints the judgement.
pub fn run(options: &Evaluate) -> anyhow::Result<()> {
    let path = options.model.display();
    let bytes = std::fs::read(&options.model).with_context(|| format!("cannot read {path}"))?;
    let file = ModelFile::from_bytes(&bytes).with_context(|| format!("in {path}"))?;
    let (own, asked) = (file.origin.profile.as_str(), name(options.profile));
    anyhow::ensure!(own == asked, "{path} was trained on files of profile {own}, not {asked}");
    let cases = read(options.profile, &options.files)?;
    let micros = |case: &offline::Case| case.declaration.acceptance_date_time.as_microsecond();
    let before = cases.iter().filter(|case| micros(case) <= file.origin.to).count();
    if before > 0 && !options.quiet {
        eprintln!("{before} rows are not later than the training period: the model may have learned from them");
    }
    let report = offline::judge(&file, &cases);
    let mut out = std::io::stdout().lock();
    if options.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
        return Ok(());
    }
    writeln!(out, "{} rows, {} with a finding", report.rows, report.findings)?;
    writeln!(out, "{:14} {:>8} {:>8} {:>8} {:>8} {:>8}", "", "P@5", "P@10", "R@5", "R@10", "AUC")?;
    for (name, figures) in std::iter::once(("model", &report.model))
        .chain(report.baselines.iter().map(|(name, figures)| (name.as_str(), figures)))
    {
        writeln!(out, "{name:14} {}", columns(figures))?;
    }
    Ok(())
}

fn columns(figures: &Figures) -> String {
    let all = [figures.precision_at5, figures.precision_at10, figures.recall_at5, figures.recall_at10, figures.auc];
    all.map(|figure| figure.map_or_else(|| format!("{:>8}", "-"), |value| format!("{value:8.4}"))).join(" ")
}
