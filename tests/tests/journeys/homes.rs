//! Journey two over processes: three organisations, each with a home and `medveil` processes of its
//! own, meet on Fabric and nowhere else.

use crate::canary;
use crate::shared_keys;
use crate::world::{Net, program};
use medveil_gateway::home::Home;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const SCHEMA: &str = include_str!("visits.schema.json");
const POLICY: &str = include_str!("../../../gateway/data/quickstart/policy.yaml");
const ROWS: &str = "patient,age,sugar,smoker\ncanary-patient-1,44,5.4,no\ncanary-patient-2,61,,yes\ncanary-patient-2,62,7.1,yes\np3,29,4.9,\n";

const A: &str = "HospitalA";
const ORGS: [&str; 4] = [A, "HospitalB", "University", "EthicsBoard"];

/// What alice says to ask for a dataset.
pub fn ask(dataset: &str) -> [&str; 10] {
    [
        "access",
        "request",
        "--dataset",
        dataset,
        "--study",
        "canary-study-7",
        "--purpose",
        "research",
        "--letter",
        "letter.txt",
    ]
}

/// What the tests read of `access.request`.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Requested {
    pub request: String,
    pub tx_id: String,
}

/// What the tests read of `ledger.audit`.
#[derive(Debug, Deserialize)]
pub struct Audited {
    pub proofs: u64,
    pub orderer_signatures: u64,
    pub invalid: u64,
}

/// What the tests read of `ledger.outbox`: transactions of earlier processes, and their ends.
#[derive(Debug, Deserialize)]
pub struct Outbox {
    pub settled: Vec<Settled>,
}

#[derive(Debug, Deserialize)]
pub struct Settled {
    pub function: String,
    pub block: u64,
    pub code: String,
}

#[derive(Deserialize)]
struct Issued {
    revocation_index: String,
}

/// Separate homes over one network.
pub struct Homes {
    pub net: Net,
    folder: TempDir,
}

impl Homes {
    /// A path beside the homes.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command of an actor, from a home.
    pub fn command(&self, home: &str, actor: &str, words: &[&str]) -> Command {
        let mut command = Command::new(program("medveil"));
        command
            .current_dir(self.folder.path())
            .env("MEDVEIL_PASSPHRASE", "correct horse battery");
        command
            .args(["--json", "--home", home, "--as", actor])
            .args(words);
        command
    }

    /// Runs a command; gives its last line.
    pub fn run(&self, home: &str, actor: &str, words: &[&str]) -> String {
        let output = self.command(home, actor, words).output().unwrap();
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "{home} {actor} {words:?}: {err}");
        out.lines().last().unwrap().to_owned()
    }

    /// Runs a command; gives the part of its last line that a test reads.
    pub fn answer<T: DeserializeOwned>(&self, home: &str, actor: &str, words: &[&str]) -> T {
        serde_json::from_str(&self.run(home, actor, words)).unwrap()
    }

    /// Runs a command that must fail; gives its exit code.
    pub fn fails(&self, home: &str, actor: &str, words: &[&str]) -> i32 {
        self.command(home, actor, words)
            .output()
            .unwrap()
            .status
            .code()
            .unwrap()
    }

    /// I6, P1: who the patients are, what was studied and what was written lie in no home in the
    /// open, and on no disk or log of the network.
    pub fn show_nothing(&self) {
        let canaries = ["canary-patient", "canary-study", "canary-letter"];
        for folder in ORGS.into_iter().chain(["net"]) {
            assert_eq!(
                canary::found(&self.path(folder), &canaries),
                Vec::<String>::new()
            );
        }
    }

    /// A home for each organisation.
    pub fn new(orgs: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let homes = Homes {
            net: Net::new(&folder.path().join("net"), 3),
            folder,
        };
        for org in orgs {
            let file = homes.net.layout().join(&crate::world::org(org));
            homes.run(org, org, &["consortium", "join", file.to_str().unwrap()]);
        }
        homes
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn activate(&self, circuits: &[&str]) {
        for circuit in circuits {
            let store = |home: &str| Home::new(self.path(home)).key_store();
            shared_keys::with(circuit, &store(A), || {
                self.run(A, A, &["circuit", "propose", circuit])
            });
            for approver in ["HospitalB", "University"] {
                // The smallest circuit's keys are recomputed by each approver.
                if *circuit != "handover" {
                    shared_keys::put(circuit, &store(approver));
                }
                self.run(approver, approver, &["circuit", "approve", circuit]);
            }
            self.run("HospitalA", "HospitalA", &["circuit", "activate", circuit]);
        }
    }

    /// An issuer of this organisation gives alice a visa; the request and the visa travel as files.
    /// Gives its revocation index.
    fn visa(&self, issuer: &str, schema: &str, group: &str, words: &[&str]) -> String {
        let place = ["--schema", schema, "--group", group];
        self.run(issuer, issuer, &[&["issuer", "init"], &place[..]].concat());
        self.run(
            issuer,
            issuer,
            &[&["issuer", "register"], &place[..]].concat(),
        );
        self.run(
            "University",
            "University/alice",
            &[
                "visa",
                "request",
                "--schema",
                schema,
                "--out",
                "visa.request",
            ],
        );
        let issue = [
            "issuer",
            "issue",
            "--request",
            "visa.request",
            "--group",
            group,
            "--out",
            "visa.json",
        ];
        let issued: Issued = self.answer(issuer, issuer, &[&issue[..], words].concat());
        self.run(
            "University",
            "University/alice",
            &["visa", "import", "visa.json"],
        );
        std::fs::remove_file(self.path("visa.json")).unwrap();
        std::fs::remove_file(self.path("visa.request")).unwrap();
        issued.revocation_index
    }

    /// Four homes; alice has two visas; gives the revocation index of the second.
    pub fn with_visas() -> (Self, String) {
        let homes = Homes::new(&ORGS);
        assert_eq!(folders(homes.folder.path()), ORGS.len() + 1);
        homes.activate(&["registration-16", "eligibility-4", "handover"]);
        homes.visa(
            "University",
            "affiliation",
            "universities",
            &["--role", "researcher"],
        );
        let index = homes.visa(
            "EthicsBoard",
            "ethics",
            "boards",
            &["--study", "canary-study-7", "--permissions", "GRU"],
        );
        for (name, text) in [
            ("visits.csv", ROWS),
            ("visits.schema.json", SCHEMA),
            ("policy.yaml", POLICY),
            ("letter.txt", "canary-letter: please"),
        ] {
            homes.write(name, text);
        }
        for org in [A, "HospitalB"] {
            homes.run(org, org, &["keys", "publish"]);
        }
        (homes, index)
    }

    /// HospitalA commits a dataset and puts its policy.
    pub fn commit(&self, name: &str) {
        let put = [
            "policy",
            "put",
            "policy.yaml",
            "--future",
            "--dataset",
            name,
        ];
        self.run(A, A, &put);
        self.run(
            A,
            A,
            &[
                "dataset",
                "commit",
                "visits.csv",
                "--schema",
                "visits.schema.json",
                "--name",
                name,
                "--group",
                "research",
            ],
        );
    }

    /// HospitalA registers a dataset under its policy.
    pub fn share(&self, name: &str) {
        self.commit(name);
        self.run(A, A, &["dataset", "register", "--name", name]);
        self.run(A, A, &["dataset", "store", "--name", name]);
    }
}

