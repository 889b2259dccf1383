//! Every header value of real files, against pydicom's reading of the same files.
//!
//! `MEDVEIL_DICOM_FILES` names the folder; the files of the pydicom package serve:
//!
//! ```text
//! pip install --target DIR --no-deps pydicom==3.0.2
//! MEDVEIL_DICOM_FILES=DIR/pydicom/data PYTHONPATH=DIR cargo test --test dicom_reference
//! ```
#![cfg(feature = "dicom")]
#![allow(clippy::unwrap_used)]

use medveil_tables::dicom::{DicomColumn, DicomLevel, DicomLimits, DicomSettings, DicomTable};
use medveil_tables::{Scalar, Table, TableError};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Fewer files than these would compare too little.
const LEAST_FILES: usize = 20;

/// Files that pydicom reads and this reader refuses, each with a part of its reason.
const REFUSED: &[(&str, &str)] = &[
    ("chrSQEncoding.dcm", "expected SOPInstanceUID"),
    ("chrSQEncoding1.dcm", "expected SOPInstanceUID"),
    ("UN_sequence.dcm", "expected SOPInstanceUID"),
    ("empty_charset_LEI.dcm", "expected SOPInstanceUID"),
    ("nested_priv_SQ.dcm", "expected SOPInstanceUID"),
    ("no_meta_group_length.dcm", "expected SOPInstanceUID"),
    ("priv_SQ.dcm", "expected SOPInstanceUID"),
    ("winter.dcm", "ascending order"),
    ("ExplVR_BigEnd.dcm", "ACR-NEMA"),
    ("MR_truncated.dcm", "8130 are left"),
    ("rtplan_truncated.dcm", "29 are left"),
    // Says that it is explicit, and is not.
    ("SC_rgb_jpeg.dcm", "expected a value representation"),
    ("meta_missing_tsyntax.dcm", "TransferSyntaxUID"),
    ("rtdose_rle.dcm", "without one (UN)"),
    ("rtdose_rle_1frame.dcm", "without one (UN)"),
    ("DICOMDIR", "no DICOM file"),
    ("DICOMDIR-bigEnd", "no DICOM file"),
    ("DICOMDIR-empty.dcm", "no DICOM file"),
    ("DICOMDIR-implicit", "no DICOM file"),
    ("DICOMDIR-nooffset", "no DICOM file"),
    ("DICOMDIR-nopatient", "no DICOM file"),
    ("DICOMDIR-reordered", "no DICOM file"),
];

/// The folder of files, if there is one.
fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("MEDVEIL_DICOM_FILES").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("not run: MEDVEIL_DICOM_FILES names no folder of DICOM files");
    }
    folder.inspect(|f| assert!(f.is_dir(), "MEDVEIL_DICOM_FILES: expected a folder"))
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    walk(folder, &mut files);
    files.sort();
    files
}

fn some_columns() -> DicomSettings {
    let paths = [
        "PatientName",
        "pixel_sha256",
        "ImageType[0]",
        "PixelSpacing[0]",
    ];
    let deep = "ReferencedImageSequence[0].ReferencedSOPInstanceUID";
    let column = |path: &str| DicomColumn {
        name: path.to_owned(),
        path: path.to_owned(),
        reduce: None,
    };
    DicomSettings {
        level: DicomLevel::Instance,
        columns: paths.into_iter().chain([deep]).map(column).collect(),
    }
}

#[test]
fn mutations_of_real_files_are_read_or_refused() {
    let Some(folder) = folder() else {
        return;
    };
    let files = files_of(&folder);
    let settings = some_columns();
    let scratch = tempfile::tempdir().unwrap();
    let place = scratch.path().join("file");
    // A simple linear generator: the same in every run.
    let mut state: u64 = 2026;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    let (mut n_good, mut n_bad) = (0, 0);
    for turn in 0..500 {
        let mut bytes = std::fs::read(&files[turn % files.len()]).unwrap();
        if bytes.len() < 200 {
            continue;
        }
        // Heads stand at the beginning.
        let end = bytes.len().min(4000);
        for _ in 0..=next(5) {
            bytes[132 + next(end - 132)] = next(256) as u8;
        }
        std::fs::write(&place, &bytes).unwrap();
        let read = DicomTable::open(&place, &settings, DicomLimits::default());
        match read.and_then(|mut table| table.rows(&mut |_| Ok(()))) {
            Ok(()) => n_good += 1,
            Err(_) => n_bad += 1,
        }
    }
    eprintln!("{n_good} mutations were read, {n_bad} refused");
    assert!(n_good > 0 && n_bad > 0);
}

