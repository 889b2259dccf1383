//! Networks on this machine: made, stopped, started again, removed; two side by side.

use medveil_collections_config::MspId;
use medveil_fabric_net::{
    Binaries, Layout, NetError, NetState, NetworkLock, ProcessStatus, Topology, install, status,
};
use std::net::{TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

fn quiet() -> impl FnMut(&str) {
    |_: &str| {}
}

fn orgs(names: &[&str]) -> Vec<MspId> {
    names
        .iter()
        .map(|n| MspId::new(*n).expect("a name"))
        .collect()
}

fn binaries() -> Binaries {
    install(&mut quiet()).expect("Fabric's binaries")
}

fn up(layout: &Layout, topology: &Topology, binaries: &Binaries) -> Result<NetState, NetError> {
    let lock = NetworkLock::take(layout)?;
    medveil_fabric_net::up(&lock, topology, binaries, &mut quiet())
}

fn start(layout: &Layout, binaries: &Binaries) -> Result<NetState, NetError> {
    medveil_fabric_net::start(&NetworkLock::take_existing(layout)?, binaries, &mut quiet())
}

fn stop(layout: &Layout) -> Result<(), NetError> {
    medveil_fabric_net::stop(&NetworkLock::take_existing(layout)?)
}

fn remove(layout: &Layout) -> Result<(), NetError> {
    medveil_fabric_net::remove(&NetworkLock::take_existing(layout)?)
}

fn two(orderers: usize) -> Topology {
    Topology::new(
        orgs(&["HospitalA", "University"]),
        orderers,
        "medveil-channel",
    )
    .expect("a topology")
}

/// How many processes of a network run, whatever is written down about them.
fn running(layout: &Layout) -> usize {
    let mark = [
        b"MEDVEIL_NET_PROCESS=",
        layout.root().as_os_str().as_bytes(),
    ]
    .concat();
    let environments = std::fs::read_dir("/proc")
        .expect("processes")
        .flatten()
        .map(|e| e.path().join("environ"));
    environments
        .filter(|path| {
            std::fs::read(path)
                .unwrap_or_default()
                .split(|b| *b == 0)
                .any(|v| v == mark)
        })
        .count()
}

/// The same folder by a name that means nothing in another one.
fn relative(path: &Path) -> PathBuf {
    let here = std::env::current_dir().expect("a folder");
    let up: PathBuf = here.components().skip(1).map(|_| "..").collect();
    up.join(path.strip_prefix("/").expect("an absolute path"))
}

#[test]
fn a_network_comes_up_goes_down_and_comes_back_and_leaves_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let (layout, binaries) = (Layout::new(&dir.path().join("net")), binaries());
    let topology = Topology::new(orgs(&["HospitalA", "University"]), 1, "medveil-channel")
        .expect("a topology");
    let begun = std::time::Instant::now();
    up(&layout, &topology, &binaries).expect("a network");
    eprintln!("up in {:.1} s", begun.elapsed().as_secs_f64());
    let standing = status(&layout).expect("a status");
    assert_eq!(
        standing.iter().filter(|s| s.pid.is_some()).count(),
        3,
        "an orderer and two peers run, no contract yet"
    );
    stop(&layout).expect("down");
    let standing = status(&layout).expect("a status");
    let is_ended =
        |s: &ProcessStatus| s.pid.is_none() && TcpStream::connect(("127.0.0.1", s.port)).is_err();
    assert!(standing.iter().all(is_ended), "{standing:?}");
    up(&layout, &topology, &binaries).expect("up again, from what is on disk");
    let other = Topology::new(orgs(&["HospitalA"]), 1, "medveil-channel").expect("a topology");
    assert!(
        matches!(up(&layout, &other, &binaries), Err(NetError::Input(_))),
        "another network is refused"
    );
    remove(&layout).expect("clean");
    assert!(!layout.root().exists());
}

#[test]
fn four_smart_bft_orderers_beside_three_raft_orderers() {
    let dir = tempfile::tempdir().expect("a folder");
    let binaries = binaries();
    let layouts = [
        Layout::new(&dir.path().join("bft")),
        Layout::new(&dir.path().join("raft")),
    ];
    for (layout, orderers) in layouts.iter().zip([4, 3]) {
        let topology = Topology::new(
            orgs(&["HospitalA", "University"]),
            orderers,
            "medveil-channel",
        )
        .expect("a topology");
        up(layout, &topology, &binaries).expect("a network");
    }
    for layout in &layouts {
        let standing = status(layout).expect("a status");
        assert!(
            standing
                .iter()
                .filter(|s| !s.name.starts_with("chaincode"))
                .all(|s| s.pid.is_some())
        );
        remove(layout).expect("clean");
    }
}

#[test]
fn topologies_that_cannot_be_are_refused() {
    assert!(
        Topology::new(orgs(&["HospitalA"]), 2, "c").is_err(),
        "two orderers"
    );
    assert!(
        Topology::new(orgs(&["Hospital-A", "Hospital.A"]), 1, "c").is_err(),
        "one host name for two"
    );
    assert!(
        Topology::new(orgs(&["HospitalA"]), 1, "Upper").is_err(),
        "a channel name that Fabric refuses"
    );
    assert!(Topology::new(Vec::new(), 1, "c").is_err());
}

