//! The process dies between any two writes; the chain tears at any byte; folders are restored from
//! old copies.

use medveil_embedded::testing::*;
use medveil_embedded::*;
use medveil_embedded_wire::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering as Memory};

/// Stops at the n-th write point, or tears the chain frame there.
pub struct StopAt {
    n: usize,
    fault: Fault,
    seen: AtomicUsize,
}

impl StopAt {
    pub fn new(n: usize, fault: Fault) -> Arc<Self> {
        Arc::new(StopAt {
            n,
            fault,
            seen: AtomicUsize::new(0),
        })
    }
}

impl Faults for StopAt {
    fn at(&self, _: &WritePoint) -> Fault {
        if self.seen.fetch_add(1, Memory::SeqCst) == self.n {
            self.fault
        } else {
            Fault::None
        }
    }
}

/// A call that writes publicly and privately, so that every write point is passed.
fn busy(backend: &EmbeddedClient, key: &str) -> Prepared {
    let tx = private(
        &[
            "store",
            "_implicit_org_HospitalA",
            key,
            &format!("public-{key}"),
        ],
        &MAJORITY,
        b"sealed",
    );
    backend.prepare(&tx).unwrap()
}

/// Whether the transaction counts, which every organisation must say alike, publicly and privately.
fn counts(world: &World, ledger: &EmbeddedLedger, key: &str) -> bool {
    let public: Vec<bool> = ORGS
        .iter()
        .map(|o| {
            !ask(
                &world.client_of(ledger, o),
                &["get", &format!("public-{key}")],
            )
            .unwrap()
            .is_empty()
        })
        .collect();
    assert!(
        public.iter().all(|p| *p == public[0]),
        "organisations disagree"
    );
    let a = world.client_of(ledger, "HospitalA");
    let value = ask(&a, &["fetch", "_implicit_org_HospitalA", key]).unwrap();
    assert_eq!(
        value,
        if public[0] {
            b"sealed".to_vec()
        } else {
            Vec::new()
        },
        "private and public differ"
    );
    public[0]
}

fn points(world: &World) -> usize {
    let counter = StopAt::new(usize::MAX, Fault::None);
    let ledger = world.open_with(|o| o.faults = counter.clone());
    ledger
        .order(vec![busy(&world.client_of(&ledger, "HospitalA"), "count")])
        .unwrap();
    counter.seen.load(Memory::SeqCst)
}

#[test]
fn f_a_process_that_stops_between_any_two_writes_leaves_all_or_nothing() {
    let world = World::new(50);
    let n = points(&world);
    // One staging, append, sync, two for each of four organisations, acknowledge.
    assert_eq!(n, 12);
    let mut outcomes = Vec::new();
    for point in 0..n {
        let key = format!("k{point}");
        let ledger = world.open_with(|o| o.faults = StopAt::new(point, Fault::Stop));
        let a = world.client_of(&ledger, "HospitalA");
        let prepared = busy(&a, &key);
        assert!(ledger.order(vec![prepared.clone()]).is_err());
        // Nothing more happens in this process.
        let again = busy(&a, "other");
        assert!(matches!(
            ledger.order(vec![again]),
            Err(OrderError::Stopped)
        ));
        drop((ledger, a));
        let ledger = world.open();
        let done = counts(&world, &ledger, &key);
        outcomes.push(done);
        let known = ledger
            .transaction(&prepared.tx_id())
            .unwrap()
            .map(|t| t.code);
        assert_eq!(known, done.then_some(ValidationCode::Valid));
        // The retry of the same bytes gives the transaction exactly once.
        let retry = ledger.order(vec![prepared]).unwrap()[0].code;
        assert_eq!(
            retry,
            if done {
                ValidationCode::DuplicateTxId
            } else {
                ValidationCode::Valid
            }
        );
        assert!(counts(&world, &ledger, &key));
        assert_clean(&world, ledger);
    }
    // Before the append nothing happened; once the frame is whole everything did.
    let first = outcomes.iter().position(|done| *done).unwrap();
    assert_eq!(first, 2);
    assert!(outcomes[first..].iter().all(|done| *done));
}

fn assert_clean(world: &World, ledger: EmbeddedLedger) {
    drop(ledger);
    let chaincode: MakeChaincode = Arc::new(|_, _| Ok(Arc::new(run)));
    let report = medveil_audit::files::audit(&world.root(), &chaincode, None).unwrap();
    assert_eq!(report.findings, []);
}

