#![cfg(unix)]
use super::*;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Command;

fn fifo(folder: &Path) -> PathBuf {
    let path = folder.join("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    path
}

#[test]
fn m11_a_file_is_read_up_to_its_bound_and_no_further() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "12345").unwrap();
    for read in [read_plain, read_given] {
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(read(&path, 5).unwrap().capacity() <= 6);
        let error = read(&path, 4).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(error.to_string().contains("at most 4"), "{error}");
        // Files of the system say a length of 0.
        assert!(
            !read(Path::new("/proc/self/status"), 1 << 16)
                .unwrap()
                .is_empty()
        );
        let long = read(Path::new("/proc/self/status"), 10).unwrap_err();
        assert_eq!(long.kind(), ErrorKind::InvalidData);
    }
    // A file that says more than the bound is not read at all.
    let sparse = fs::File::create(&path).unwrap();
    sparse.set_len(1 << 40).unwrap();
    assert!(read_given(&path, 1 << 30).is_err());
}

#[test]
fn m11_what_begins_otherwise_is_not_read_for_its_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let read = |limit| read_given_of(&path, limit, b"zkey");
    std::fs::write(&path, "zkey and more").unwrap();
    assert_eq!(read(13).unwrap(), b"zkey and more");
    assert!(read(12).is_err());
    let sparse = File::create(&path).unwrap();
    // More than there is memory for.
    sparse.set_len(1 << 40).unwrap();
    assert_eq!(read(1 << 41).unwrap(), [0; 4]);
    std::fs::write(&path, "zk").unwrap();
    assert_eq!(read(9).unwrap(), b"zk");
}

#[test]
fn m11_what_is_no_file_is_refused_and_nobody_waits() {
    let folder = tempfile::tempdir().unwrap();
    let [socket, loops, to_zero] = ["socket", "loop", "to-zero"].map(|n| folder.path().join(n));
    let _listener = UnixListener::bind(&socket).unwrap();
    symlink(&loops, &loops).unwrap();
    symlink("/dev/zero", &to_zero).unwrap();
    let fifo = fifo(folder.path());
    let devices = ["/dev/zero", "/dev/full", "/dev/tty"].map(PathBuf::from);
    for path in [&devices[..], &[to_zero, fifo]].concat() {
        for read in [read_plain, read_given] {
            let error = read(&path, 1 << 16).unwrap_err();
            let is_refused = error.kind() == ErrorKind::InvalidInput || is_no_file(&error);
            assert!(is_refused, "{}: {error}", path.display());
        }
    }
    for path in [socket, loops] {
        assert!(
            is_no_file(&read_given(&path, 9).unwrap_err()),
            "{}",
            path.display()
        );
        assert!(is_no_file(&open_plain(&path).unwrap_err()));
    }
    let folder = read_given(folder.path(), 9).unwrap_err();
    assert_eq!(folder.kind(), ErrorKind::IsADirectory);
}

#[test]
fn m11_a_pipe_is_read_as_long_as_somebody_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = fifo(folder.path());
    for (words, limit) in [("", 9), ("early", 9), ("early", 5), ("", 3)] {
        let mut both = fs::OpenOptions::new();
        let mut writer = both.read(true).write(true).open(&path).unwrap();
        writer.write_all(words.as_bytes()).unwrap();
        let late = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(50));
            writer.write_all(b"late").unwrap();
        });
        let read = read_given(&path, limit);
        late.join().unwrap();
        match (words.len() + 4) as u64 > limit {
            true => assert_eq!(read.unwrap_err().kind(), ErrorKind::InvalidData),
            false => assert_eq!(read.unwrap(), format!("{words}late").as_bytes()),
        }
    }
}
