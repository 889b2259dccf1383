//! Damaged and malicious files: an error, no panic, bounded memory.

use super::write::{DEFLATED, EXPLICIT, IMPLICIT, Set, UNDEFINED, file, instance, syntax};
use super::*;

const PATHS: [&str; 8] = [
    "PatientName",
    "Modality",
    "PixelSpacing[0]",
    "Rows",
    "RequestAttributesSequence[0].ScheduledProcedureStepID",
    r#"(0029,"OTHER",10)"#,
    "pixel_sha256",
    "DateTime",
];

/// A file with something of everything.
fn rich(transfer: &'static str) -> Vec<u8> {
    let of = move || Set::new(syntax(transfer));
    let set = of()
        .text((8, 5), "CS", "\\ISO 2022 IR 87")
        .text((8, 0x18), "UI", IDS[2])
        .text((8, 0x60), "CS", "MR")
        .bytes(
            (0x10, 0x10),
            "PN",
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
        )
        .text((0x20, 0x0d), "UI", IDS[0])
        .text((0x20, 0x0e), "UI", IDS[1])
        .short((0x28, 0x10), "US", 512)
        .text((0x28, 0x30), "DS", "1.50E1\\2")
        .text((0x29, 0x10), "LO", "OTHER")
        .text((0x29, 0x1010), "LO", "private")
        .items(
            (0x40, 0x275),
            "SQ",
            &[of().text((0x40, 9), "SH", "one"), of()],
            false,
        )
        .text((0x40, 0xa120), "DT", "20260131100000.5+0100");
    let mut set = set.head((0x7fe0, 0x10), "OB", UNDEFINED);
    for part in [&[][..], &[1; 30], &[2; 6]] {
        set = set.bytes((0xfffe, 0xe000), "", part);
    }
    file(transfer, &set.head((0xfffe, 0xe0dd), "", 0).out)
}

#[test]
fn a_cut_anywhere_is_refused_or_reads_what_is_there() {
    for transfer in [EXPLICIT, DEFLATED] {
        let whole = rich(transfer);
        let full = read(&whole, &PATHS).unwrap();
        assert_eq!(full[0], "t:Yamada^Tarou=山田^太郎");
        let mut n_good = 0;
        for length in 0..whole.len() {
            n_good += usize::from(read(&whole[..length], &PATHS).is_ok());
        }
        // Only between two elements of the top, where nothing says that more should come.
        assert!(n_good < 12, "{n_good}");
    }
}

/// A sequence of numbers that looks random and is the same in every run (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

fn mutate(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..=numbers.next(4) {
        let at = 128 + numbers.next(bytes.len() - 128);
        match numbers.next(6) {
            0 => bytes[at] ^= 1 << numbers.next(8),
            1 => bytes[at] = [0, 0xff, 0x7f, 0x80, 0x1b, b'\\'][numbers.next(6)],
            2 => bytes[at..].iter_mut().take(4).for_each(|b| *b = 0xff),
            3 => bytes.truncate(at.max(200)),
            4 => bytes.insert(at, numbers.next(256) as u8),
            _ => {
                let piece: Vec<u8> = bytes[at..].iter().take(12).copied().collect();
                bytes.splice(at..at, piece);
            }
        }
    }
}

#[test]
fn five_hundred_mutations_of_each_syntax() {
    let mut numbers = Numbers(0x5eed_2026);
    for transfer in [EXPLICIT, IMPLICIT, write::BIG, DEFLATED] {
        let whole = rich(transfer);
        let mut n_refused = 0;
        for _ in 0..500 {
            let mut bytes = whole.clone();
            mutate(&mut bytes, &mut numbers);
            n_refused += usize::from(read(&bytes, &PATHS).is_err());
        }
        assert!(n_refused > 100, "{transfer}: {n_refused}");
    }
}

#[test]
fn huge_lengths_take_no_memory() {
    for length in [0x7fff_fffe, 0xffff_fffe] {
        let file = explicit(|set| set.head((0x40, 0xa160), "UT", length));
        refused(&file, "TextValue", "at most 1048576 bytes");
        refused(&file, "Modality", "bytes announced");
        let file = explicit(|set| set.head((0x40, 0xa730), "SQ", length));
        refused(&file, "Modality", "bytes announced");
        let file = explicit(|set| set.head((0x7fe0, 0x10), "OW", length));
        refused(&file, "pixel_sha256", "bytes announced");
    }
    let large = explicit(|set| set.bytes((0x40, 0xa160), "UT", &[b'a'; 3000]));
    let limits = DicomLimits {
        value_bytes: 2999,
        ..DicomLimits::default()
    };
    assert!(read_limited(&large, &["TextValue"], limits).is_err_and(|e| e.contains("2999")));
    assert!(read_limited(&large, &["Modality"], limits).is_ok());
}

