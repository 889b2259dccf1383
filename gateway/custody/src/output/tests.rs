#![cfg(unix)]
use super::*;
use std::os::unix::fs::PermissionsExt;

const NEW: OutputRule = OutputRule {
    mode: 0o600,
    replaces: false,
};
const IN_PLACE: OutputRule = OutputRule {
    mode: 0o644,
    replaces: true,
};

fn names(folder: &Path) -> Vec<OsString> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name()).collect();
    names.sort();
    names
}

#[test]
fn m10_an_output_is_there_whole_and_nothing_else_is() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (records, path) = (home.path().join("outputs"), out.path().join("rows"));
    for records in [Some(&*records), None] {
        write_output(records, &path, b"one", NEW).unwrap();
        let again = write_output(records, &path, b"two", NEW);
        assert!(matches!(again, Err(CustodyError::Exists(_))));
        write_output(records, &path, b"two", IN_PLACE).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(mode(&path), 0o644);
        assert_eq!(names(out.path()), ["rows"]);
        fs::remove_file(&path).unwrap();
        // As where the file system has no nameless files.
        write_named(records, &path, b"three", NEW).unwrap();
        assert_eq!(
            (fs::read(&path).unwrap(), mode(&path)),
            (b"three".into(), 0o600)
        );
        let again = write_named(records, &path, b"four", NEW);
        assert!(matches!(again, Err(CustodyError::Exists(_))));
        assert_eq!(names(out.path()), ["rows"]);
        fs::remove_file(&path).unwrap();
    }
    assert!(names(&records).is_empty());
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn m10_what_a_killed_process_left_is_removed_by_its_record_and_what_is_written_stays() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let records = home.path().join("outputs");
    let left = |content: &str| {
        let named = Named::new(Some(&records), out.path()).unwrap();
        fs::write(&named.path, content).unwrap();
        named
    };
    let (killed, writing) = (left("rows"), left("more"));
    // The lock ends with its process: here with the file that holds it.
    let (path, record) = (
        killed.path.clone(),
        killed.record.as_ref().unwrap().0.clone(),
    );
    let (kept, kept_record) = (fs::read(&path).unwrap(), fs::read(&record).unwrap());
    drop(killed);
    fs::write(&path, kept).unwrap();
    super::super::write_secret_file(&record, &kept_record).unwrap();
    sweep_outputs(&records);
    assert!(!path.exists() && !record.exists());
    assert!(writing.path.exists());
    assert_eq!(names(&records).len(), 1);
}

#[test]
fn m10_a_record_removes_nothing_but_a_temporary_file_and_waits_for_a_disk() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let records = home.path().join("outputs");
    secret_dir(&records).unwrap();
    let record = records.join("x");
    let swept = |path: &Path| {
        let bytes = path.as_os_str().as_encoded_bytes();
        super::super::write_secret_file(&record, bytes).unwrap();
        sweep_outputs(&records);
        !record.exists()
    };
    let [other, folder, away] =
        ["rows", ".medveil-folder", "away/.medveil-x"].map(|n| out.path().join(n));
    fs::write(&other, "rows").unwrap();
    fs::create_dir(&folder).unwrap();
    assert!(swept(&other) && swept(&folder) && !swept(&away));
    assert!(other.exists() && folder.exists());
    assert!(swept(&out.path().join(".medveil-gone")));
}
