//! Datasets in words.

use super::reading::report_lines;
use super::{Render, count, list, quoted};
use crate::journey::dataset::{
    ColumnSummary, CommitEstimate, DatasetCommitted, DatasetInspected, DatasetLine, DatasetList,
    DatasetRead, DatasetRegistered, DatasetReported, DatasetStored, DroppedValues, OmopWritten,
    RateSource, ReportRead, SchemaChecked, SchemaDrafted, SourceSummary,
};

/// Most skipped files that are named.
const MOST_SKIPPED: usize = 20;

/// Counts of what was read and left out.
fn summary(rows: u64, subjects: u64, source: &SourceSummary) -> Vec<String> {
    let mut lines = vec![format!(
        "  {} of {} from {}; {} skipped, {} dropped",
        count(rows, "row"),
        count(subjects, "subject"),
        count(source.files as u64, "file"),
        count(source.skipped.len() as u64, "file"),
        count(source.dropped, "value")
    )];
    let skipped = source.skipped.iter();
    let named = skipped
        .take(MOST_SKIPPED)
        .map(|s| format!("  skipped {}: {}", s.file, s.why));
    lines.extend(named);
    if let Some(more @ 1..) = source.skipped.len().checked_sub(MOST_SKIPPED) {
        lines.push(format!("  and {} more", count(more as u64, "skipped file")));
    }
    lines.extend(
        source
            .dropped_because
            .iter()
            .map(|d| dropped_line("dropped", d)),
    );
    lines.extend(source.kept.iter().map(|d| dropped_line("kept", d)));
    let header = source.subject_header.as_ref();
    lines.extend(header.map(|h| format!("  the subject is in the column {}", quoted(h))));
    lines
}

fn dropped_line(what: &str, drop: &DroppedValues) -> String {
    let column = drop.column.as_ref().map(|c| format!("{c}: "));
    let first = drop.first.as_ref().map(|f| format!(", first {f}"));
    format!(
        "  {what} {}: {}{}{}",
        drop.count,
        column.unwrap_or_default(),
        drop.reason,
        first.unwrap_or_default()
    )
}

impl Render for SchemaDrafted {
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match (&self.file, &self.schema) {
            (Some(file), _) => lines.push(format!("a schema was proposed: {file}")),
            (None, Some(schema)) => lines.extend(schema.lines().map(str::to_owned)),
            (None, None) => {}
        }
        lines.extend(self.evidence.iter().map(|seen| format!("  seen: {seen}")));
        lines.extend(self.open.iter().map(|open| format!("  open: {open}")));
        lines.push("  look at names, ranges and which columns identify somebody, then `medveil schema check`".to_owned());
        lines
    }
}

impl Render for OmopWritten {
    fn lines(&self) -> Vec<String> {
        let (schema, queries) = (&self.schema, &self.queries);
        let mut lines = vec![format!("written for OMOP CDM 5.4: {schema}, {queries}")];
        for left in &self.left_out {
            let tables = left.missing_tables.join(", ");
            lines.push(format!(
                "  left out: {}: no table {tables}",
                left.columns.join(", ")
            ));
        }
        if self
            .left_out
            .iter()
            .any(|l| l.missing_tables.iter().any(|t| t.starts_with("concept")))
        {
            lines.push("  the tables of the vocabulary are free at athena.ohdsi.org: SNOMED, LOINC and UCUM are needed".to_owned());
        }
        lines.push("  read what each statement takes for granted (ASSUMED), and delete what is not to be shared".to_owned());
        lines.push(format!(
            "  then `medveil dataset inspect {queries} --schema {schema}`"
        ));
        lines
    }
}

impl Render for SchemaChecked {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec!["every value that the schema asks for fits".to_owned()];
        lines.extend(summary(
            self.rows as u64,
            self.subjects as u64,
            &self.source,
        ));
        let loss = |loss: &String| {
            format!("  lost: {loss}: `dataset commit --accept {loss}` lets it stand")
        };
        lines.extend(self.losses.iter().map(loss));
        lines
    }
}

impl Render for DatasetInspected {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{}:", self.path)];
        lines.extend(summary(
            self.rows as u64,
            self.subjects as u64,
            &self.source,
        ));
        let column = |c: &ColumnSummary| {
            format!(
                "  column {:<16} {:<8} present in {} of {} rows, proven span {} .. {}",
                c.name, c.kind, c.present, self.rows, c.low, c.high
            )
        };
        lines.extend(self.columns.iter().map(column));
        lines.extend(estimate(&self.estimate, self.tier));
        lines
    }
}

