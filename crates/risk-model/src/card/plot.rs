//! The calibration plot: what was said against what came, with 95 % intervals. Plain SVG, both axes on the same scale.

use std::fmt::Write as _;

use crate::{CalibrationBin, Interval};

/// Side of the plot and what is left around it for words, in pixels.
const SIDE: f64 = 320.0;
const LEFT: f64 = 52.0;
const BELOW: f64 = 44.0;
const ABOVE: f64 = 16.0;

pub(super) fn calibration(bins: &[CalibrationBin]) -> String {
    let highest = bins
        .iter()
        .map(|bin| bin.predicted.max(interval(bin).map_or(bin.observed, |interval| interval.high)))
        .fold(0.05, f64::max);
    // The next tenth, or twentieth where all is small.
    let step = if highest > 0.5 {
        0.2
    } else if highest > 0.25 {
        0.1
    } else {
        0.05
    };
    let top = ((highest / step).ceil() * step).min(1.0);
    let x = |share: f64| LEFT + SIDE * (share / top).clamp(0.0, 1.0);
    let y = |share: f64| ABOVE + SIDE * (1.0 - (share / top).clamp(0.0, 1.0));
    let (width, height) = (LEFT + SIDE + 16.0, ABOVE + SIDE + BELOW);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"Calibration\" font-family=\"sans-serif\" font-size=\"11\" fill=\"#333\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for tick in 0..=(top / step).round() as u32 {
        let share = f64::from(tick) * step;
        let (across, up) = (x(share), y(share));
        let _ = write!(
            svg,
            "<path d=\"M{across:.1} {:.1}V{:.1}M{LEFT:.1} {up:.1}H{:.1}\" stroke=\"#e3e3e3\"/>\n\
             <text x=\"{across:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{share:.2}</text>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{share:.2}</text>\n",
            ABOVE,
            ABOVE + SIDE,
            LEFT + SIDE,
            ABOVE + SIDE + 16.0,
            LEFT - 6.0,
            up + 4.0,
        );
    }
    let _ = writeln!(
        svg,
        "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#999\" stroke-dasharray=\"4 3\"/>",
        x(0.0),
        y(0.0),
        x(top),
        y(top)
    );
    for bin in bins {
        if let Some(Interval { low, high }) = interval(bin) {
            let across = x(bin.predicted);
            let _ = writeln!(svg, "<path d=\"M{across:.1} {:.1}V{:.1}\" stroke=\"#1f6f8b\"/>", y(low), y(high));
        }
        let _ = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\" fill=\"#1f6f8b\"/>",
            x(bin.predicted),
            y(bin.observed)
        );
    }
    let (middle, side) = (LEFT + SIDE / 2.0, ABOVE + SIDE / 2.0);
    let _ = write!(
        svg,
        "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">probability that was said</text>\n\
         <text transform=\"translate(14 {side:.1}) rotate(-90)\" text-anchor=\"middle\">share with a finding</text>\n</svg>\n",
        height - 8.0
    );
    svg
}

fn interval(bin: &CalibrationBin) -> Option<Interval> {
    Interval::of_share(bin.observed, bin.weight)
}