#[test]
fn what_goes_wrong_is_said_and_a_damaged_network_is_cleaned() {
    let dir = tempfile::tempdir().expect("a folder");
    let layout = Layout::new(&dir.path().join("net"));
    let installed = binaries();
    let peer = installed.program("peer");
    let binaries = Binaries::own(&relative(
        peer.parent().and_then(Path::parent).expect("a folder"),
    ))
    .expect("the same by a relative path");

    one_of_two_at_once_works(&layout, &binaries);
    another_release_and_another_network_are_refused(&layout, &binaries);
    a_taken_port_is_named(&layout, &binaries);
    a_damaged_file_is_said(&layout, &binaries);

    std::fs::write(layout.root().join("letter.txt"), "dear").expect("a file of somebody's");
    assert!(
        remove(&layout).is_err(),
        "a file that is no network's is not removed"
    );
    std::fs::remove_file(layout.root().join("letter.txt")).expect("a file");
    remove(&layout).expect("clean");
    assert_eq!(
        (
            running(&layout),
            std::fs::read_dir(dir.path()).expect("a folder").count()
        ),
        (0, 0),
        "nothing is left, not even a lock"
    );
    assert!(matches!(remove(&layout), Err(NetError::Missing(_))));
}

fn one_of_two_at_once_works(layout: &Layout, binaries: &Binaries) {
    let done: Vec<_> = std::thread::scope(|scope| {
        let asked = [(); 2].map(|()| scope.spawn(|| up(layout, &two(1), binaries)));
        asked
            .into_iter()
            .map(|a| a.join().expect("a thread"))
            .collect()
    });
    let refused: Vec<&NetError> = done.iter().filter_map(|d| d.as_ref().err()).collect();
    assert!(
        matches!(refused.as_slice(), [NetError::Busy { .. }]),
        "{refused:?}"
    );
    let said = refused[0].to_string();
    assert!(
        said.starts_with("another medveil net command works on"),
        "{said}"
    );
}

fn another_release_and_another_network_are_refused(layout: &Layout, binaries: &Binaries) {
    let mut other = binaries.clone();
    other.version = "2.5.9".to_owned();
    let said = start(layout, &other)
        .expect_err("another release")
        .to_string();
    assert!(
        said.contains("was made with Fabric 3.1.1, got programs of 2.5.9"),
        "{said}"
    );
    let unchecked = Topology {
        is_time_checked: false,
        ..two(1)
    };
    assert!(
        up(layout, &unchecked, binaries).is_err(),
        "it was made with clocks checked"
    );
}

/// Somebody else takes a port while the network is down.
fn a_taken_port_is_named(layout: &Layout, binaries: &Binaries) {
    stop(layout).expect("down");
    assert_eq!(running(layout), 0);
    let port = NetState::read(layout).expect("a state").orgs[1].peer_port;
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port");
    let said = up(layout, &two(1), binaries)
        .expect_err("a port is taken")
        .to_string();
    assert_eq!(
        said,
        format!(
            "port {port} of peer-University is taken by another program: end it, or make another network"
        )
    );
    drop(listener);
    up(layout, &two(1), binaries).expect("up again");
}

fn a_damaged_file_is_said(layout: &Layout, binaries: &Binaries) {
    std::fs::write(layout.state(), "{\"channel\": ").expect("a damaged file");
    assert_eq!(
        status(layout).expect("a status").len(),
        3,
        "processes are found without the file"
    );
    let damaged = up(layout, &two(1), binaries).expect_err("damaged");
    assert!(std::error::Error::source(&damaged).is_some(), "{damaged:?}");
    let said = damaged.to_string();
    assert!(said.contains("medveil net clean"), "{said}");
}

/// Not a test by itself: the process that the next one kills.
#[test]
#[ignore = "run by another test"]
fn brought_up_by_a_process_of_its_own() {
    if let Some(root) = std::env::var_os("NETWORK_TO_BRING_UP") {
        up(&Layout::new(Path::new(&root)), &two(1), &binaries()).expect("a network");
    }
}

#[test]
fn a_network_whose_maker_is_killed_comes_up_the_next_time() {
    let dir = tempfile::tempdir().expect("a folder");
    let layout = Layout::new(&dir.path().join("net"));
    let begin_and_kill = |ms: u64| {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command
            .args(["--exact", "brought_up_by_a_process_of_its_own", "--ignored"])
            .env("NETWORK_TO_BRING_UP", layout.root());
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        std::thread::sleep(Duration::from_millis(ms));
        child.kill().expect("killed");
        child.wait().expect("gone");
    };
    for ms in [20, 200, 700, 1800] {
        begin_and_kill(ms);
        eprintln!(
            "killed after {ms} ms: {} processes were left",
            running(&layout)
        );
    }
    up(&layout, &two(1), &binaries()).expect("a network");
    assert_eq!(running(&layout), 3, "none of an earlier attempt runs");
    remove(&layout).expect("clean");
    begin_and_kill(1500);
    remove(&layout).expect("clean of what is half made");
    assert_eq!((running(&layout), layout.root().exists()), (0, false));
}
