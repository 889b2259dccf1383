//! Whole files and folders: levels, syntaxes, sequences, what is skipped and what is refused.

mod hostile;
mod levels;
mod syntaxes;
mod write;

use super::*;
use write::{EXPLICIT, Set, instance};

/// A value that no message may show.
const CANARY: &str = "CANARY7";
const IDS: [&str; 3] = ["1.1", "1.1.1", "1.1.1.1"];

fn column(path: &str) -> DicomColumn {
    DicomColumn {
        name: path.to_owned(),
        path: path.to_owned(),
        reduce: None,
    }
}

fn shown(cell: &Scalar) -> String {
    match cell {
        Scalar::Null => "-".to_owned(),
        Scalar::Text(text) => format!("t:{text}"),
        Scalar::Number(text) => format!("n:{text}"),
        Scalar::Bool(value) => format!("b:{value}"),
        Scalar::Date(text) => format!("d:{text}"),
        Scalar::Time(text) => format!("z:{text}"),
        Scalar::Error(error) => format!("!{}", error.expected),
    }
}

/// The rows of a folder, or the message with what it is caused by.
fn rows(
    path: &Path,
    level: DicomLevel,
    columns: Vec<DicomColumn>,
    limits: DicomLimits,
) -> Result<Vec<Vec<String>>, String> {
    let settings = DicomSettings { level, columns };
    let mut out = Vec::new();
    let read = DicomTable::open(path, &settings, limits).and_then(|mut table| {
        table.rows(&mut |record| {
            assert_eq!(record.row, out.len() as u64 + 1);
            out.push(record.cells.iter().map(shown).collect());
            Ok(())
        })
    });
    read.map(|()| out).map_err(|error| {
        let message = error.to_string();
        assert!(!message.contains(CANARY), "{message}");
        message
    })
}

/// The columns of one file.
fn read(bytes: &[u8], paths: &[&str]) -> Result<Vec<String>, String> {
    read_limited(bytes, paths, DicomLimits::default())
}

fn read_limited(bytes: &[u8], paths: &[&str], limits: DicomLimits) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one");
    std::fs::write(&path, bytes).unwrap();
    let columns = paths.iter().map(|path| column(path)).collect();
    let mut rows = rows(&path, DicomLevel::Instance, columns, limits)?;
    assert_eq!(rows.len(), 1);
    Ok(rows.remove(0))
}

/// Elements behind the identifiers, explicit little endian.
fn explicit(rest: impl Fn(Set) -> Set) -> Vec<u8> {
    instance(EXPLICIT, IDS, rest)
}

fn check(bytes: &[u8], path: &str, expected: &str) {
    assert_eq!(
        read(bytes, &[path]),
        Ok(vec![expected.to_owned()]),
        "{path}"
    );
}

fn refused(bytes: &[u8], path: &str, part: &str) {
    let message = read(bytes, &[path]).expect_err(path);
    assert!(message.contains(part), "{path}: {message}");
}

#[test]
fn values_by_representation() {
    let file = explicit(|set| {
        set.text((0x28, 0x30), "DS", "1.50E1\\ -0.5")
            .text((0x28, 0x34), "IS", "+07\\1")
            .short((0x28, 0x103), "US", 0)
            .text((0x40, 2), "DA", "20260131")
            .text((0x40, 3), "TM", "1000")
            .text((0x40, 0x4010), "DT", "202601311000+0100")
            .bytes((0x40, 0xa161), "UN", b"")
            .text((0x40, 0xa120), "DT", "")
    });
    // The last two are in the wrong order on purpose.
    assert!(read(&file, &["Modality"]).is_err_and(|e| e.contains("ascending")));
    let file = explicit(|set| {
        set.text((0x28, 0x30), "DS", "1.50E1\\ -0.5")
            .text((0x28, 0x34), "IS", "+07\\1")
            .short((0x28, 0x103), "US", 0xffff)
            .bytes((0x28, 0x9001), "UL", &7u32.to_le_bytes())
            .text((0x40, 2), "DA", "20260131")
            .text((0x40, 3), "TM", "1000 ")
            .text((0x40, 0x4010), "DT", "202601311000+0100")
            .text((0x40, 0xa120), "DT", "")
            .bytes((0x40, 0xa161), "FD", &2.5f64.to_le_bytes())
            .bytes(
                (0x72, 0x76),
                "FL",
                &[0.1f32.to_le_bytes(), f32::NAN.to_le_bytes()].concat(),
            )
            .bytes((0x72, 0x81), "UV", &u64::MAX.to_le_bytes())
            .bytes((0x72, 0x82), "SV", &i64::MIN.to_le_bytes())
            .text((0x72, 0x83), "UC", " two  ")
    });
    check(&file, "Modality", "t:MR");
    check(&file, "PixelSpacing[0]", "n:15.0");
    check(&file, "PixelSpacing[1]", "n:-0.5");
    check(&file, "PixelSpacing[2]", "-");
    check(&file, "PixelAspectRatio[0]", "n:7");
    check(&file, "PixelRepresentation", "n:65535");
    check(&file, "ScheduledProcedureStepStartDate", "d:2026-01-31");
    check(&file, "ScheduledProcedureStepStartTime", "t:1000");
    check(
        &file,
        "ScheduledProcedureStepModificationDateTime",
        "z:2026-01-31T10:00+01:00",
    );
    check(&file, "DateTime", "-");
    check(&file, "PatientID", "-");
    check(&file, "FloatingPointValue", "n:2.5");
    check(&file, "(0072,0076)[0]", "n:0.1");
    check(&file, "TransferSyntaxUID", "t:1.2.840.10008.1.2.1");
    refused(&file, "(0072,0076)[1]", "finite");
    refused(&file, "PixelSpacing", "expected one value, got 2");
    refused(&file, "PixelSpacing[*]", "expected one value, got 2");
    refused(&file, "(0072,0076)[max]", "finite");
}

