//! The report as one self-contained page with SVG charts.

use std::fmt::Write as _;

use anyhow::anyhow;
use plotters::prelude::*;

use super::report::{ByPolicy, DemoReport, Rate};
use super::terminal::thousands;

const SIZE: (u32, u32) = (760, 300);
const INK: RGBColor = RGBColor(0x1f, 0x3a, 0x5f);
const GREEN: RGBColor = RGBColor(0x3c, 0x8d, 0x5a);
const ORANGE: RGBColor = RGBColor(0xd9, 0x8e, 0x2b);
const RED: RGBColor = RGBColor(0xb8, 0x3a, 0x3a);
const GREY: RGBColor = RGBColor(0x8a, 0x8f, 0x98);

/// The page, complete: no script, no style sheet, no picture from elsewhere.
pub fn render(report: &DemoReport) -> anyhow::Result<String> {
    let mut body = String::new();
    let total = report.declarations.max(1) as f64;
    write!(
        body,
        "<h1>A customs year</h1><p>{} declarations, {} offices, {} days, seed {}{}.</p>",
        thousands(report.declarations as f64),
        report.offices.len(),
        report.days,
        report.seed,
        if report.null_world { ", null world" } else { "" },
    )?;
    body.push_str("<div class=cards>");
    for (figure, words) in [
        (format!("{:.1}×", report.lift), "offences detected, against random selection"),
        (format!("{:.2}×", report.ratio_to_table), "against a table of HS6 × origin"),
        (format!("{:.0} %", 100.0 * report.share_of_oracle), "of what knowing the truth would have detected"),
        (green_figure(report), "green non-compliance, estimated (95 % interval)"),
        (format!("{:.2} %", 100.0 * report.green_non_compliance.truth), "green non-compliance, truth"),
        (thousands(report.green_non_compliance.n as f64), "random examinations that the estimate rests on"),
        (format!("{:.0} ms", report.time_to_channel_ms.median), "median from lodgement to channel"),
        (format!("{:.0} ms", report.time_to_channel_ms.p99), "from lodgement to channel, 99th percentile"),
        (format!("{:.0} %", 100.0 * report.pre_arrival_share), "of advance declarations decided before arrival"),
        (thousands(report.findings as f64), "controls with a finding"),
        (format!("{} USD", thousands(report.additional_duty_found)), "additional duty found"),
        (format!("{}", report.overruns), "examinations above capacity"),
    ] {
        write!(body, "<div><b>{figure}</b><span>{words}</span></div>")?;
    }
    body.push_str("</div>");
    section(&mut body, "Detected with the same declarations and capacity", &policies(&report.detections, "offences")?)?;
    section(
        &mut body,
        "Additional duty with the same declarations and capacity",
        &policies(&report.additional_duty, "USD")?,
    )?;
    section(&mut body, "Finding rate by month", &rates(&report.finding_rate_by_month)?)?;
    section(&mut body, "Finding rate by trigger", &rates(&report.finding_rate_by_trigger)?)?;
    section(&mut body, "Channels by office", &offices(report)?)?;
    body.push_str("<h2>Capacity by office</h2><table><tr><th>office<th>green<th>orange<th>red<th>planned<th>examined<th>mandatory over plan</tr>");
    for office in &report.offices {
        write!(
            body,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}</tr>",
            escape(&office.office),
            thousands(office.channels.green as f64),
            thousands(office.channels.orange as f64),
            thousands(office.channels.red as f64),
            thousands(office.planned as f64),
            thousands(office.used as f64),
            office.over_plan,
        )?;
    }
    write!(
        body,
        "</table><p class=small>Every office begins with {:.0} examinations carried over, so that it may have used a few \
         more than were planned.</p>",
        report.opening_carry,
    )?;
    body.push_str("<h2>From lodgement to release, hours</h2><table><tr><th>channel<th>regime<th>released<th>median<th>90th percentile</tr>");
    for line in &report.release {
        write!(
            body,
            "<tr><td>{}<td>{}<td>{}<td>{:.1}<td>{:.1}</tr>",
            escape(&line.channel),
            escape(&line.regime),
            thousands(line.n as f64),
            line.median_hours,
            line.p90_hours,
        )?;
    }
    body.push_str("</table><h2>Seizures</h2><table><tr><th>kind<th>times<th>quantity</tr>");
    for line in &report.seizures {
        let quantities: Vec<_> =
            line.quantities.iter().map(|(unit, sum)| format!("{} {unit}", thousands(*sum))).collect();
        write!(body, "<tr><td>{}<td>{}<td>{}</tr>", escape(&line.kind), line.count, escape(&quantities.join(", ")))?;
    }
    write!(
        body,
        "</table><p class=small>Green {:.1} %, orange {:.1} %, red {:.1} %. Largest capacity error {:.1} % over {} office-months \
         planned at 20 examinations or more. {:.0} % of all offences met no physical examination. Best possible AUC of any score \
         in this world: {:.3}. {} training runs, {} promotions. Filters given up: {}. {:.0} s, {:.0} CPU s.</p>",
        100.0 * report.channels.green as f64 / total,
        100.0 * report.channels.orange as f64 / total,
        100.0 * report.channels.red as f64 / total,
        100.0 * report.capacity_error_max,
        report.capacity_office_months,
        100.0 * report.undetected_share,
        report.bayes_auc,
        report.training_runs,
        report.promotions,
        escape(&if report.filters_given_up.is_empty() {
            "none".to_owned()
        } else {
            report.filters_given_up.join(", ")
        }),
        report.seconds,
        report.cpu_seconds,
    )?;
    Ok(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Aforo: a customs year</title><style>{STYLE}</style><main>{body}</main></html>"
    ))
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;color:#1c2430;background:#f6f7f9;margin:0}main{max-width:820px;margin:auto;\
padding:2rem;background:#fff}h1{margin-top:0}h2{margin-top:2rem;font-size:1.1rem}.cards{display:grid;grid-template-columns:repeat(3,1fr);gap:1rem}\
.cards div{border:1px solid #dde1e7;border-radius:6px;padding:.8rem}.cards b{display:block;font-size:1.5rem;color:#1f3a5f}.cards span{font-size:.85rem;\
color:#555d69}table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{text-align:right;padding:.25rem .5rem;border-bottom:1px solid #e6e9ee}\
td:first-child,th:first-child{text-align:left}svg{max-width:100%;height:auto}.small{font-size:.85rem;color:#555d69}";

fn green_figure(report: &DemoReport) -> String {
    let green = &report.green_non_compliance;
    match (green.estimate, green.lower, green.upper) {
        (Some(estimate), Some(lower), Some(upper)) => {
            format!("{:.2} % <small>[{:.2} – {:.2}]</small>", 100.0 * estimate, 100.0 * lower, 100.0 * upper)
        }
        _ => "too few to say".to_owned(),
    }
}

fn section(body: &mut String, title: &str, chart: &str) -> std::fmt::Result {
    write!(body, "<h2>{title}</h2>{chart}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn policies(by: &ByPolicy, unit: &str) -> anyhow::Result<String> {
    let bars = [
        ("system", by.system, INK),
        ("random", by.random, GREY),
        ("filters only", by.filters, GREY),
        ("HS6 × origin", by.table, GREY),
        ("oracle", by.oracle, GREY),
    ];
    bars_chart(&bars.map(|(label, value, colour)| (label.to_owned(), value, colour)), unit)
}

fn rates(rates: &[Rate]) -> anyhow::Result<String> {
    let bars: Vec<_> = rates.iter().map(|rate| (rate.key.clone(), 100.0 * rate.rate, INK)).collect();
    bars_chart(&bars, "% of examinations")
}

/// Vertical bars with their labels below and `unit` on the axis.
fn bars_chart(bars: &[(String, f64, RGBColor)], unit: &str) -> anyhow::Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let top = bars.iter().map(|bar| bar.1).fold(0.0_f64, f64::max).max(1e-9) * 1.1;
        let mut chart = ChartBuilder::on(&area)
            .margin(8)
            .x_label_area_size(28)
            .y_label_area_size(64)
            .build_cartesian_2d((0..bars.len()).into_segmented(), 0.0..top)
            .map_err(drawing)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .x_labels(bars.len())
            .x_label_formatter(&|at| match at {
                SegmentValue::CenterOf(at) => bars.get(*at).map_or_else(String::new, |bar| bar.0.clone()),
                SegmentValue::Exact(_) | SegmentValue::Last => String::new(),
            })
            .y_label_formatter(&|value| thousands_or_decimal(*value, top))
            .y_desc(unit)
            .draw()
            .map_err(drawing)?;
        chart
            .draw_series(bars.iter().enumerate().map(|(at, (_, value, colour))| {
                let mut bar = Rectangle::new(
                    [(SegmentValue::Exact(at), 0.0), (SegmentValue::Exact(at + 1), *value)],
                    colour.filled(),
                );
                bar.set_margin(0, 0, 8, 8);
                bar
            }))
            .map_err(drawing)?;
        area.present().map_err(drawing)?;
    }
    Ok(svg)
}

/// Shares of the channels, one stacked bar per office, largest first.
fn offices(report: &DemoReport) -> anyhow::Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let count = report.offices.len();
        let mut chart = ChartBuilder::on(&area)
            .margin(8)
            .x_label_area_size(28)
            .y_label_area_size(64)
            .build_cartesian_2d((0..count).into_segmented(), 0.0..100.0)
            .map_err(drawing)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .x_labels(count.min(20))
            .x_label_formatter(&|at| match at {
                SegmentValue::CenterOf(at) => {
                    report.offices.get(*at).map_or_else(String::new, |line| line.office.clone())
                }
                SegmentValue::Exact(_) | SegmentValue::Last => String::new(),
            })
            .y_desc("% of declarations")
            .draw()
            .map_err(drawing)?;
        for (at, line) in report.offices.iter().enumerate() {
            let total = (line.channels.green + line.channels.orange + line.channels.red).max(1) as f64;
            let mut from = 0.0;
            for (count, colour) in
                [(line.channels.red, RED), (line.channels.orange, ORANGE), (line.channels.green, GREEN)]
            {
                let to = from + 100.0 * count as f64 / total;
                let mut bar = Rectangle::new(
                    [(SegmentValue::Exact(at), from), (SegmentValue::Exact(at + 1), to)],
                    colour.filled(),
                );
                bar.set_margin(0, 0, 2, 2);
                chart.draw_series(std::iter::once(bar)).map_err(drawing)?;
                from = to;
            }
        }
        area.present().map_err(drawing)?;
    }
    Ok(svg)
}

fn thousands_or_decimal(value: f64, top: f64) -> String {
    if top < 10.0 { format!("{value:.1}") } else { thousands(value) }
}

fn drawing<E: std::fmt::Display>(error: E) -> anyhow::Error {
    anyhow!("cannot draw a chart: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_stands_alone_and_draws_every_chart() {
        let report = DemoReport {
            detections: ByPolicy { system: 50.0, random: 10.0, filters: 20.0, table: 30.0, oracle: 90.0 },
            finding_rate_by_month: vec![Rate { key: "2026-01".to_owned(), examined: 10, findings: 2, rate: 0.2 }],
            offices: vec![super::super::report::OfficeLine { office: "<118>".to_owned(), ..Default::default() }],
            ..Default::default()
        };
        let page = render(&report).unwrap();
        assert_eq!(page.matches("<svg").count(), 5);
        assert!(!page.contains("<script") && !page.contains("src=\"http"));
        assert!(page.contains("&lt;118&gt;"));
    }
}
