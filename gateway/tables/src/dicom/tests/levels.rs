//! Rows of studies and series, files that are given twice, files that are skipped.

use super::write::{self, EXPLICIT, Set, file_of_class, instance, syntax};
use super::*;
use std::fs;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn add(self, name: &str, ids: [&str; 3], rest: impl Fn(Set) -> Set) -> Folder {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, instance(EXPLICIT, ids, rest)).unwrap();
        self
    }

    fn rows(
        &self,
        level: DicomLevel,
        columns: Vec<DicomColumn>,
    ) -> Result<Vec<Vec<String>>, String> {
        rows(self.0.path(), level, columns, DicomLimits::default())
    }
}

/// Two studies: one with two series of two and one files, one with one file.
fn two_studies() -> Folder {
    let row = |number: &'static str, thickness: &'static str| {
        move |set: Set| {
            let set = set.text((0x20, 0x13), "IS", number);
            set.text((0x28, 0x30), "DS", thickness)
        }
    };
    Folder::new()
        .add("a/2", ["1", "1.1", "1.1.2"], row("2", "1.50"))
        .add("a/1.dcm", ["1", "1.1", "1.1.1"], row("10", "1.5"))
        .add("b/1", ["1", "1.2", "1.2.1"], row("9", ""))
        .add("c", ["2", "2.1", "2.1.1"], row("1", "3"))
}

fn reduced(path: &str, reduce: DicomReduce) -> DicomColumn {
    DicomColumn {
        name: format!("{path} {reduce:?}"),
        reduce: Some(reduce),
        ..column(path)
    }
}

#[test]
fn one_number_of_two_patients_is_refused() {
    let file = |name: &'static str, number: &'static str, issuer: &'static str| {
        move |folder: Folder| {
            let set = Set::new(syntax(EXPLICIT)).text((8, 0x18), "UI", name);
            let set = set.text((8, 0x60), "CS", "MR");
            let set = set.text((0x10, 0x20), "LO", number);
            let set = set.text((0x10, 0x21), "LO", issuer);
            fs::write(folder.0.path().join(name), write::file(EXPLICIT, &set.out)).unwrap();
            folder
        }
    };
    let read = |folder: &Folder, path: &str| folder.rows(DicomLevel::Instance, vec![column(path)]);
    let fine = file("2", "7", "A")(file("3", "8", "B")(file("4", "7", "")(Folder::new())));
    assert_eq!(read(&fine, "PatientID").unwrap().len(), 3);
    let two = file("5", "7", "B")(fine);
    let error = read(&two, "PatientID").unwrap_err();
    assert!(error.contains("IssuerOfPatientID"), "{error}");
    assert_eq!(read(&two, "Modality").unwrap().len(), 4);
}

#[test]
fn one_row_a_file_a_series_a_study() {
    let folder = two_studies();
    let paths = || vec![column("StudyInstanceUID"), column("Modality")];
    let count = |level| folder.rows(level, paths()).unwrap().len();
    assert_eq!(count(DicomLevel::Instance), 4);
    assert_eq!(count(DicomLevel::Series), 3);
    assert_eq!(count(DicomLevel::Study), 2);
    let rows = folder.rows(DicomLevel::Study, paths()).unwrap();
    assert_eq!(rows, [["t:1", "t:MR"], ["t:2", "t:MR"]]);
    let numbers = folder.rows(DicomLevel::Instance, vec![column("InstanceNumber")]);
    assert_eq!(numbers.unwrap(), [["n:10"], ["n:2"], ["n:9"], ["n:1"]]);
}

