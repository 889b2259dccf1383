//! A whole run of the engines that are linked, on small circuits. Its workers are this program again:
//! their standard output is the protocol's, so there is no harness around.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use medveil_peers::bench::{Options, Watch, circuits, compare};
use medveil_peers::circuit::Kind;
use medveil_peers::peer::{Peer, Places};
use medveil_peers::report::{Measured, Report};
use medveil_peers::worker::{Linked, serve};
use medveil_prover::groth16::has_lanes;
use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

#[derive(Default)]
struct Notes(RefCell<Vec<String>>);

impl Watch for Notes {
    fn at(&self, _: &str, done: u64, total: u64) {
        assert!(done <= total);
    }

    fn note(&self, text: &str) {
        self.0.borrow_mut().push(text.to_owned());
    }
}

fn options(cache: &Path) -> Options {
    let this = std::env::current_exe().unwrap();
    Options {
        circuits: circuits(&[Kind::Dense], &[8]),
        threads: vec![1],
        rounds: 2,
        slow_rounds: 1,
        peers: vec![
            Peer::Medveil,
            Peer::MedveilPortable,
            Peer::Ark,
            Peer::Rapidsnark,
        ],
        places: Places {
            cache: cache.into(),
            worker: vec![this.into(), "worker".into()],
            rapidsnark: None,
        },
        bound: Duration::from_secs(60),
        command: "a test".to_owned(),
        day: "2026-11-30".to_owned(),
    }
}

fn of(report: &Report, peer: Peer) -> &Measured {
    let mut measured = report.runs[0].measured.iter();
    measured.find(|m| m.peer == peer.name()).unwrap()
}

fn linked_engines_are_compared(cache: &Path) {
    let notes = Notes::default();
    let report = compare(&options(cache), &notes).unwrap();
    assert!(
        notes
            .0
            .borrow()
            .iter()
            .any(|note| note.starts_with("rapidsnark is left out"))
    );
    assert_eq!(report.runs.len(), 1);
    assert_eq!(
        (report.runs[0].constraints, report.runs[0].domain),
        (240, 256)
    );
    for measured in &report.runs[0].measured {
        assert_eq!(measured.error, None, "{}", measured.peer);
        assert_eq!(measured.prove.as_ref().unwrap().samples, 2);
        assert_eq!(measured.verify.as_ref().unwrap().samples, 2);
        assert!(measured.load_ms.is_some() && measured.over_ark.is_some());
        assert!(!cfg!(target_os = "linux") || measured.peak_bytes.unwrap() > 1 << 20);
    }
    assert!(of(&report, Peer::Medveil).batch.is_some());
    assert!(of(&report, Peer::Ark).batch.is_none());
    assert_eq!(
        report.runs[0].measured.len(),
        if has_lanes() { 3 } else { 2 }
    );
    assert!(report.to_html().unwrap().contains("dense-8"));
}

/// A worker whose key is another circuit's, as a damaged cache would have it.
fn a_damaged_key_is_an_error_and_no_panic(cache: &Path) {
    let inputs = std::fs::read_dir(cache.join("inputs")).unwrap();
    for folder in inputs {
        let key = folder.unwrap().path().join("circuit.zkey");
        let whole = std::fs::read(&key).unwrap();
        std::fs::write(&key, &whole[..whole.len() - 1]).unwrap();
    }
    let damaged = compare(&options(cache), &Notes::default()).unwrap_err();
    assert!(matches!(damaged, medveil_peers::PeersError::Damaged { .. }));
}

fn a_peer_that_fails_is_an_error_of_its_own(cache: &Path) {
    let mut options = options(cache);
    options.places.rapidsnark = Some("/bin/false".into());
    options.peers = vec![Peer::Ark, Peer::Rapidsnark];
    let report = compare(&options, &Notes::default()).unwrap();
    assert!(of(&report, Peer::Rapidsnark).error.is_some());
    assert_eq!(of(&report, Peer::Ark).error, None);
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, word, engine, folder] = args.as_slice() {
        assert_eq!(word, "worker");
        let engine = Linked::ALL.into_iter().find(|e| e.name() == engine);
        let (orders, answers) = (std::io::stdin().lock(), std::io::stdout().lock());
        return serve(engine.unwrap(), Path::new(folder), orders, answers).unwrap();
    }
    let cache = tempfile::tempdir().unwrap();
    let tests = [
        linked_engines_are_compared,
        a_peer_that_fails_is_an_error_of_its_own,
        a_damaged_key_is_an_error_and_no_panic,
    ];
    for test in tests {
        test(cache.path());
    }
    println!(
        "test result: ok. {} passed; 0 failed; 0 ignored",
        tests.len()
    );
}
