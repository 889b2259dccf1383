#![cfg(unix)]
use super::*;
use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A folder with everything that is no plain file.
fn surprises(folder: &Path) -> Vec<PathBuf> {
    let [fifo, to_fifo, to_device, to_folder, loops, inner] =
        ["fifo", "to-fifo", "to-device", "to-folder", "loop", "inner"].map(|n| folder.join(n));
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    fs::create_dir(&inner).unwrap();
    symlink(&fifo, &to_fifo).unwrap();
    symlink("/dev/full", &to_device).unwrap();
    symlink(&inner, &to_folder).unwrap();
    symlink(&loops, &loops).unwrap();
    let socket = folder.join("socket");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let devices = ["/dev/full", "/dev/null"].map(PathBuf::from);
    let mut all = vec![fifo, to_fifo, to_device, to_folder, loops, inner, socket];
    all.extend(devices);
    all
}

#[test]
fn f_what_is_no_plain_file_is_refused_and_stays() {
    let kept = tempfile::tempdir().unwrap();
    let home = Home::new(kept.path());
    let dir = tempfile::tempdir().unwrap();
    let all = surprises(dir.path());
    let before = names(dir.path());
    for path in &all {
        for refused in [
            check(path),
            write(&home, path, b"x"),
            write_secret(&home, path, b"x"),
        ] {
            assert!(refused.is_err(), "{}", path.display());
        }
        assert!(create(path, b"x").is_err(), "{}", path.display());
    }
    assert_eq!(names(dir.path()), before);
    assert!(
        fs::metadata("/dev/full")
            .unwrap()
            .file_type()
            .is_char_device()
    );
}

#[test]
fn f_a_file_is_replaced_when_the_new_one_is_complete_and_behind_own_links() {
    let kept = tempfile::tempdir().unwrap();
    let home = Home::new(kept.path());
    let dir = tempfile::tempdir().unwrap();
    let (file, link) = (dir.path().join("file"), dir.path().join("link"));
    symlink(&file, &link).unwrap();
    fs::write(&file, "old").unwrap();
    check(&link).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"old");
    // Whoever reads the old one goes on with it.
    let mut reader = fs::File::open(&file).unwrap();
    write(&home, &link, b"new").unwrap();
    let mut old = String::new();
    std::io::Read::read_to_string(&mut reader, &mut old).unwrap();
    assert_eq!(
        (old.as_str(), fs::read(&file).unwrap().as_slice()),
        ("old", &b"new"[..])
    );
    assert!(matches!(create(&file, b"x"), Err(CustodyError::Exists(_))));
    create(&dir.path().join("fresh"), b"x").unwrap();
    assert_eq!(names(dir.path()), ["file", "fresh", "link"]);
}

#[test]
fn f_a_link_in_a_folder_of_everybody_is_not_followed() {
    let kept = tempfile::tempdir().unwrap();
    let home = Home::new(kept.path());
    let dir = tempfile::tempdir().unwrap();
    let (file, shared) = (dir.path().join("file"), dir.path().join("shared"));
    fs::write(&file, "old").unwrap();
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
    let link = shared.join("link");
    symlink(&file, &link).unwrap();
    // The folder's owner may.
    check(&link).unwrap();
    if std::os::unix::fs::lchown(&link, Some(12_345), None).is_err() {
        return; // Only the superuser gives a link away.
    }
    assert!(matches!(
        write(&home, &link, b"x"),
        Err(CustodyError::NotAFile(_))
    ));
    assert_eq!(fs::read(&file).unwrap(), b"old");
}

#[test]
fn f_a_folder_that_is_not_there_is_said_before_any_work() {
    let dir = tempfile::tempdir().unwrap();
    let error = check(&dir.path().join("none/file")).unwrap_err();
    assert!(error.is_not_found(), "{error}");
    std::fs::write(dir.path().join("file"), "").unwrap();
    assert!(check(&dir.path().join("file/below")).is_err());
    assert!(check(Path::new("-")).is_ok());
}