#[test]
fn reductions() {
    use DicomReduce::*;
    let folder = two_studies();
    let columns = [First, Min, Max, CountDistinct]
        .map(|reduce| reduced("InstanceNumber", reduce))
        .into_iter()
        .chain([First, Min, Max, CountDistinct].map(|r| reduced("PixelSpacing", r)));
    let rows = folder.rows(DicomLevel::Study, columns.collect()).unwrap();
    assert_eq!(
        rows[0],
        [
            "n:10", "n:2", "n:10", "n:3", "n:1.5", "n:1.5", "n:1.5", "n:1"
        ]
    );
    assert_eq!(
        rows[1],
        ["n:1", "n:1", "n:1", "n:1", "n:3", "n:3", "n:3", "n:1"]
    );
}

#[test]
fn contradictions_are_refused_with_their_files() {
    let folder = two_studies();
    let columns = vec![
        column("InstanceNumber"),
        column("Modality"),
        column("SeriesInstanceUID"),
    ];
    let message = folder.rows(DicomLevel::Study, columns).unwrap_err();
    let lines: Vec<_> = message.lines().collect();
    assert_eq!(lines.len(), 2, "{message}");
    assert!(
        lines[0].contains("a/1.dcm and ") && lines[0].contains("a/2"),
        "{message}"
    );
    assert!(
        lines[0].contains("count_distinct") && lines[1].contains("b/1"),
        "{message}"
    );
    let equal = folder
        .rows(DicomLevel::Series, vec![column("PixelSpacing")])
        .unwrap();
    assert_eq!(equal[0], ["n:1.5"]);
    // Nothing and something are a contradiction, too.
    let columns = vec![column("PixelSpacing")];
    assert!(folder.rows(DicomLevel::Study, columns).is_err());
}

#[test]
fn a_series_is_of_one_study() {
    let folder =
        Folder::new()
            .add("a", ["1", "7", "1.1"], |set| set)
            .add("b", ["2", "7", "1.2"], |set| set);
    let message = folder
        .rows(DicomLevel::Series, vec![column("Modality")])
        .unwrap_err();
    assert!(message.contains("one StudyInstanceUID"), "{message}");
}

#[test]
fn values_without_an_order_are_refused() {
    let folder = Folder::new()
        .add("a", ["1", "7", "1.1"], |set| {
            set.text((0x40, 0xa120), "DT", "2026")
        })
        .add("b", ["1", "7", "1.2"], |set| {
            set.text((0x40, 0xa120), "DT", "202601")
        });
    let columns = vec![reduced("DateTime", DicomReduce::Min)];
    let message = folder.rows(DicomLevel::Series, columns).unwrap_err();
    assert!(message.contains("precision"), "{message}");
}

#[test]
fn the_same_bytes_count_once_and_others_are_refused() {
    let comment = |text: &'static str| move |set: Set| set.text((0x40, 0xa160), "UT", text);
    let folder = Folder::new()
        .add("a", IDS, comment("one"))
        .add("copy/a", IDS, comment("one"));
    let columns = || vec![column("Modality")];
    assert_eq!(
        folder.rows(DicomLevel::Instance, columns()).unwrap().len(),
        1
    );
    let folder = folder.add("other", IDS, comment(CANARY));
    let message = folder.rows(DicomLevel::Study, columns()).unwrap_err();
    assert!(
        message.contains("one SOPInstanceUID") && message.contains("other"),
        "{message}"
    );
}

#[test]
fn identifiers_are_needed_where_rows_are_told_apart_by_them() {
    let folder = Folder::new().add("a", ["", "1.1", "1.1.1"], |set| set);
    let columns = || vec![column("Modality")];
    assert!(folder.rows(DicomLevel::Instance, columns()).is_ok());
    let message = folder.rows(DicomLevel::Study, columns()).unwrap_err();
    assert!(message.contains("StudyInstanceUID"), "{message}");
    let folder = Folder::new().add("a", ["1", "1.1", CANARY], |set| set);
    assert!(folder.rows(DicomLevel::Instance, columns()).is_err());
}

