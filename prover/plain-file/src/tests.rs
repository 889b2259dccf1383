use super::*;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn m11_only_plain_files_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, b"1").unwrap();
    open(&path).unwrap();
    for other in [folder.path(), Path::new("/dev/null")] {
        assert_eq!(open(other).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let none = open(&folder.path().join("none")).unwrap_err();
    assert_eq!(none.kind(), ErrorKind::NotFound);
}

/// Two names change places all the time: of a file and of a pipe that nobody writes to.
#[cfg(unix)]
#[test]
fn m11_a_pipe_in_the_place_of_a_file_is_not_waited_for() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let folder = tempfile::tempdir().unwrap();
    let [file, pipe, other] = ["file", "pipe", "other"].map(|name| folder.path().join(name));
    std::fs::write(&file, b"1").unwrap();
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                for [from, to] in [
                    [&file, &other],
                    [&pipe, &file],
                    [&file, &pipe],
                    [&other, &file],
                ] {
                    std::fs::rename(from, to).unwrap();
                }
            }
        });
        for _ in 0..20_000 {
            if let Err(error) = open(&file) {
                let known = [ErrorKind::InvalidInput, ErrorKind::NotFound];
                assert!(known.contains(&error.kind()), "{error}");
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
}
