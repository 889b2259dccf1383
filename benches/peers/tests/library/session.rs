use medveil_peers::protocol::{Done, LineError, Order, Step};
use medveil_peers::session::*;
use std::ffi::OsString;
use std::time::{Duration, Instant};

fn shell(script: &str) -> Program {
    Program {
        path: "/bin/sh".into(),
        args: ["-c", script].map(OsString::from).into(),
        env: Vec::new(),
        is_once: false,
    }
}

/// What a peer answers to its first order.
fn answer(program: &Program, cpus: &Cpus, bound: Duration) -> Result<Done, SessionError> {
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::start(program, cpus, &folder.path().join("log"))?;
    session.order(Order::of(Step::Prove), bound)
}

const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_peer_that_hangs_is_stopped() {
    let begun = Instant::now();
    let hangs = shell("exec sleep 600");
    let late = answer(&hangs, &Cpus::all(), Duration::from_millis(200));
    assert!(matches!(late, Err(SessionError::Late(_))), "{late:?}");
    assert!(begun.elapsed() < SOON);
}

#[test]
fn a_peer_that_ends_is_quoted() {
    let ends = answer(
        &shell("read l; echo no memory >&2; exit 1"),
        &Cpus::all(),
        SOON,
    );
    let Err(SessionError::Ended(why)) = ends else {
        panic!("{ends:?}")
    };
    assert_eq!(why, ": no memory");
    let none = Program {
        path: "/no/such/program".into(),
        ..shell("")
    };
    let none = answer(&none, &Cpus::all(), SOON);
    assert!(matches!(none, Err(SessionError::Start { .. })));
}

#[test]
fn a_peer_that_babbles_is_refused_and_holds_nobody_up() {
    for script in ["read l; echo hello", "yes no", "head -c 1000000 /dev/zero"] {
        let babble = answer(&shell(script), &Cpus::all(), SOON);
        assert!(matches!(babble, Err(SessionError::Line(_))), "{babble:?}");
    }
}

#[test]
fn a_peer_answers_and_its_memory_is_known() {
    let script = r#"read l; echo '{"done":"prove","ms":3,"verified":true}'; read l"#;
    let log = tempfile::tempdir().unwrap();
    let mut session =
        Session::start(&shell(script), &Cpus::all(), &log.path().join("log")).unwrap();
    let done = session.order(Order::of(Step::Prove), SOON).unwrap();
    assert_eq!(done.ms, 3.0);
    if cfg!(target_os = "linux") {
        assert!(session.peak_memory().unwrap() > 100 << 10);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_peer_has_its_processors_and_this_process_keeps_all_of_its_own() {
    let one = Cpus::all().first(1).unwrap();
    let program = shell(r#"read l; echo "{\"done\":\"prove\",\"ms\":$(nproc),\"verified\":true}""#);
    assert_eq!(answer(&program, &one, SOON).unwrap().ms, 1.0);
    assert_eq!(
        Cpus::all().count(),
        std::thread::available_parallelism().unwrap().get()
    );
    assert!(Cpus::all().first(1 << 20).is_none());
    assert!(Cpus::all().first(0).is_none());
}

#[test]
fn a_program_for_each_proof_is_timed_and_its_proof_read() {
    let once = |script| Program {
        is_once: true,
        ..shell(script)
    };
    // $0 is the proof's place, $1 that of the public inputs.
    for (script, proof) in [("exit 3", false), ("exit 0", true), ("echo 7 > $0", true)] {
        let made = answer(&once(script), &Cpus::all(), SOON);
        let is_proof = matches!(made, Err(SessionError::Line(LineError::Proof(_))));
        assert_eq!(is_proof, proof, "{made:?}");
    }
    let late = answer(
        &once("exec sleep 600"),
        &Cpus::all(),
        Duration::from_millis(200),
    );
    assert!(matches!(late, Err(SessionError::Late(_))));
}
