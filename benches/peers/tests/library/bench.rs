use medveil_peers::PeersError;
use medveil_peers::bench::*;
use medveil_peers::circuit::Kind;
use medveil_peers::peer::{Peer, Places};
use std::time::Duration;

struct Unwatched;

impl Watch for Unwatched {
    fn at(&self, what: &str, _: u64, _: u64) {
        panic!("{what} was begun");
    }

    fn note(&self, _: &str) {}
}

fn options() -> Options {
    Options {
        circuits: circuits(&[Kind::Dense], &[8]),
        threads: vec![1],
        rounds: 2,
        slow_rounds: 1,
        peers: vec![Peer::Ark],
        places: Places {
            cache: "/nowhere".into(),
            worker: vec!["/bin/false".into()],
            rapidsnark: None,
        },
        bound: Duration::from_secs(5),
        command: String::new(),
        day: String::new(),
    }
}

#[test]
fn circuits_stand_once_and_statements_have_one_size() {
    let all = circuits(&[Kind::Dense, Kind::Eligibility1, Kind::Dense], &[9, 10, 9]);
    let names: Vec<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["dense-9", "dense-10", "eligibility-1"]);
}

#[test]
fn what_cannot_be_met_is_refused_before_anything_is_done() {
    let refused = |change: fn(&mut Options)| {
        let mut options = options();
        change(&mut options);
        matches!(
            compare(&options, &Unwatched),
            Err(PeersError::Options { .. })
        )
    };
    assert!(refused(|o| o.circuits.clear()));
    assert!(refused(|o| o.threads.clear()));
    assert!(refused(|o| o.peers.clear()));
    assert!(refused(|o| o.threads.push(0)));
    assert!(refused(|o| o.threads.push(1 << 20)));
    assert!(refused(|o| o.rounds = 0));
    assert!(refused(|o| o.slow_rounds = 0));
    assert!(refused(|o| o.rounds = usize::MAX));
    assert!(refused(|o| o.circuits = circuits(&[Kind::Dense], &[7])));
    assert!(refused(|o| o.circuits = circuits(&[Kind::Dense], &[21])));
    assert!(refused(|o| o.circuits = circuits(&[Kind::Poseidon], &[8])));
}
