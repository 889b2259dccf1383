//! Networks on this machine: made, stopped, started again, removed; two side by side.

use collections_config::MspId;
use fabric_net::{Binaries, Layout, NetError, Topology, clean, down, install, status, up};
use std::net::TcpStream;

fn quiet() -> impl FnMut(&str) {
    |_: &str| {}
}

fn orgs(names: &[&str]) -> Vec<MspId> {
    names.iter().map(|n| MspId::new(*n).expect("a name")).collect()
}

fn binaries() -> Binaries {
    install(&mut quiet()).expect("Fabric's binaries")
}

#[test]
fn a_network_comes_up_goes_down_and_comes_back_and_leaves_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let (layout, binaries) = (Layout::new(&dir.path().join("net")), binaries());
    let topology = Topology::new(orgs(&["HospitalA", "University"]), 1, "medveil-channel").expect("a topology");
    let begun = std::time::Instant::now();
    up(&layout, &topology, &binaries, &mut quiet()).expect("a network");
    eprintln!("up in {:.1} s", begun.elapsed().as_secs_f64());
    let standing = status(&layout).expect("a status");
    assert_eq!(standing.iter().filter(|s| s.pid.is_some()).count(), 3, "an orderer and two peers run, no contract yet");
    down(&layout).expect("down");
    assert!(status(&layout).expect("a status").iter().all(|s| s.pid.is_none() && TcpStream::connect(("127.0.0.1", s.port)).is_err()));
    up(&layout, &topology, &binaries, &mut quiet()).expect("up again, from what is on disk");
    let other = Topology::new(orgs(&["HospitalA"]), 1, "medveil-channel").expect("a topology");
    assert!(matches!(up(&layout, &other, &binaries, &mut quiet()), Err(NetError::Input(_))), "another network is refused");
    clean(&layout).expect("clean");
    assert!(!layout.root().exists());
}

#[test]
fn four_smart_bft_orderers_beside_three_raft_orderers() {
    let dir = tempfile::tempdir().expect("a folder");
    let binaries = binaries();
    let layouts = [Layout::new(&dir.path().join("bft")), Layout::new(&dir.path().join("raft"))];
    for (layout, orderers) in layouts.iter().zip([4, 3]) {
        let topology = Topology::new(orgs(&["HospitalA", "University"]), orderers, "medveil-channel").expect("a topology");
        up(layout, &topology, &binaries, &mut quiet()).expect("a network");
    }
    for layout in &layouts {
        let standing = status(layout).expect("a status");
        assert!(standing.iter().filter(|s| !s.name.starts_with("chaincode")).all(|s| s.pid.is_some()));
        clean(layout).expect("clean");
    }
}

#[test]
fn topologies_that_cannot_be_are_refused() {
    assert!(Topology::new(orgs(&["HospitalA"]), 2, "c").is_err(), "two orderers");
    assert!(Topology::new(orgs(&["Hospital-A", "Hospital.A"]), 1, "c").is_err(), "one host name for two");
    assert!(Topology::new(orgs(&["HospitalA"]), 1, "Upper").is_err(), "a channel name that Fabric refuses");
    assert!(Topology::new(Vec::new(), 1, "c").is_err());
}
