//! What the program's memory holds once it is free. This process has the program's own allocator,
//! and reads its own memory as the system has it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

#[path = "../src/heap.rs"]
mod heap;

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;

/// The text that is looked for, one bit off: it stands nowhere but where the test puts it.
const OFF: [u8; 24] = *b"qbuhdou\x1fmnnjr\x1fmhjd\x1funhr\x1f";

fn canary() -> String {
    OFF.iter().map(|b| char::from(b ^ 1)).collect()
}

fn count(bytes: &[u8]) -> usize {
    let is_it = |found: &&[u8]| found.iter().zip(OFF).all(|(found, off)| *found == off ^ 1);
    bytes.windows(OFF.len()).filter(is_it).count()
}

/// How often the text stands in this process's heap, the arenas of other threads included.
fn seen() -> usize {
    let memory = std::fs::File::open("/proc/self/mem").unwrap();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut found = 0;
    let mut part = vec![0; 1 << 20];
    for line in maps
        .lines()
        .filter(|l| l.contains(" rw-p ") && !l.contains("[stack"))
    {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let (mut at, to) = (
            u64::from_str_radix(from, 16).unwrap(),
            u64::from_str_radix(to, 16).unwrap(),
        );
        while at < to {
            let n = (to - at).min(part.len() as u64) as usize;
            let Ok(read) = memory.read_at(&mut part[..n], at) else {
                break;
            };
            found += count(&part[..read]);
            part[..read].fill(0);
            at += read.max(1) as u64;
        }
    }
    found
}

#[test]
fn p7_what_is_freed_and_what_moved_is_overwritten() {
    assert_eq!(seen(), 0);
    let texts: Vec<String> = (0..500).map(|_| canary()).collect();
    let mut grown = String::new();
    (0..500).for_each(|_| grown.push_str(&canary()));
    let rows: BTreeMap<usize, String> = texts.iter().cloned().enumerate().collect();
    assert!(seen() >= 1500);
    drop((texts, grown, rows));
    assert_eq!(seen(), 0);
}