fn folders(root: &Path) -> usize {
    std::fs::read_dir(root)
        .unwrap()
        .flatten()
        .filter(|e| e.path().is_dir())
        .count()
}

/// The recipient's peer alone executes a handover: its program may be any. The holder compares
/// before it signs, and nothing is ordered.
fn p10_a_recipient_whose_peer_takes_other_keys_than_were_sent_is_noticed(homes: &Homes, id: &str) {
    let blocks = || homes.run(A, A, &["ledger", "blocks"]);
    let before = blocks();
    homes.net.patch("University", Some("probe-chaincode"));
    let output = homes
        .command(A, A, &["access", "handover", id])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains("not what was sent"),
        "{said}"
    );
    homes.net.patch("University", None);
    assert_eq!(blocks(), before, "nothing was ordered");
}

#[test]
fn organisations_with_homes_of_their_own_meet_on_fabric_only() {
    let (homes, _) = Homes::with_visas();
    let (a, alice) = (A, "University/alice");
    homes.share("visits");
    let ask = ask("HospitalA/visits");
    let requested: Requested = homes.answer("University", alice, &ask);
    let again: Requested = homes.answer("University", alice, &ask);
    assert_eq!(
        again, requested,
        "the same ask is answered as the first time"
    );
    let id = requested.request.as_str();
    let other = ask.map(|word| if word == "research" { "teaching" } else { word });
    assert_eq!(
        homes.fails("University", alice, &other),
        3,
        "one request a period"
    );
    // What one home does not hold it cannot do: the researcher's secret is in her institution's
    // home alone.
    assert_eq!(homes.fails(a, alice, &ask), 4);
    assert_eq!(
        homes.fails(a, "HospitalB", &["access", "decide", id, "--approve"]),
        4,
        "another organisation's key is not here"
    );
    assert_eq!(
        homes.fails(a, a, &["access", "decide", id, "--approve"]),
        3,
        "nobody votes on what it has not seen"
    );
    for voter in [a, "HospitalB"] {
        let shown = homes.run(voter, voter, &["access", "show", id]);
        assert!(shown.contains("canary-study-7") && shown.contains("canary-letter: please"));
        homes.run(voter, voter, &["access", "decide", id, "--approve"]);
    }
    p10_a_recipient_whose_peer_takes_other_keys_than_were_sent_is_noticed(&homes, id);
    homes.run(a, a, &["access", "handover", id]);
    homes.run(a, a, &["access", "confirm", id]);
    homes.run(
        "University",
        alice,
        &["dataset", "read", "--grant", id, "--out", "rows.csv"],
    );
    assert_eq!(
        std::fs::read_to_string(homes.path("rows.csv"))
            .unwrap()
            .lines()
            .count(),
        5,
        "a header and four rows"
    );
    let audit: Audited = homes.answer("EthicsBoard", "EthicsBoard", &["ledger", "audit"]);
    assert!(
        audit.proofs >= 3 && audit.orderer_signatures > 20,
        "{audit:?}"
    );
}
