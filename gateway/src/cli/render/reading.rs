//! Reading reports in words.

use super::verify::date;
use super::{count, quoted};
use crate::journey::dataset::{
    ColumnReading, DatasetReported, FilesReading, Part, ReasonCount, WholeReading,
};
use crate::streams::one_line;

/// Most files that are named.
const MOST_FILES: usize = 20;

/// What a report says, part by part.
pub fn report_lines(report: &DatasetReported) -> Vec<String> {
    let mut lines = vec![format!("  reading report {}", report.root)];
    for part in &report.report {
        match part {
            Part::Whole(whole) => lines.extend(whole_lines(whole)),
            Part::Files(files) => lines.extend(file_lines(files)),
            Part::Column(column) => lines.extend(column_lines(column)),
        }
    }
    lines
}

fn whole_lines(whole: &WholeReading) -> Vec<String> {
    let mut lines = vec![format!(
        "  read on {}: {} ({}), {} skipped; {} of {}",
        date(whole.day),
        count(whole.files, "file"),
        one_line(&whole.kind),
        count(whole.skipped, "file"),
        count(whole.rows, "row"),
        count(whole.subjects, "subject")
    )];
    let versions = whole.versions.iter().map(|(name, v)| format!("{name} {v}"));
    let versions: Vec<String> = versions.collect();
    lines.push(format!("  by {}", one_line(&versions.join(", "))));
    let header = whole.subject_header.as_ref();
    lines.extend(header.map(|h| format!("  the subject is in the column {}", quoted(h))));
    lines.extend(whole.counts.iter().map(|c| format!("  {}", reason(c))));
    let accepted = whole.accepted.iter();
    lines.extend(accepted.map(|loss| format!("  accepted as a loss: {}", one_line(loss))));
    lines
}

fn column_lines(column: &ColumnReading) -> Vec<String> {
    let name = one_line(&column.column);
    let lost = if column.accepted {
        ", accepted as a loss"
    } else {
        ""
    };
    let first = format!(
        "  {name}: a value in {}{lost}",
        count(column.present, "row")
    );
    let counts = column.counts.iter();
    let counts = counts.map(|c| format!("  {name}: {}", reason(c)));
    std::iter::once(first).chain(counts).collect()
}

fn reason(count: &ReasonCount) -> String {
    let fate = count.fate.replace('_', " ");
    format!(
        "{} {}: {}",
        count.count,
        one_line(&fate),
        one_line(&count.reason)
    )
}

fn file_lines(files: &FilesReading) -> Vec<String> {
    let read = files
        .read
        .iter()
        .map(|f| format!("  read {}", one_line(&f.file)));
    let skipped = files.skipped.iter().map(|f| {
        let (file, why) = (one_line(&f.file), one_line(&f.why));
        format!("  skipped {file}: {why}")
    });
    let mut lines: Vec<String> = read.chain(skipped).collect();
    if let Some(more @ 1..) = lines.len().checked_sub(MOST_FILES) {
        lines.truncate(MOST_FILES);
        lines.push(format!("  and {}", count(more as u64, "more file")));
    }
    lines
}
