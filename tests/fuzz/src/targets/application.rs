//! What people give to the program: files to join a network, requests for a visa, reports that a
//! holder opens.

use crate::fixture::{FOUR, scratch};
use crate::target::{Form, Reading, Target};
use medveil_gateway::journey::dataset::{OpenReport, Part};
use medveil_gateway::journey::join::JoinFile;
use medveil_gateway::journey::visa::RequestFile;
use medveil_msp::testing::{ORGS, consortium};
use std::path::PathBuf;
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[
    Target::new("join_file", Form::Json, join_file).with_words(JOIN),
    Target::new("connection_profile", Form::Text, connection_profile).with_words(PROFILE),
    Target::new("visa_request", Form::Json, visa_request).with_words(&["medveil-visa-request-1"]),
    Target::new("open_report", Form::Json, open_report).with_words(&["parts", "root"]),
    Target::new("report_part", Form::Json, report_part).with_words(&["files", "whole", "column"]),
];

const JOIN: &[&str] = &[
    "medveil-join-1",
    "connection_profile",
    "tls_authority",
    "tls_client",
    "admin",
    "client",
    "authorities",
    "consortium.json",
    ".",
];
const PROFILE: &[&str] = &[
    "organizations:",
    "peers:",
    "mspid: HospitalA",
    "url: grpcs://127.0.0.1:7051",
    "tlsCACerts:",
    "grpcOptions:",
    "ssl-target-name-override",
    "&a",
    "*a",
    "<<: *a",
];

/// A join file with peers of its own, in the folder of `folder`.
pub const JOIN_FILE: &str = r#"{"format":"medveil-join-1","channel":"medveil-channel","chaincode":"medveil",
 "genesis":"0707070707070707070707070707070707070707070707070707070707070707","msp_id":"HospitalA",
 "peers":[{"address":"127.0.0.1:7051","tls_name":"localhost"}],"tls_authority":"HospitalA.pem",
 "authorities":{"EthicsBoard":"EthicsBoard.pem","HospitalA":"HospitalA.pem","HospitalB":"HospitalB.pem","University":"University.pem"},
 "consortium":"consortium.json","sharing_groups":"groups.json"}"#;

const GROUPS: &str = r#"{"format":"medveil-sharing-groups-1","groups":[{"name":"hospitals","members":["HospitalA","HospitalB"]}]}"#;

/// What join files name.
fn folder() -> PathBuf {
    let folder = scratch("join");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.join(name), bytes).expect("a file");
    };
    for (name, founded) in ORGS.iter().zip(&FOUR.founded) {
        let pem = founded.authority.certificate().to_pem();
        write(&format!("{name}.pem"), pem.as_bytes());
    }
    write("consortium.json", &consortium().to_canonical());
    write("groups.json", GROUPS.as_bytes());
    folder
}

fn join_file(input: &[u8]) -> Reading {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(folder);
    let path = FOLDER.join("join.json");
    std::fs::write(&path, input).expect("a file");
    Reading::of(JoinFile::check(&path))
}

/// A connection profile that a join file names.
fn connection_profile(input: &[u8]) -> Reading {
    static JOIN: LazyLock<PathBuf> = LazyLock::new(|| {
        let path = folder().join("by-profile.json");
        let own = r#""peers":[{"address":"127.0.0.1:7051","tls_name":"localhost"}],"tls_authority":"HospitalA.pem""#;
        let named = JOIN_FILE.replace(own, r#""connection_profile":"profile.yaml""#);
        std::fs::write(&path, named).expect("a file");
        path
    });
    std::fs::write(JOIN.with_file_name("profile.yaml"), input).expect("a file");
    Reading::of(JoinFile::check(&JOIN))
}

/// The connection profile of the corpus.
pub fn profile() -> String {
    let founded = FOUR.founded.first().expect("an organisation");
    let pem = founded.authority.certificate().to_pem();
    let pem: String = pem.lines().map(|l| format!("        {l}\n")).collect();
    format!(
        "organizations:\n  A:\n    mspid: HospitalA\n    peers: [p]\npeers:\n  p:\n    url: grpcs://127.0.0.1:7051\n    tlsCACerts:\n      pem: |\n{pem}    grpcOptions:\n      ssl-target-name-override: localhost\n"
    )
}

fn visa_request(input: &[u8]) -> Reading {
    static PATH: LazyLock<PathBuf> = LazyLock::new(|| scratch("visa").join("request.json"));
    std::fs::write(&*PATH, input).expect("a file");
    Reading::of(RequestFile::read(&PATH))
}

fn open_report(input: &[u8]) -> Reading {
    match OpenReport::from_json(input) {
        Ok(report) => Reading::of(report.read()),
        Err(error) => Reading::refused(error),
    }
}

/// A part of a report: for the whole, for its files, or for a column.
fn report_part(input: &[u8]) -> Reading {
    let read = (0..3).map(|index| Part::read(index, input));
    Reading::of(read.reduce(Result::or).expect("three places"))
}
