use medveil_peers::peer::*;
use medveil_prover::groth16::has_lanes;
use std::path::Path;

fn places() -> Places {
    Places {
        cache: "/nowhere".into(),
        worker: vec!["/bin/worker".into(), "bench".into()],
        rapidsnark: None,
    }
}

#[test]
fn names_are_different_and_versions_are_those_of_the_lock_files() {
    for (at, peer) in Peer::ALL.into_iter().enumerate() {
        let same = |other: &Peer| other.name() == peer.name();
        assert_eq!(Peer::ALL.iter().position(same), Some(at));
    }
    let module = include_str!("../../gnark/go.mod");
    for words in ["gnark v0.15.0", "gnark-crypto v0.22.0"] {
        assert!(module.contains(words));
        assert!(
            Peer::Gnark
                .about()
                .contains(&words.replace(" v", " ").replace("gnark 0", "0"))
        );
    }
    assert!(include_str!("../../snarkjs/package.json").contains("\"snarkjs\": \"0.7.6\""));
    assert!(Peer::Snarkjs.about().starts_with("0.7.6"));
    assert!(include_str!("../../snarkrs/Cargo.toml").contains("snarkrs-lib = \"=0.1.0\""));
    assert!(Peer::Snarkrs.about().contains("snarkrs-lib 0.1.0"));
}

#[test]
fn engines_that_are_linked_are_workers_of_this_program() {
    let had = Had::get(Peer::Ark, &places()).unwrap();
    assert_eq!(had.program.path, Path::new("/bin/worker"));
    assert_eq!(had.program.args, ["bench", "ark-groth16"]);
    let ways = [Peer::Medveil, Peer::MedveilPortable].map(|peer| Had::get(peer, &places()));
    let [own, portable] = ways;
    assert_eq!(own.unwrap().program.env, [("MEDVEIL_PORTABLE", None)]);
    match portable {
        Ok(had) => assert_eq!(
            had.program.env,
            [("MEDVEIL_PORTABLE", Some("1".to_owned()))]
        ),
        Err(_) => assert!(!has_lanes()),
    }
}

#[test]
fn who_cannot_be_had_is_left_out_with_a_line() {
    let why = Had::get(Peer::Rapidsnark, &places()).unwrap_err();
    assert!(why.contains("--rapidsnark"));
    let file = tempfile::NamedTempFile::new().unwrap();
    let cache = Places {
        cache: file.path().into(),
        ..places()
    };
    let why = Had::get(Peer::Snarkjs, &cache).unwrap_err();
    assert!(!why.is_empty() && !why.contains('\n'));
}