#[test]
fn deep_nesting_is_bounded() {
    for lengths in [true, false] {
        let mut set = Set::new(syntax(EXPLICIT));
        for _ in 0..2000 {
            set = Set::new(syntax(EXPLICIT)).items((0x40, 0xa730), "SQ", &[set], lengths);
        }
        let file = explicit(|mut top| {
            top.out.extend(&set.out);
            top
        });
        let found = read(&file, &["Modality"]);
        // With a length, a sequence that is not asked for is passed over whole.
        assert_eq!(found.is_ok(), lengths);
        assert!(lengths || found.is_err_and(|e| e.contains("inside each other")));
        refused(&file, &("ContentSequence[0].".repeat(15) + "Rows[0].x"), "");
    }
}

#[test]
fn lengths_that_contradict_each_other() {
    let of = || Set::new(syntax(EXPLICIT));
    // An item that reaches past its sequence, an element that reaches past its item.
    let item = of().head((0xfffe, 0xe000), "", 100);
    let past = explicit(|set| {
        let set = set.bytes((0x40, 0x275), "SQ", &item.out);
        set.bytes((0x7fe0, 0x10), "OW", &[0; 200])
    });
    let path = "RequestAttributesSequence[0].ScheduledProcedureStepID";
    refused(&past, path, "past the end");
    let inside = of().head((0x40, 9), "SH", 40);
    let past = explicit(|set| {
        let set = set.items((0x40, 0x275), "SQ", std::slice::from_ref(&inside), true);
        set.bytes((0x7fe0, 0x10), "OW", &[0; 200])
    });
    refused(&past, path, "past the end");
    // A head that does not fit into what is left of an item.
    let half = explicit(|set| {
        let mut item = of();
        item.out = vec![0x40, 0, 9, 0];
        let set = set.items((0x40, 0x275), "SQ", &[item], true);
        set.bytes((0x7fe0, 0x10), "OW", &[0; 200])
    });
    assert!(read(&half, &[path]).is_err());
}

#[test]
fn delimiters_out_of_place() {
    for element in [0xe000, 0xe00d, 0xe0dd] {
        let file = explicit(|set| set.head((0xfffe, element), "", 0));
        assert!(read(&file, &["Modality"]).is_err(), "{element:x}");
    }
    let no_end = explicit(|set| set.head((0x40, 0x275), "SQ", UNDEFINED));
    refused(&no_end, "Modality", "bytes announced");
    let text = explicit(|set| set.head((0x40, 0xa160), "UT", UNDEFINED));
    refused(&text, "Modality", "undefined");
    let fragment = explicit(|set| {
        let set = set.head((0x7fe0, 0x10), "OB", UNDEFINED);
        set.head((0xfffe, 0xe000), "", UNDEFINED)
    });
    refused(&fragment, "Modality", "fragment");
}

#[test]
fn order_and_representations() {
    let twice = explicit(|set| {
        set.short((0x28, 0x10), "US", 1)
            .short((0x28, 0x10), "US", 2)
    });
    refused(&twice, "Rows", "ascending");
    let unknown = explicit(|set| set.bytes((0x28, 0x10), "ZZ", &[0; 2]));
    refused(&unknown, "Modality", "value representation");
    let garbage = file(EXPLICIT, &[0xa5; 500]);
    assert!(read(&garbage, &["Modality"]).is_err());
    let meta = file(
        EXPLICIT,
        &Set::new(syntax(EXPLICIT)).text((2, 0x20), "ZZ", "x").out,
    );
    assert!(read(&meta, &["Modality"]).is_err());
}

#[test]
fn deflated_files_inflate_to_a_bound() {
    let bomb = instance(DEFLATED, IDS, |set| {
        set.bytes((0x7fe0, 0x10), "OW", &vec![0; 5 << 20])
    });
    assert!(bomb.len() < 100_000);
    let limits = DicomLimits {
        inflated_bytes: 1 << 20,
        ..DicomLimits::default()
    };
    let found = read_limited(&bomb, &["Modality"], limits);
    assert!(found.is_err_and(|e| e.contains("after inflating")));
    assert_eq!(read(&bomb, &["pixel_bytes"]).unwrap(), ["n:5242880"]);
    let damaged = [&bomb[..600], &[0xff; 40]].concat();
    assert!(read(&damaged, &["Modality"]).is_err());
}
