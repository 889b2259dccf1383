//! Sources with types of their own. Each kind is a feature of the build.

use super::{OpenTable, Opened};
use crate::error::SourceError;
use crate::plan::Plan;
use std::path::Path;

#[cfg(not(all(feature = "excel", feature = "parquet", feature = "dicom")))]
use super::left_out;

/// The sheets of a workbook.
#[cfg(feature = "excel")]
pub(super) fn workbook(path: &Path, gather: bool) -> Result<Opened, SourceError> {
    use medveil_tables::excel::{ExcelLimits, Workbook};
    let mut book = Workbook::open(path, ExcelLimits::default())?;
    if gather {
        book.gather();
    }
    let mut opened = Opened::default();
    for sheet in book.sheets() {
        match book.table(sheet) {
            Ok(table) => opened.tables.push(OpenTable {
                path: path.to_owned(),
                table: Box::new(table),
            }),
            Err(error) if gather => {
                let place = format!("{}, sheet {sheet}", path.display());
                opened.refused.push((place, error));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(opened)
}

#[cfg(not(feature = "excel"))]
pub(super) fn workbook(path: &Path, _: bool) -> Result<Opened, SourceError> {
    Err(left_out(path, "workbooks", "excel"))
}

/// A Parquet or Arrow file: of its columns those that are read.
#[cfg(feature = "parquet")]
pub(super) fn columnar(path: &Path, plan: &Plan) -> Result<OpenTable, SourceError> {
    use medveil_tables::{ArrowTable, ParquetTable, Table};
    fn wanted(table: &dyn Table, plan: &Plan) -> Vec<String> {
        let names = table.columns().iter().map(|column| column.name.clone());
        names
            .filter(|name| plan.everything || plan.wants(name))
            .collect()
    }
    let table: Box<dyn Table> = match crate::kind::ending(path).as_deref() {
        Some("parquet") => {
            let table = ParquetTable::open(path)?;
            let names = wanted(&table, plan);
            Box::new(table.select(&names.iter().map(String::as_str).collect::<Vec<_>>())?)
        }
        _ => {
            let table = ArrowTable::open(path)?;
            let names = wanted(&table, plan);
            Box::new(table.select(&names.iter().map(String::as_str).collect::<Vec<_>>())?)
        }
    };
    Ok(OpenTable {
        path: path.to_owned(),
        table,
    })
}

#[cfg(not(feature = "parquet"))]
pub(super) fn columnar(path: &Path, _: &Plan) -> Result<OpenTable, SourceError> {
    Err(left_out(path, "Parquet and Arrow", "parquet"))
}

/// The headers of DICOM files as one table: its columns are the tags that the schema names.
#[cfg(feature = "dicom")]
pub(super) fn dicom(path: &Path, plan: &Plan) -> Result<Opened, SourceError> {
    use crate::reading::Skipped;
    use medveil_tables::dicom::{
        DicomColumn, DicomLevel, DicomLimits, DicomReduce, DicomSettings, DicomTable,
    };
    let level = plan.level.as_deref().and_then(DicomLevel::of_word);
    let level = level.ok_or_else(|| {
        let expected = "source.level: expected study, series or instance".to_owned();
        SourceError::Schema(vec![expected])
    })?;
    let column = |(name, path, reduce): (String, String, Option<String>)| DicomColumn {
        name,
        path,
        reduce: reduce.as_deref().and_then(DicomReduce::of_word),
    };
    let settings = DicomSettings {
        level,
        columns: plan.elements().into_iter().map(column).collect(),
    };
    let table = DicomTable::open(path, &settings, DicomLimits::default())?;
    let skipped = table.skipped().iter().map(|file| Skipped {
        path: file.path.clone(),
        why: file.reason.to_string(),
    });
    let skipped = skipped.collect();
    let table = OpenTable {
        path: path.to_owned(),
        table: Box::new(table),
    };
    Ok(Opened {
        tables: vec![table],
        selected: Vec::new(),
        skipped,
        refused: Vec::new(),
    })
}

#[cfg(not(feature = "dicom"))]
pub(super) fn dicom(path: &Path, _: &Plan) -> Result<Opened, SourceError> {
    Err(left_out(path, "DICOM", "dicom"))
}
