//! Folders: which files are tables, and what is said of the others.

use super::*;

fn settings() -> FolderSettings {
    FolderSettings {
        csv_of: Default::default(),
        csv: CsvSettings::default(),
        csv_bytes: 1 << 20,
        #[cfg(feature = "excel")]
        excel: ExcelLimits::default(),
    }
}

fn folder(files: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in files {
        std::fs::write(dir.path().join(file), "a,b\n1,2\n").unwrap();
    }
    dir
}

#[test]
fn endings_give_names() {
    for (file, name) in [
        ("visits.csv", "visits"),
        ("Visits.CSV", "Visits"),
        ("visits.csv.gz", "visits"),
        ("a.b.tsv", "a.b"),
        ("v.tar.gz", "v.tar"),
        ("v.xlsx", "v"),
        (".csv", ".csv"),
        ("plain", "plain"),
        ("ü.csv", "ü"),
    ] {
        assert_eq!(table_name(file), name);
    }
}

#[test]
fn files_are_listed_in_order_and_others_are_told() {
    let dir = folder(&[
        "b.csv",
        "a.tsv",
        "c.txt",
        "notes.docx",
        "img.png",
        ".hidden.csv",
        "~$x.xlsx",
    ]);
    std::fs::create_dir(dir.path().join("below.csv")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("b.csv", dir.path().join("link.csv")).unwrap();
    let folder = Folder::open(dir.path(), settings()).unwrap();
    let names: Vec<&str> = folder.tables().iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let told: Vec<(String, &str)> = folder
        .skipped()
        .iter()
        .map(|s| {
            (
                s.path.file_name().unwrap().display().to_string(),
                s.why.as_str(),
            )
        })
        .collect();
    let why = |file: &str| told.iter().find(|(f, _)| f == file).unwrap().1;
    assert_eq!(why(".hidden.csv"), "a hidden file");
    assert_eq!(why("below.csv"), "a folder");
    assert!(why("notes.docx").starts_with("expected a name that ends"));
    assert!(why("~$x.xlsx").contains("lock"));
    #[cfg(unix)]
    assert_eq!(why("link.csv"), "a link");
    let mut rows = 0;
    let mut table = folder.table("b").unwrap();
    table
        .rows(&mut |_| {
            rows += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!((rows, table.name()), (1, "b"));
    assert!(
        folder
            .table("x")
            .err()
            .unwrap()
            .to_string()
            .contains("one of: a, b, c")
    );
}

#[test]
fn two_tables_of_one_name_are_refused() {
    for files in [
        ["a.csv", "a.tsv"],
        ["a.csv", "A.csv"],
        ["a.csv", "a.csv.gz"],
    ] {
        let dir = folder(&files);
        let error = Folder::open(dir.path(), settings())
            .err()
            .unwrap()
            .to_string();
        assert!(
            error.contains("one table of the name") && error.contains(files[0]),
            "{error}"
        );
    }
    assert!(matches!(
        Folder::open(Path::new("/none/such"), settings()),
        Err(TableError::Io { .. })
    ));
}

#[cfg(feature = "excel")]
#[test]
fn a_workbook_that_is_refused_is_told() {
    let dir = folder(&["a.csv", "b.xlsx"]);
    let folder = Folder::open(dir.path(), settings()).unwrap();
    assert_eq!(folder.tables().len(), 1);
    assert!(folder.skipped()[0].why.contains("named .csv"));
}