#[cfg(unix)]
#[test]
fn other_files_are_skipped_with_a_reason() {
    let folder = two_studies();
    let root = folder.0.path();
    fs::write(root.join("notes.txt"), "no images here").unwrap();
    fs::write(root.join("empty.dcm"), "").unwrap();
    let directory = file_of_class(EXPLICIT, "1.2.840.10008.1.3.10", &[]);
    fs::write(root.join("DICOMDIR"), directory).unwrap();
    std::os::unix::fs::symlink(root, root.join("link")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let settings = DicomSettings {
        level: DicomLevel::Study,
        columns: vec![column("Modality")],
    };
    let table = DicomTable::open(root, &settings, DicomLimits::default()).unwrap();
    let skipped = table.skipped().iter();
    let skipped: Vec<_> = skipped
        .map(|s| (s.path.strip_prefix(root).unwrap(), s.reason))
        .collect();
    let expected = [
        ("DICOMDIR", SkipReason::Directory),
        ("empty.dcm", SkipReason::NotDicom),
        ("link", SkipReason::Link),
        ("notes.txt", SkipReason::NotDicom),
        ("socket", SkipReason::Special),
    ];
    assert_eq!(
        skipped,
        expected.map(|(path, reason)| (Path::new(path), reason))
    );
    assert_eq!(table.n_files(), 4);
}

#[test]
fn limits_and_empty_folders() {
    let folder = two_studies();
    let with = |limits| {
        rows(
            folder.0.path(),
            DicomLevel::Study,
            vec![column("Modality")],
            limits,
        )
    };
    let limits = DicomLimits::default();
    assert!(with(DicomLimits { files: 3, ..limits }).is_err_and(|e| e.contains("3 files")));
    assert!(
        with(DicomLimits {
            folders: 0,
            ..limits
        })
        .is_err_and(|e| e.contains("folders"))
    );
    let empty = tempfile::tempdir().unwrap();
    let message = rows(
        empty.path(),
        DicomLevel::Study,
        vec![column("Modality")],
        limits,
    );
    assert!(message.is_err_and(|e| e.contains("no DICOM file")));
    let nowhere = empty.path().join("nowhere");
    assert!(
        rows(
            &nowhere,
            DicomLevel::Study,
            vec![column("Modality")],
            limits
        )
        .is_err()
    );
}

#[test]
fn what_the_caller_answers_ends_the_reading() {
    let folder = two_studies();
    let settings = DicomSettings {
        level: DicomLevel::Instance,
        columns: vec![column("Modality")],
    };
    let mut table = DicomTable::open(folder.0.path(), &settings, DicomLimits::default()).unwrap();
    let mut n_rows = 0;
    let answer = table.rows(&mut |_| {
        n_rows += 1;
        Err(TableError::Taken("enough".into()))
    });
    assert!(matches!(answer, Err(TableError::Taken(_))) && n_rows == 1);
}

#[test]
fn b14_several_values_of_one_element_become_one() {
    let file = instance(EXPLICIT, IDS, |set| {
        let set = set.text((0x20, 0x20), "CS", "DERIVED\\PRIMARY\\AXIAL");
        let set = set.text((0x28, 0x30), "DS", "9\\10.0");
        set.text((0x28, 0x1050), "DS", "0.10\\ 0.3\\\\0.2")
    });
    let check = |path: &str, expected: &str| {
        assert_eq!(read(&file, &[path]).unwrap(), [expected], "{path}");
    };
    check("PixelSpacing[min]", "n:9");
    check("PixelSpacing[max]", "n:10.0");
    check("PixelSpacing[count]", "n:2");
    check("WindowCenter[max]", "n:0.3");
    check("WindowCenter[min]", "n:0.10");
    check("WindowCenter[count]", "n:3");
    check("PatientOrientation[min]", "t:AXIAL");
    check("PatientOrientation[max]", "t:PRIMARY");
    check("PatientOrientation[count]", "n:3");
    check("PatientOrientation[0]", "t:DERIVED");
    check("PatientName[count]", "-");
    check("PatientName[max]", "-");
}