/// What a commit will take.
fn estimate(own: &CommitEstimate, tier: usize) -> Vec<String> {
    const MIB: u64 = 1 << 20;
    let by = match own.rate {
        RateSource::Proofs => "by earlier proofs of this home",
        RateSource::Calibration => "by a short calibration: this home made no such proof yet",
    };
    let mut lines = vec![
        format!(
            "  a commit makes {} of {tier} rows and {} of {} constraints",
            count(own.chunks as u64, "chunk"),
            count(own.proofs as u64, "proof"),
            own.constraints
        ),
        format!(
            "  proving takes about {} to {} s ({by}), and {} to {} MiB of memory",
            own.proving_seconds_low,
            own.proving_seconds_high,
            own.memory_bytes_low / MIB,
            own.memory_bytes_high.div_ceil(MIB)
        ),
        format!("  the encrypted pages take {} bytes", own.pages_bytes),
    ];
    let refused = own.refused.as_ref();
    lines.extend(refused.map(|why| format!("  a commit would be refused: {why}")));
    lines
}

impl Render for DatasetCommitted {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!(
                "{} committed {}: {} of {} in {} of {} rows",
                self.holder,
                self.dataset,
                count(self.rows, "row"),
                count(self.subjects, "subject"),
                count(self.chunks as u64, "chunk"),
                self.tier
            ),
            "  every page is encrypted and every block proven; nothing has left the holder's folder"
                .to_owned(),
        ];
        lines.extend(summary(self.rows, self.subjects, &self.source));
        lines.push(format!("  reading report {}", self.reading));
        lines
    }
}

impl Render for DatasetRegistered {
    fn lines(&self) -> Vec<String> {
        vec![
            format!(
                "{} registered {}: {} verified by the endorsing organisations, {} bytes",
                self.holder,
                self.name,
                count(self.proofs as u64, "proof"),
                self.bytes
            ),
            format!(
                "  everybody sees: {}, {}, the schema, the roots; nobody sees a value",
                count(self.rows, "row"),
                count(self.subjects, "subject")
            ),
            format!("  dataset {}", self.dataset),
        ]
    }
}

impl Render for DatasetStored {
    fn lines(&self) -> Vec<String> {
        vec![
            format!(
                "{} stored the encrypted pages of {}: {} bytes in {}",
                self.holder,
                self.name,
                self.bytes,
                match self.blocks.len() {
                    0 => "no transaction: the peers had them".to_owned(),
                    n => count(n as u64, "transaction"),
                }
            ),
            format!(
                "  ciphertext lies with {}; everybody else sees its hash; nobody without a key reads it",
                list(&self.members)
            ),
        ]
    }
}

impl Render for DatasetRead {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{} read {} and checked {} against the ledger's roots",
            self.actor,
            count(self.rows as u64, "row"),
            count(self.chunks as u64, "chunk")
        )];
        let spoiled = self.spoiled.iter().take(MOST_SKIPPED);
        lines.extend(spoiled.map(|s| format!("  spoiled: row {}, {}: {}", s.row, s.column, s.why)));
        if let Some(more @ 1..) = self.spoiled.len().checked_sub(MOST_SKIPPED) {
            lines.push(format!("  and {} more", count(more as u64, "spoiled cell")));
        }
        match &self.report {
            ReportRead::Open(report) => lines.extend(report_lines(report)),
            ReportRead::Unreadable(why) => lines.push(format!("  no reading report: {why}")),
        }
        match &self.out {
            Some(path) => lines.push(format!("  rows written to {path}")),
            None => lines.extend(self.first.0.iter().map(|row| format!("  {row}"))),
        }
        lines
    }
}

impl Render for DatasetReported {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            "the holder's own words on what it read; the registration binds it to them".to_owned(),
        ];
        lines.extend(report_lines(self));
        if self.closed > 0 {
            lines.push(format!(
                "  {} not open here",
                count(self.closed as u64, "part")
            ));
        }
        lines.extend(self.out.iter().map(|path| format!("  written to {path}")));
        lines
    }
}

impl Render for DatasetList {
    fn lines(&self) -> Vec<String> {
        if self.datasets.is_empty() {
            let how = "`medveil dataset commit` and `medveil dataset register`";
            return vec![format!("no dataset is registered yet: {how}")];
        }
        let line = |d: &DatasetLine| format!("{}/{}  lineage {}", d.holder, d.name, d.lineage);
        self.datasets.iter().map(line).collect()
    }
}
