//! P1: nothing private lies in the open anywhere under a home, in any of the forms in which it
//! could slip out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::read::GzDecoder;
use memchr::memmem;
use std::io::{Read, Write};
use std::path::Path;

/// The forms in which a text is searched for: plain, hex in both cases, base64 in its three
/// alignments, UTF-16. Packed files are unpacked.
fn forms(canary: &str) -> Vec<Vec<u8>> {
    let bytes = canary.as_bytes();
    let mut forms = vec![
        bytes.to_vec(),
        hex(bytes).into_bytes(),
        hex(bytes).to_uppercase().into_bytes(),
    ];
    for shift in 0..3usize {
        // The characters at both ends also hold bits of the neighbours.
        let text = STANDARD_NO_PAD.encode([vec![0; shift], bytes.to_vec()].concat());
        forms.push(text.as_bytes()[4.min(shift * 2)..text.len() - 3].to_vec());
    }
    forms.push(canary.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What gzip members anywhere in a file hold.
fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let starts = memmem::find_iter(bytes, &[0x1f, 0x8b, 8]);
    let unpack = |at: usize| {
        let mut text = Vec::new();
        // Whatever came before it broke is searched too.
        let _ = GzDecoder::new(&bytes[at..])
            .take(64 << 20)
            .read_to_end(&mut text);
        text
    };
    starts.map(unpack).filter(|text| !text.is_empty()).collect()
}

fn present<T>(read: std::io::Result<T>) -> Option<T> {
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        read => Some(read.unwrap()),
    }
}

fn search(folder: &Path, needles: &[Vec<u8>], found: &mut Vec<String>, files: &mut usize) {
    // A network that runs removes files and folders meanwhile.
    let Some(entries) = present(std::fs::read_dir(folder)) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, needles, found, files);
            continue;
        }
        let Some(bytes) = present(std::fs::read(&path)) else {
            continue;
        };
        *files += 1;
        let shows = |bytes: &[u8], needle: &[u8]| memmem::find(bytes, needle).is_some();
        let unpacked = unpacked(&bytes);
        if needles
            .iter()
            .any(|needle| shows(&bytes, needle) || unpacked.iter().any(|u| shows(u, needle)))
        {
            found.push(path.display().to_string());
        }
    }
}

/// Files under a folder that hold one of the canaries; and that there were files at all.
pub fn found(folder: &Path, canaries: &[&str]) -> Vec<String> {
    let needles: Vec<Vec<u8>> = canaries.iter().flat_map(|c| forms(c)).collect();
    let (mut found, mut files) = (Vec::new(), 0);
    search(folder, &needles, &mut found, &mut files);
    assert!(files > 10, "the ledger is on disk");
    found
}

fn pack(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn the_search_finds_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let canary = "canary-value-0815";
    for i in 0..12 {
        std::fs::write(folder.path().join(format!("plain-{i}")), "nothing").unwrap();
    }
    let shown = [
        format!("x{canary}y").into_bytes(),
        hex(canary.as_bytes()).into_bytes(),
        STANDARD_NO_PAD.encode(format!("a{canary}zz")).into_bytes(),
        STANDARD_NO_PAD.encode(format!("ab{canary}z")).into_bytes(),
        STANDARD_NO_PAD.encode(format!("abc{canary}z")).into_bytes(),
        canary.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        [b"before".to_vec(), pack(canary)].concat(),
    ];
    for (i, bytes) in shown.iter().enumerate() {
        std::fs::write(folder.path().join(format!("shown-{i}")), bytes).unwrap();
    }
    assert_eq!(found(folder.path(), &[canary]).len(), shown.len());
}