#[test]
fn f_a_torn_end_of_the_chain_is_cut_off() {
    let world = World::new(51);
    let whole = {
        let ledger = world.open();
        let before = std::fs::metadata(world.root().join("chain")).unwrap().len();
        ledger
            .order(vec![busy(&world.client_of(&ledger, "HospitalA"), "whole")])
            .unwrap();
        (std::fs::metadata(world.root().join("chain")).unwrap().len() - before) as usize
    };
    // In the length, in the checksum, at the start, in the middle, and one byte before the end.
    for (i, bytes) in [1, 7, 8, 20, 39, 40, 41, 100, whole / 2, whole - 60]
        .into_iter()
        .enumerate()
    {
        let key = format!("k{i}");
        let ledger = world.open_with(|o| o.faults = StopAt::new(1, Fault::Tear(bytes)));
        let prepared = busy(&world.client_of(&ledger, "HospitalA"), &key);
        assert!(ledger.order(vec![prepared.clone()]).is_err());
        drop(ledger);
        let ledger = world.open();
        assert!(!counts(&world, &ledger, &key));
        assert_eq!(
            ledger.order(vec![prepared]).unwrap()[0].code,
            ValidationCode::Valid
        );
        assert!(counts(&world, &ledger, "whole"));
        drop(ledger);
    }
    // A file that grew by zeros.
    let chain = world.root().join("chain");
    let len = std::fs::metadata(&chain).unwrap().len();
    std::fs::OpenOptions::new()
        .write(true)
        .open(&chain)
        .unwrap()
        .set_len(len + 4096)
        .unwrap();
    let ledger = world.open();
    assert!(counts(&world, &ledger, "k0"));
    assert_clean(&world, ledger);
}

#[test]
fn f_an_old_chain_under_newer_heads_is_refused() {
    let world = World::new(53);
    let ledger = world.open();
    ledger
        .order(vec![busy(&world.client_of(&ledger, "HospitalA"), "one")])
        .unwrap();
    drop(ledger);
    let old = world.backup("old");
    let ledger = world.open();
    ledger
        .order(vec![busy(&world.client_of(&ledger, "HospitalA"), "two")])
        .unwrap();
    drop(ledger);
    std::fs::copy(old.join("chain"), world.root().join("chain")).unwrap();
    assert!(matches!(
        world.try_open(world.options()).err(),
        Some(OpenError::Damage(inner)) if matches!(*inner, OpenError::Head {
            number: 1,
            what: "is shorter",
            ..
        })
    ));
}

const CHILD: &str = "MEDVEIL_TEST_CHILD";

/// Says where it is and waits to be killed.
struct WaitToDie(usize, AtomicUsize);

impl Faults for WaitToDie {
    fn at(&self, point: &WritePoint) -> Fault {
        if self.1.fetch_add(1, Memory::SeqCst) == self.0 {
            std::fs::write(
                std::env::var("MEDVEIL_TEST_MARK").unwrap(),
                format!("{point:?}"),
            )
            .unwrap();
            loop {
                std::thread::park();
            }
        }
        Fault::None
    }
}

/// The child's half of the next test: opens the parent's ledger and submits one transaction.
#[test]
fn child_of_kill_nine() {
    let Ok(spec) = std::env::var(CHILD) else {
        return;
    };
    let (seed, point) = spec.split_once(':').unwrap();
    let root = std::path::PathBuf::from(std::env::var("MEDVEIL_TEST_ROOT").unwrap());
    // The same seed founds the same organisations.
    let world = World::new(seed.parse().unwrap());
    let point: usize = point.parse().unwrap();
    let mut options = world.options();
    options.faults = Arc::new(WaitToDie(point, AtomicUsize::new(0)));
    options.rng = Box::new(
        <rand_chacha::ChaCha20Rng as rand::SeedableRng>::seed_from_u64(1000 + point as u64),
    );
    let ledger = EmbeddedLedger::open(&root, options).unwrap();
    ledger
        .order(vec![busy(
            &world.client_of(&ledger, "HospitalA"),
            &format!("k{point}"),
        )])
        .unwrap();
}

#[test]
fn f_kill_nine_at_every_write_point() {
    let world = World::new(54);
    let mark = world.dir.path().join("mark");
    let mut acknowledged = Vec::new();
    for point in 0..12 {
        let _ = std::fs::remove_file(&mark);
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "faults::child_of_kill_nine", "--nocapture"])
            .env(CHILD, format!("54:{point}"))
            .env("MEDVEIL_TEST_ROOT", world.root())
            .env("MEDVEIL_TEST_MARK", &mark)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        while !mark.exists() {
            assert!(
                child.try_wait().unwrap().is_none(),
                "the child ended before point {point}"
            );
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(matches!(
            world.try_open(world.options()),
            Err(OpenError::InUse(_))
        ));
        child.kill().unwrap();
        child.wait().unwrap();
        let ledger = world.open();
        let done = counts(&world, &ledger, &format!("k{point}"));
        assert_eq!(done, point >= 2, "point {point}");
        let key = format!("after{point}");
        ledger
            .order(vec![busy(&world.client_of(&ledger, "HospitalA"), &key)])
            .unwrap();
        acknowledged.push(key);
        for key in &acknowledged {
            assert!(
                counts(&world, &ledger, key),
                "an acknowledged write was lost"
            );
        }
        assert_clean(&world, ledger);
    }
}
