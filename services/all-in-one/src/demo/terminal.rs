//! The report on the terminal, in the words of a director.

use std::fmt::Write as _;

use super::report::{ByPolicy, DemoReport};

/// The report as text, about forty lines.
pub fn render(report: &DemoReport) -> String {
    let mut out = String::new();
    write_all(&mut out, report).expect("writing to a string does not fail");
    out
}

fn write_all(out: &mut String, report: &DemoReport) -> std::fmt::Result {
    let total = report.declarations.max(1) as f64;
    let share = |count: u64| 100.0 * count as f64 / total;
    writeln!(
        out,
        "\nA customs year: {} declarations in {} days, {} offices, seed {}{}",
        thousands(report.declarations as f64),
        report.days,
        report.offices.len(),
        report.seed,
        if report.null_world { " (null world: fraud depends on nothing observable)" } else { "" }
    )?;
    writeln!(
        out,
        "  {:.0} s, {:.0} CPU s, {:.0} declarations/s, {:.0} MiB at most",
        report.seconds, report.cpu_seconds, report.declarations_per_second, report.peak_memory_mib
    )?;
    writeln!(
        out,
        "\nChannels      green {:.1} %   orange {:.1} %   red {:.1} %",
        share(report.channels.green),
        share(report.channels.orange),
        share(report.channels.red)
    )?;
    writeln!(
        out,
        "Decided in    {:.0} ms median, {:.0} ms p99 after lodgement; {:.0} % of advance declarations before arrival",
        report.time_to_channel_ms.median,
        report.time_to_channel_ms.p99,
        100.0 * report.pre_arrival_share
    )?;
    writeln!(
        out,
        "Capacity      {} overruns, {} mandatory over plan; largest error {:.1} % over {} office-months planned at 20 or more",
        report.overruns,
        report.mandatory_over_plan,
        100.0 * report.capacity_error_max,
        report.capacity_office_months
    )?;
    writeln!(
        out,
        "              every office begins with {:.0} examinations carried over, so it may use a few more than planned",
        report.opening_carry
    )?;
    for office in report.offices.iter().take(5) {
        let declarations = office.channels.green + office.channels.orange + office.channels.red;
        let share = |count: u64| 100.0 * count as f64 / declarations.max(1) as f64;
        writeln!(
            out,
            "  office {:<6} {:>9} declarations   green {:>4.1} %  orange {:>4.1} %  red {:>4.1} %   examined {:>6} of {:>6} planned",
            office.office,
            thousands(declarations as f64),
            share(office.channels.green),
            share(office.channels.orange),
            share(office.channels.red),
            thousands(office.used as f64),
            thousands(office.planned as f64)
        )?;
    }
    if report.offices.len() > 5 {
        writeln!(out, "  … and {} smaller offices (see the page)", report.offices.len() - 5)?;
    }
    writeln!(out, "\nWith the same declarations and capacity, in expectation:")?;
    writeln!(out, "  {:<22}{:>10}{:>10}{:>10}{:>10}{:>10}", "", "system", "random", "filters", "table", "oracle")?;
    policies(out, "offences detected", &report.detections)?;
    policies(out, "additional duty, USD", &report.additional_duty)?;
    writeln!(
        out,
        "  lift over random {:.2}   ratio to the HS6 × origin table {:.2}   share of the oracle {:.0} %   best possible AUC {:.3}",
        report.lift,
        report.ratio_to_table,
        100.0 * report.share_of_oracle,
        report.bayes_auc
    )?;
    let green = &report.green_non_compliance;
    match (green.estimate, green.lower, green.upper) {
        (Some(estimate), Some(lower), Some(upper)) => writeln!(
            out,
            "\nGreen non-compliance   estimated {:.2} % [{:.2} – {:.2}] from {} random examinations; the truth is {:.2} %",
            100.0 * estimate,
            100.0 * lower,
            100.0 * upper,
            green.n,
            100.0 * green.truth
        )?,
        _ => writeln!(
            out,
            "\nGreen non-compliance   too few matured random examinations ({}) to say; the truth is {:.2} %",
            green.n,
            100.0 * green.truth
        )?,
    }
    writeln!(
        out,
        "Undetected             {:.0} % of all offences met no physical examination",
        100.0 * report.undetected_share
    )?;
    writeln!(
        out,
        "Found                  {} controls with a finding, USD {} additional duty",
        thousands(report.findings as f64),
        thousands(report.additional_duty_found)
    )?;
    for seizure in &report.seizures {
        let quantities: Vec<_> =
            seizure.quantities.iter().map(|(unit, sum)| format!("{} {unit}", thousands(*sum))).collect();
        writeln!(out, "  seized: {:<14} {:>5} times, {}", seizure.kind, seizure.count, quantities.join(", "))?;
    }
    writeln!(out, "\nFinding rate by month (findings per physical examination)")?;
    for rate in &report.finding_rate_by_month {
        writeln!(
            out,
            "  {}  {:>5.1} % {}",
            rate.key,
            100.0 * rate.rate,
            "█".repeat((rate.rate * 100.0).round() as usize)
        )?;
    }
    writeln!(out, "by trigger")?;
    for rate in &report.finding_rate_by_trigger {
        writeln!(out, "  {:<12} {:>5.1} % of {}", rate.key, 100.0 * rate.rate, thousands(rate.examined as f64))?;
    }
    writeln!(out, "\nRelease after lodgement (median hours)")?;
    for channel in ["green", "orange", "red"] {
        let lines: Vec<_> = report
            .release
            .iter()
            .filter(|line| line.channel == channel)
            .map(|line| format!("regime {} {:.0} h", line.regime, line.median_hours))
            .collect();
        writeln!(out, "  {channel:<7} {}", lines.join(", "))?;
    }
    writeln!(out, "Models                 {} training runs, {} promotions", report.training_runs, report.promotions)?;
    match report.filters_given_up.as_slice() {
        [] => Ok(()),
        given_up => writeln!(out, "Filters given up       {}", given_up.join(", ")),
    }
}

fn policies(out: &mut String, label: &str, by: &ByPolicy) -> std::fmt::Result {
    write!(out, "  {label:<22}")?;
    for value in [by.system, by.random, by.filters, by.table, by.oracle] {
        write!(out, "{:>10}", thousands(value))?;
    }
    writeln!(out)
}

/// A rounded number with thin groups of three.
pub fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if value <= -0.5 { format!("-{grouped}") } else { grouped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(thousands(1_234_567.4), "1,234,567");
        assert_eq!(thousands(999.0), "999");
        assert_eq!(thousands(-1000.0), "-1,000");
        assert_eq!(thousands(-0.2), "0");
    }
}
