//! What people and hospitals write: policies, schemas, queries, files of a consortium, sources,
//! sealed bodies and vaults.

use super::Corpus;
use medveil_circuits::policy::PolicyDocument;
use medveil_circuits::schema::Schema;
use medveil_collections_config::{CollectionsConfig, SharingGroups};
use medveil_contract::testing::{access, fixture, sharing};
use medveil_custody::sealing::BodyKey;
use medveil_custody::{Stretch, Vault};
use medveil_fuzz::fixture::{
    BODY_CONTEXT, BUNDLE, CSV_SCHEMA, passphrase, private, sealing_secret, vault,
};
use medveil_fuzz::join_parts;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

const QUICKSTART: &str = include_str!("../../../../gateway/data/quickstart/policy.yaml");
const VISITS: &str = include_str!("../../../tests/journeys/visits.schema.json");

/// A policy with most of what the language has.
const LONG_POLICY: &str = r#"
format: medveil-policy-1
title: "Everything"
period_days: 30
dac: {members: [B, A], quorum: 1}
alternatives:
  - name: researcher
    require_study: true
    require_institution: true
    visas:
      - schema: affiliation
        group: universities
        institution: {in: [A, B, C, D, E, F]}
        role: {not_in: [student]}
        expiry: {at_least: 2026-01-31}
      - schema: ethics
        group: boards
        study: {eq: $request.study}
        disease: {descends_from: E11}
        permissions: {superset: [GRU, "DUO:0000042"]}
      - {schema: terms, group: holders, value: {in: [terms-2026, terms-2025]}, by: {eq: so}}
      - schema: cohort
        group: committees
        region: {eq: $request.region}
        asserted: {range: [2020-01-01, 2030-12-31]}
        conditions: {eq: "only at night"}
        source: {exists: true}
  - &other
    name: steward
    visas: [{schema: affiliation, group: g, role: {eq: steward}}]
"#;

pub fn put(corpus: &mut Corpus) {
    language(corpus);
    consortium(corpus);
    source(corpus);
    custody(corpus);
}

fn language(corpus: &mut Corpus) {
    for (name, yaml) in [
        ("quickstart", QUICKSTART),
        ("long", LONG_POLICY),
        ("short", access::POLICY),
    ] {
        corpus.put("policy_yaml", name, yaml);
        let document = PolicyDocument::from_yaml(yaml).expect("a policy");
        corpus.put("policy", name, document.to_canonical());
    }
    let fhir = medveil_source::default_fhir_schema_json();
    for (name, text) in [
        ("fhir", fhir),
        ("csv", CSV_SCHEMA),
        ("short", sharing::SCHEMA),
        ("visits", VISITS),
    ] {
        corpus.put("schema", name, text);
        let canonical = Schema::from_json(text).expect("a schema").to_canonical();
        corpus.put("schema", &format!("{name}-canonical"), canonical);
    }
    let queries = [
        "age BETWEEN 40 AND 65 AND t2dm",
        "NOT (sex = 'female' OR hba1c >= 6.55) AND \"age\" IS NOT NULL",
        "seen >= DATE '2020-02-29' AND seen < '2024-12-31'",
        "age IN (1, 2, 3) AND sex <> 'it''s'",
        "age NOT IN (-5, 127) OR TRUE",
        "t2dm = FALSE AND 40 < age",
    ];
    corpus.put_all("cohort", "query", &queries);
    corpus.put("cohort", "refused-wide", "wide = 1");
}

fn consortium(corpus: &mut Corpus) {
    let three = fixture::consortium(fixture::NONCE);
    corpus.put("consortium", "three", three.to_canonical());
    let four = medveil_msp::testing::consortium();
    corpus.put("consortium", "four", four.to_canonical());
    let groups = r#"{"format":"medveil-sharing-groups-1","groups":[
        {"name":"hospitals","members":["HospitalA","HospitalB"],"block_to_live":100},
        {"name":"all","members":["EthicsBoard","HospitalA","HospitalB","University"],"endorsers":3,"required_peer_count":1}]}"#;
    corpus.put("sharing_groups", "two", groups);
    let groups = SharingGroups::from_json(groups, &four).expect("groups");
    let collections = CollectionsConfig::derive(&four, &groups).expect("collections");
    corpus.put("collections", "two", collections.to_canonical());
    corpus.put("collections", "none", "[]");
}

fn source(corpus: &mut Corpus) {
    let table = "patient_id,age,sex,hba1c,seen,t2dm\np1,40,female,7.2,2024-01-31,true\n\
        p1,41,f,6.9,2023-01-31,\np2,-3,male,,,false\n\"p \"\"3\"\"\",5,m,9.9,,\n";
    corpus.put("csv", "comma", table);
    corpus.put(
        "csv",
        "semicolon",
        format!("\u{feff}{}", table.replace(',', ";").replace('\n', "\r\n")),
    );
    corpus.put("csv_schema", "csv", CSV_SCHEMA);
    let fhir = medveil_source::default_fhir_schema_json();
    corpus.put("fhir_schema", "fhir", fhir);
    corpus.put("fhir_bundle", "bundle", BUNDLE);
    let bundle: serde_json::Value = serde_json::from_str(BUNDLE).expect("json");
    let entries = bundle["entry"].as_array().expect("entries");
    // Lines have no full URLs, so subjects are named by type and id.
    let line = |e: &serde_json::Value| e["resource"].to_string().replace("urn:uuid:", "Patient/");
    let lines: Vec<String> = entries.iter().map(line).collect();
    corpus.put("fhir_lines", "lines", lines.join("\n"));
    let empty = r#"{"resourceType":"Bundle","type":"searchset","entry":[]}"#;
    let parts = [BUNDLE.as_bytes(), empty.as_bytes(), lines[0].as_bytes()];
    corpus.put("fhir_folder", "folder", join_parts(&parts));
}

fn custody(corpus: &mut Corpus) {
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    let to = sealing_secret().public().expect("a key");
    let sealed = BodyKey::generate(rng).seal(BODY_CONTEXT, b"Dear committee");
    let (body, key) = sealed.expect("a body");
    let wrapped = key.wrap(&to, BODY_CONTEXT, rng).expect("a wrapped key");
    corpus.put("sealed_body", "body", [wrapped, body].concat());
    let folder = tempfile::tempdir().expect("a folder");
    let vault = vault(folder.path());
    vault.put("key", b"a secret", rng).expect("a secret");
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    corpus.put("vault", "least", read("vault.json"));
    corpus.put("secret", "key", read("key.secret"));
    let more = Stretch {
        memory_kib: 9 * 1024,
        passes: 2,
        lanes: 2,
    };
    let folder = tempfile::tempdir().expect("a folder");
    private(folder.path());
    Vault::create(folder.path(), &passphrase(), more, rng).expect("a vault");
    corpus.put(
        "vault",
        "more",
        std::fs::read(folder.path().join("vault.json")).expect("a file"),
    );
}
