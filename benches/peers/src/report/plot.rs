//! Plots as SVG.

use super::table::ms;
use super::{Measured, Report, RunReport};
use crate::error::PeersError;
use crate::peer::Peer;
use plotters::prelude::*;
use std::collections::BTreeMap;

const SIZE: (u32, u32) = (720, 380);
const COLOURS: [RGBColor; 7] = [
    RGBColor(0xc0, 0x39, 0x2b),
    RGBColor(0xe6, 0x7e, 0x22),
    RGBColor(0x29, 0x80, 0xb9),
    RGBColor(0x27, 0xae, 0x60),
    RGBColor(0x8e, 0x44, 0xad),
    RGBColor(0x16, 0xa0, 0x85),
    RGBColor(0x7f, 0x8c, 0x8d),
];

/// One number of a peer in a run.
type Value = fn(&RunReport, &Measured) -> Option<f64>;

/// What is drawn over the size of a circuit.
pub struct Plot {
    pub title: &'static str,
    axis: &'static str,
    value: Value,
}

pub const PLOTS: [Plot; 4] = [
    Plot {
        title: "Time of a proof",
        axis: "ms, logarithmic",
        value: |_, m| Some(m.prove.as_ref()?.median),
    },
    Plot {
        title: "Time of a proof for each constraint",
        axis: "microseconds, logarithmic",
        value: |run, m| Some(m.prove.as_ref()?.median * 1e3 / run.constraints.max(1) as f64),
    },
    Plot {
        title: "Peak memory for each constraint",
        axis: "bytes, logarithmic",
        value: |_, m| Some(m.bytes_per_constraint? as f64),
    },
    Plot {
        title: "From the key's file to a peer that is ready",
        axis: "ms, logarithmic",
        value: |_, m| m.load_ms,
    },
];

/// A peer's points: logarithm of the domain, and the value.
type Line = (Peer, Vec<(f64, f64)>);

fn lines(report: &Report, kind: &str, threads: usize, value: Value) -> Vec<Line> {
    let mut lines: BTreeMap<Peer, Vec<(f64, f64)>> = BTreeMap::new();
    let runs = report.runs.iter();
    for run in runs.filter(|run| run.kind == kind && run.threads == threads) {
        for peer in Peer::ALL {
            let measured = run.measured.iter().find(|m| m.peer == peer.name());
            let value = measured.and_then(|m| value(run, m));
            // A logarithm is drawn.
            if let Some(value) = value.filter(|value| value.is_finite() && *value > 0.0) {
                let log = f64::from(run.domain.max(1).ilog2());
                lines.entry(peer).or_default().push((log, value));
            }
        }
    }
    lines.into_iter().collect()
}

/// Draws one number over the sizes of one kind of circuit; `None` where there is nothing to draw.
///
/// **Errors**: what the library says.
pub fn draw(
    report: &Report,
    plot: &Plot,
    kind: &str,
    threads: usize,
) -> Result<Option<String>, PeersError> {
    let lines = lines(report, kind, threads, plot.value);
    if lines.is_empty() {
        return Ok(None);
    }
    let mut svg = String::new();
    let drawn = chart(&mut svg, plot, &lines);
    drawn.map_err(|error| PeersError::Report(error.to_string()))?;
    Ok(Some(svg))
}

/// The smallest and the largest of numbers.
fn ends(numbers: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let least = numbers.clone().fold(f64::INFINITY, f64::min);
    (least, numbers.fold(f64::NEG_INFINITY, f64::max))
}

fn chart(svg: &mut String, plot: &Plot, lines: &[Line]) -> Result<(), Box<dyn std::error::Error>> {
    let points = || lines.iter().flat_map(|(_, points)| points.iter());
    let (left, right) = ends(points().map(|point| point.0));
    let (low, high) = ends(points().map(|point| point.1));
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(8)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d(
            left - 0.25..right + 1.5,
            (low / 1.5..high * 1.5).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc("logarithm of the domain")
        .y_desc(plot.axis)
        .x_labels((right - left) as usize + 2)
        .x_label_formatter(&|log| match log.fract() == 0.0 && *log <= right {
            true => format!("{log:.0}"),
            false => String::new(),
        })
        .y_labels(6)
        .y_label_formatter(&|value| ms(*value))
        .light_line_style(WHITE)
        .draw()?;
    for (peer, points) in lines {
        let place = Peer::ALL.iter().position(|known| known == peer);
        let colour = COLOURS[place.unwrap_or(0) % COLOURS.len()];
        let style = colour.stroke_width(2);
        chart
            .draw_series(LineSeries::new(points.iter().copied(), style))?
            .label(peer.name())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
        let dots = points
            .iter()
            .map(|point| Circle::new(*point, 3, colour.filled()));
        chart.draw_series(dots)?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::MiddleRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    area.present()?;
    drop(chart);
    Ok(())
}
