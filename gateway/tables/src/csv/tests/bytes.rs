//! CSV files as bytes: encodings, packing, limits, and what is no text.

use super::*;
use std::io::Write;

#[test]
fn b11_encodings() {
    let expected = [["[Müller]", "[1]"]];
    let text = "a,b\nMüller,1\n";
    assert_eq!(rows(format!("\u{feff}{text}")), expected);
    let latin = b"a,b\nM\xfcller,1\n";
    refused(latin, &["row 2", "UTF-8", "windows-1252"]);
    let header = b"Patient;Gr\xf6\xdfe\n1;7,2\n";
    refused(header, &["row 1", "UTF-8", "setting encoding"]);
    refused(b"\xe4;b\n1;2\n", &["row 1", "UTF-8", "setting encoding"]);
    let named = |bytes: &[u8], label| {
        let found = read_named("d.csv", bytes, &[("encoding", label)]);
        found.map(|(_, rows)| rows[0].1.clone())
    };
    assert_eq!(named(latin, "latin1").unwrap(), expected[0]);
    assert_eq!(named(latin, "iso-8859-15").unwrap(), expected[0]);
    assert_eq!(named(latin, " Windows-1252 ").unwrap(), expected[0]);
    assert_eq!(named(text.as_bytes(), "utf-8").unwrap(), expected[0]);
    refused_with(
        b"a,b\n1,2\n\x81,1\n",
        &[("encoding", "windows-1252")],
        &["row 3", "windows-1252"],
    );
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(rows([&[0xff, 0xfe], &little[..]].concat()), expected);
    assert_eq!(rows([&[0xfe, 0xff], &big[..]].concat()), expected);
    assert_eq!(named(&little, "utf-16le").unwrap(), expected[0]);
    assert_eq!(
        named(&[&[0xfe, 0xff], &big[..]].concat(), "utf-16").unwrap(),
        expected[0]
    );
    refused(
        &little,
        &["utf-16 without a byte order mark", "as utf-16le"],
    );
    refused(&big, &["utf-16 without a byte order mark", "as utf-16be"]);
    refused_with(
        &little,
        &[("encoding", "utf-16")],
        &["utf-16le or utf-16be"],
    );
    let marked = [&[0xff, 0xfe], &little[..]].concat();
    refused_with(
        &marked,
        &[("encoding", "utf-8")],
        &["byte order mark of UTF-16LE"],
    );
    refused_with(
        &marked,
        &[("encoding", "utf-16be")],
        &["byte order mark of UTF-16LE"],
    );
    refused_with(
        "\u{feff}a,b\n",
        &[("encoding", "latin1")],
        &["byte order mark of UTF-8"],
    );
    let cut = &[&marked[..], &[0x41]].concat();
    refused(cut, &["row 3", "UTF-16LE"]);
    refused([&marked[..], &[0, 0xd8]].concat(), &["row 3", "UTF-16LE"]);
}

#[test]
fn b11_what_is_no_text_is_refused() {
    refused("a,b\n1,2\n3,\0\n", &["row 3", "zero byte"]);
    refused(b"a,b\n1,2\n3,\xf0\x9f", &["row 3", "UTF-8"]);
    refused(b"\x1f\x8b\x08\0", &["gzip"]);
    refused(b"PK\x03\x04xxxx", &["zip"]);
    refused(b"\xff\xfe\0\0a\0\0\0", &["utf-32"]);
    refused(vec![0; 1000], &["utf-16 without"]);
    // Far from the first block, and only after the rows before it.
    let far = [
        ("a,b\n".to_owned() + &"1,2\n".repeat(300_000)).as_bytes(),
        b"\n\xff,1\n",
    ]
    .concat();
    refused(far, &["row 300003", "UTF-8"]);
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn b11_gzip_is_unpacked_within_the_limit() {
    let gz = |bytes: &[u8]| read_named("visits.csv.gz", bytes, &[]);
    let (one, two) = (packed(b"a,b\n1,2\n"), packed(b"3,4\n"));
    assert_eq!(gz(&one).unwrap().1.len(), 1);
    assert_eq!(gz(&[&one[..], &two].concat()).unwrap().1.len(), 2);
    assert!(gz(&one[..one.len() - 1]).is_err());
    assert!(gz(&[&one[..], b"rest"].concat()).is_err());
    assert!(gz(b"a,b\n1,2\n").is_err());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bomb.csv.gz");
    std::fs::write(&path, packed("a,b\n1,2\n".repeat(1 << 20).as_bytes())).unwrap();
    let mut table = CsvTable::open(&path, &CsvSettings::default(), 1 << 20).unwrap();
    assert_eq!(table.name(), "bomb");
    assert!(
        all(&mut table)
            .unwrap_err()
            .contains("at most 1048576 bytes")
    );
}

#[test]
fn b11_the_limit_counts_bytes_that_are_read() {
    let text = b"a,b\n1,2\n";
    let open = |limit| {
        let path = Path::new("pipe.csv");
        let mut table = CsvTable::from_reader(path, &text[..], &CsvSettings::default(), limit);
        table.as_mut().map_err(|e| words(e)).and_then(all)
    };
    assert_eq!(open(8).unwrap().1.len(), 1);
    assert!(open(7).unwrap_err().contains("at most 7 bytes"));
    // An endless reader stops too.
    let endless = std::io::Read::chain(&b"a,b\n"[..], std::io::repeat(b'\n'));
    let mut table = CsvTable::from_reader(
        Path::new("x.csv"),
        endless,
        &CsvSettings::default(),
        1 << 22,
    )
    .unwrap();
    assert!(
        all(&mut table)
            .unwrap_err()
            .contains("at most 4194304 bytes")
    );
    assert!(all(&mut table).unwrap_err().contains("once"));
}

#[cfg(unix)]
#[test]
fn b11_only_plain_files_are_opened() {
    let open = |path: &Path| CsvTable::open(path, &CsvSettings::default(), 1 << 20);
    let dir = tempfile::tempdir().unwrap();
    for path in [Path::new("/dev/zero"), dir.path()] {
        assert!(words(&open(path).err().unwrap()).contains("plain file"));
    }
    let pipe = dir.path().join("pipe.csv");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    assert!(words(&open(&pipe).err().unwrap()).contains("plain file"));
    assert!(matches!(
        open(&dir.path().join("none.csv")),
        Err(TableError::Io { .. })
    ));
}

#[test]
fn b11_windows_that_end_anywhere_read_alike() {
    /// Hands out one byte at a time.
    struct Slow(std::io::Cursor<Vec<u8>>);
    impl Read for Slow {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let len = out.len().min(1);
            self.0.read(&mut out[..len])
        }
    }
    let body: String = (0..30_000)
        .map(|n| format!("{n};\"a\"\"\r\n{n}\"\r\n\r\n"))
        .collect();
    let text = format!("id;note\r\n{body}");
    let reader = Slow(std::io::Cursor::new(text.clone().into_bytes()));
    let (path, settings) = (Path::new("x.csv"), CsvSettings::default());
    let mut slow = CsvTable::from_reader(path, reader, &settings, 1 << 30).unwrap();
    let (slow, fast) = (all(&mut slow).unwrap(), read(&text).unwrap());
    assert_eq!(slow, fast);
    assert_eq!(
        slow.1[29_999],
        (
            2 + 29_999 * 3,
            vec!["[29999]".into(), "[a\"\r\n29999]".into()]
        )
    );
}
