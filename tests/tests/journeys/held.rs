//! R: transactions that were endorsed and signed and then held back, as a process that dies between
//! endorsement and order leaves them.

use crate::events;
use crate::homes::{Audited, Homes, Outbox, Requested, Settled, ask};
use crate::world::kill;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

const ALICE: &str = "University/alice";

fn envelopes(home: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(home.join("outbox"))
        .map(|e| e.flatten().map(|e| e.path()).collect::<Vec<_>>());
    entries
        .unwrap_or_default()
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "envelope"))
        .collect()
}

/// From now on nothing is ordered.
fn stop_ordering(homes: &Homes) {
    (0..homes.net.state().orderers.len()).for_each(|i| homes.net.kill(&format!("orderer{i}")));
}

/// Runs a command while nothing is ordered, and kills its process once the signed transaction is on
/// disk.
fn hold(homes: &Homes, home: &str, words: &[&str]) -> PathBuf {
    let told = std::fs::File::create(homes.path("held.log")).unwrap();
    let mut child = homes
        .command(home, ALICE, words)
        .stdout(Stdio::null())
        .stderr(told)
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while envelopes(&homes.path(home)).is_empty() {
        let lives =
            child.try_wait().unwrap().is_none() && begun.elapsed() < Duration::from_secs(90);
        assert!(
            lives,
            "nothing was signed: {}",
            std::fs::read_to_string(homes.path("held.log")).unwrap()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    kill(child.id());
    child.wait().unwrap();
    let held = envelopes(&homes.path(home));
    assert_eq!(held.len(), 1);
    held[0].clone()
}

/// Follows what is on its way to its end; gives block and code.
fn settled(homes: &Homes, home: &str) -> (u64, String) {
    let outbox: Outbox = homes.answer(home, "University", &["ledger", "outbox"]);
    let [only] = <[Settled; 1]>::try_from(outbox.settled).unwrap();
    assert_eq!(only.function, "RequestAccess");
    assert!(envelopes(&homes.path(home)).is_empty());
    (only.block, only.code)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
}

/// I2, I5: of two requests with one nullifier one counts, and sending it again changes nothing.
fn r_of_two_held_requests_with_one_nullifier_one_counts(homes: &Homes) {
    copy(&homes.path("University"), &homes.path("Second"));
    stop_ordering(homes);
    let words = ask("HospitalA/visits");
    let first = hold(homes, "University", &words);
    hold(homes, "Second", &words);
    let kept = std::fs::read(&first).unwrap();
    homes.net.restart();
    let one = settled(homes, "University");
    assert_eq!(one.1, "VALID");
    assert_eq!(settled(homes, "Second").1, "MVCC_READ_CONFLICT");
    // The same bytes once more: the verdict stays.
    std::fs::write(&first, kept).unwrap();
    assert_eq!(settled(homes, "University"), one);
    // The same ask is answered as it was recorded.
    let _: Requested = homes.answer("University", ALICE, &words);
    assert_eq!(
        homes.fails("Second", ALICE, &words),
        3,
        "one request a period"
    );
}

/// A proof that was endorsed while its visa was good does not outlive the revocation.
fn r_a_held_request_dies_with_a_revocation(homes: &Homes, index: &str) {
    let words = ask("HospitalA/more");
    stop_ordering(homes);
    hold(homes, "University", &words);
    homes.net.restart();
    let revoke = [
        "issuer", "revoke", "--schema", "ethics", "--group", "boards", index, "--urgent",
    ];
    homes.run("EthicsBoard", "EthicsBoard", &revoke);
    assert_eq!(settled(homes, "University").1, "MVCC_READ_CONFLICT");
    assert_eq!(
        homes.fails("University", ALICE, &words),
        3,
        "the visa is revoked"
    );
}

/// A listener whose peer is killed looks for it, goes on where it stopped, and tells everything
/// once.
fn f_a_listener_goes_on_when_its_peer_is_back(homes: &Homes) {
    let told = homes.path("told.jsonl");
    let listen = [
        "ledger",
        "events",
        "--follow",
        "--checkpoint",
        "follow.json",
    ];
    let mut child = homes
        .command("EthicsBoard", "EthicsBoard", &listen)
        .stdout(std::fs::File::create(&told).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let heard = |name: &str| {
        std::fs::read_to_string(&told)
            .unwrap()
            .matches(&format!("\"name\":\"{name}\""))
            .count()
    };
    let until = |name: &str, n: usize| {
        let begun = Instant::now();
        while heard(name) < n {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "{name}: {} of {n}",
                heard(name)
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    until("dataset.registered", 2);
    let policies = heard("policy.put");
    homes.net.kill("peer-EthicsBoard");
    homes.run(
        "HospitalA",
        "HospitalA",
        &[
            "policy",
            "put",
            "policy.yaml",
            "--future",
            "--dataset",
            "third",
        ],
    );
    homes.net.restart();
    homes.run(
        "HospitalA",
        "HospitalA",
        &[
            "policy",
            "put",
            "policy.yaml",
            "--future",
            "--dataset",
            "fourth",
        ],
    );
    until("policy.put", policies + 2);
    kill(child.id());
    child.wait().unwrap();
    assert_eq!(
        (
            heard("policy.put"),
            heard("dataset.registered"),
            heard("access.requested")
        ),
        (policies + 2, 2, 1)
    );
}

#[test]
fn r_held_back_transactions() {
    let (homes, index) = Homes::with_visas();
    homes.share("visits");
    homes.share("more");
    r_of_two_held_requests_with_one_nullifier_one_counts(&homes);
    r_a_held_request_dies_with_a_revocation(&homes, &index);
    let audit: Audited = homes.answer("EthicsBoard", "EthicsBoard", &["ledger", "audit"]);
    assert_eq!(
        audit.invalid, 2,
        "two conflicts; the copy was asked for and not sent again: {audit:?}"
    );
    // Listeners hear what counts, once, and go on where they stopped.
    let listen = ["ledger", "events", "--checkpoint", "place.json"];
    let output = homes
        .command("EthicsBoard", "EthicsBoard", &listen)
        .output()
        .unwrap();
    let lines = events::read(&output.stdout);
    assert_eq!(
        (
            events::count(&lines, "access.requested"),
            events::count(&lines, "dataset.registered")
        ),
        (1, 2),
        "{lines:?}"
    );
    let output = homes
        .command("EthicsBoard", "EthicsBoard", &listen)
        .output()
        .unwrap();
    assert!(events::read(&output.stdout).is_empty());
    f_a_listener_goes_on_when_its_peer_is_back(&homes);
}