#[test]
fn values_are_those_of_pydicom() {
    let Some(folder) = folder() else {
        return;
    };
    let files = files_of(&folder);
    let Some(lines) = pydicom(&files) else {
        eprintln!("not run: python3 with pydicom is not there");
        return;
    };
    let (mut n_files, mut n_values, mut wrong) = (0, 0, Vec::new());
    for (line, file) in lines.lines().zip(&files) {
        let answer: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(answer["file"].as_str(), file.to_str());
        let Some(expected) = answer["columns"].as_array() else {
            continue;
        };
        match compare(file, expected) {
            Ok(count) => {
                n_files += 1;
                n_values += count;
            }
            Err(what) => wrong.push((file.clone(), what)),
        }
    }
    eprintln!(
        "{n_files} files, {n_values} values are those of pydicom; {} refused",
        wrong.len()
    );
    wrong.retain(|(file, what)| {
        let reason = REFUSED.iter().find(|(name, _)| file.ends_with(name));
        !reason.is_some_and(|(_, part)| what.iter().all(|w| w.contains(part)))
    });
    for (file, what) in &wrong {
        eprintln!("{}: {}", file.display(), what.join("\n    "));
    }
    assert!(wrong.is_empty(), "{} files differ", wrong.len());
    assert!(
        n_files >= LEAST_FILES,
        "expected {LEAST_FILES} files, got {n_files}"
    );
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => walk(&path, files),
            false => files.push(path),
        }
    }
}

/// A line a file; none without python3 and pydicom.
fn pydicom(files: &[PathBuf]) -> Option<String> {
    let python = |arguments: &[&str]| Command::new("python3").args(arguments).output();
    python(&["-c", "import pydicom"])
        .ok()
        .filter(|o| o.status.success())?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference.py");
    let output = Command::new("python3")
        .arg(script)
        .args(files)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

/// How many values are the same; or what is not.
fn compare(file: &Path, expected: &[serde_json::Value]) -> Result<usize, Vec<String>> {
    let text = |cell: &serde_json::Value, at: usize| cell[at].as_str().unwrap().to_owned();
    let settings = DicomSettings {
        level: DicomLevel::Instance,
        columns: expected
            .iter()
            .enumerate()
            .map(|(place, cell)| DicomColumn {
                name: format!("{place} {}", text(cell, 0)),
                path: text(cell, 0),
                reduce: None,
            })
            .collect(),
    };
    let refused = |error: TableError| match error {
        TableError::Settings(all) => all,
        other => vec![other.to_string()],
    };
    let mut table = DicomTable::open(file, &settings, DicomLimits::default()).map_err(refused)?;
    let mut differ = Vec::new();
    let mut n_rows = 0;
    let read = table.rows(&mut |record| {
        n_rows += 1;
        for (cell, expected) in record.cells.iter().zip(expected) {
            let shown = shown(cell);
            if shown != (text(expected, 1), text(expected, 2)) {
                differ.push(format!("{expected}: got {shown:?}"));
            }
        }
        Ok(())
    });
    read.map_err(refused)?;
    assert_eq!(n_rows, 1);
    match differ.is_empty() {
        true => Ok(expected.len()),
        false => Err(differ),
    }
}

fn shown(cell: &Scalar) -> (String, String) {
    let (kind, text) = match cell {
        Scalar::Null => ("null", ""),
        Scalar::Text(text) => ("text", text.as_str()),
        Scalar::Number(text) => ("number", text.as_str()),
        Scalar::Bool(_) => ("bool", ""),
        Scalar::Date(text) => ("date", text.as_str()),
        Scalar::Time(text) => ("time", text.as_str()),
        Scalar::Error(error) => ("error", error.expected),
    };
    (kind.to_owned(), text.to_owned())
}