#[test]
fn what_is_no_value_is_refused_by_its_column() {
    let file = explicit(|set| {
        set.bytes((0x28, 0x1201), "OW", CANARY.as_bytes())
            .text((0x28, 0x4000), "LT", "a\\b ")
            .bytes((0x32, 0x1060), "UN", CANARY.as_bytes())
            .bytes((0x38, 0x10), "LO", b"a\0b ")
            .text((0x38, 0x20), "DA", CANARY)
            .text((0x38, 0x21), "LO", "20260131")
            .bytes((0x40, 0x1001), "SH", b"\xff ")
            .bytes((0x40, 0xa30a), "DS", CANARY.as_bytes())
            .bytes((0x72, 0x78), "UL", b"abc")
    });
    refused(&file, "RequestedProcedureDescription", "(UN)");
    refused(&file, "AdmissionID", "NUL");
    refused(&file, "AdmittingDate", "yyyymmdd");
    // Another representation of the same kind of value.
    check(&file, "AdmittingTime", "t:20260131");
    refused(&file, "RequestedProcedureID", "character set");
    refused(&file, "NumericValue", "decimal");
    refused(&file, "(0072,0078)", "multiple of 4");
    check(&file, "ImagePresentationComments", "t:a\\b");
    let wrong_kind = explicit(|s| s.text((0x38, 0x20), "LO", CANARY));
    refused(&wrong_kind, "AdmittingDate", "as the standard says, got LO");
}

#[test]
fn all_settings_that_are_wrong_come_at_once() {
    let mut columns = vec![
        column("PatientId"),
        column("PixelData"),
        column("Rows"),
        column("Rows"),
    ];
    columns.push(DicomColumn {
        reduce: Some(DicomReduce::Min),
        ..column("Columns")
    });
    let settings = DicomSettings {
        level: DicomLevel::Instance,
        columns,
    };
    let wrong = match DicomTable::open(Path::new("/nowhere"), &settings, DicomLimits::default()) {
        Err(TableError::Settings(wrong)) => wrong,
        _ => panic!("expected settings to be refused"),
    };
    assert_eq!(wrong.len(), 4, "{wrong:?}");
    assert!(wrong[0].contains("PatientID"), "{wrong:?}");
    let empty = DicomSettings {
        level: DicomLevel::Study,
        columns: vec![],
    };
    assert!(DicomTable::open(Path::new("/nowhere"), &empty, DicomLimits::default()).is_err());
}

#[test]
fn words_of_settings_files() {
    for level in [DicomLevel::Study, DicomLevel::Series, DicomLevel::Instance] {
        assert_eq!(DicomLevel::of_word(level.word()), Some(level));
    }
    assert_eq!(DicomLevel::of_word("Study"), None);
    assert_eq!(
        DicomReduce::of_word("count_distinct"),
        Some(DicomReduce::CountDistinct)
    );
    assert_eq!(DicomReduce::of_word("mean"), None);
}

#[test]
fn pixels_are_counted_and_hashed_as_they_stand() {
    let pixels: Vec<u8> = (0..200_001u32).map(|n| n as u8).collect();
    let both = ["pixel_bytes", "pixel_sha256", "Modality"];
    let native = explicit(|set| set.bytes((0x7fe0, 0x10), "OW", &pixels));
    let cells = read(&native, &both).unwrap();
    assert_eq!(cells[0], "n:200001");
    assert_eq!(cells[1], format!("t:{}", hex(&pixels)));
    let encapsulated = explicit(|set| {
        let items = [vec![], vec![1; 10], vec![2; 5000]].map(|out| {
            let mut item = Set::new(write::syntax(EXPLICIT));
            item.out = out;
            item
        });
        let mut inner = Set::new(write::syntax(EXPLICIT));
        for item in items {
            inner = inner.bytes((0xfffe, 0xe000), "", &item.out);
        }
        let mut set = set.head((0x7fe0, 0x10), "OB", write::UNDEFINED);
        set.out.extend(&inner.out);
        set.head((0xfffe, 0xe0dd), "", 0)
    });
    let value = &encapsulated[encapsulated.len() - 8 - (3 * 8 + 5010)..encapsulated.len() - 8];
    let cells = read(&encapsulated, &both).unwrap();
    assert_eq!(
        cells[..2],
        [format!("n:{}", 3 * 8 + 5010), format!("t:{}", hex(value))]
    );
    assert_eq!(
        read(&encapsulated, &["pixel_bytes"]).unwrap(),
        [format!("n:{}", 3 * 8 + 5010)]
    );
    check(&explicit(|set| set), "pixel_sha256", "-");
    check(
        &explicit(|set| set.bytes((0x7fe0, 0x10), "OW", b"")),
        "pixel_bytes",
        "-",
    );
}

fn hex(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}
