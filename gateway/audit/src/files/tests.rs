use super::*;
use medveil_contract::ContractError;
use medveil_embedded::testing::*;
use medveil_embedded::{ChainError, EmbeddedLedger, Simulator};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::path::PathBuf;
use std::sync::Arc;

fn honest() -> MakeChaincode {
    Arc::new(|_, _| Ok(Arc::new(run)))
}
fn is_damage(opened: Result<EmbeddedLedger, OpenError>, what: fn(&OpenError) -> bool) -> bool {
    matches!(opened, Err(OpenError::Damage(inner)) if what(&inner))
}
fn run_audit(world: &World) -> Report {
    audit(&world.root(), &honest(), None).unwrap()
}

/// A ledger with public and private values, a replaced value and a transaction that does not count.
fn filled(seed: u64) -> World {
    let world = World::new(seed);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    submit(&a, call(&["put", "k1", "v1"], &MAJORITY)).unwrap();
    submit(
        &a,
        private(
            &["store", "hospitals", "p"],
            &["HospitalA", "HospitalB"],
            b"sealed",
        ),
    )
    .unwrap();
    submit(&a, call(&["confirm", "hospitals", "p", "seen"], &MAJORITY)).unwrap();
    let held = a.prepare(&call(&["spend", "k2", "v2"], &MAJORITY)).unwrap();
    let rival = a.prepare(&call(&["spend", "k2", "v3"], &MAJORITY)).unwrap();
    ledger.order(vec![held, rival]).unwrap();
    submit(&a, call(&["put", "k1", "v4"], &MAJORITY)).unwrap();
    world
}

#[test]
fn a_sound_ledger_audits_clean() {
    let world = filled(60);
    let report = run_audit(&world);
    assert_eq!(report.findings, []);
    assert!(report.is_clean());
    assert_eq!(
        (report.blocks, report.valid, report.invalid.len()),
        (5, 5, 1)
    );
    assert_eq!(report.invalid[0].1.name, "MVCC_READ_CONFLICT");
    // The private store call of the test contract has arguments that the auditor does not know how
    // to put together.
    assert_eq!((report.executed, report.not_executed.len()), (4, 1));
    let anchor = *world.open().anchor();
    assert_eq!(report.genesis, hex::encode(anchor));
    assert!(audit(&world.root(), &honest(), Some(&anchor)).is_ok());
    assert!(matches!(
        audit(&world.root(), &honest(), Some(&[0; 32])),
        Err(AuditError::Anchor { .. })
    ));
    let open = world.open();
    assert!(matches!(
        audit(&world.root(), &honest(), None),
        Err(AuditError::Open(OpenError::InUse(_)))
    ));
    drop(open);
    assert!(matches!(
        audit(&world.root().join("none"), &honest(), None),
        Err(AuditError::Open(OpenError::Presence { .. }))
    ));
}

type Bytes = &'static [u8];
const TEXT: [TableDefinition<&str, Bytes>; 2] = [
    TableDefinition::new("public"),
    TableDefinition::new("transactions"),
];
const HASHED: TableDefinition<(&str, Bytes), Bytes> = TableDefinition::new("hashed");
const CODES: TableDefinition<u64, Bytes> = TableDefinition::new("codes");
const VALUES: TableDefinition<(&str, &str), Bytes> = TableDefinition::new("values");

/// Changes one byte of the n-th record of a store, in its first, middle or last byte; none when
/// there are fewer.
fn change_record(path: &PathBuf, n: usize, at: usize) -> Option<()> {
    let spot = |value: &mut Vec<u8>| {
        let i = [0, value.len() / 2, value.len() - 1][at];
        value[i] ^= 0x40;
    };
    let db = Database::open(path).unwrap();
    let read = db.begin_read().unwrap();
    let txn = db.begin_write().unwrap();
    let mut left = n;
    macro_rules! table {
        ($definition:expr) => {
            if let Ok(table) = read.open_table($definition) {
                let len = table.iter().unwrap().count();
                if left < len {
                    let (key, value) = table.iter().unwrap().nth(left).unwrap().unwrap();
                    let mut value = value.value().to_vec();
                    spot(&mut value);
                    txn.open_table($definition)
                        .unwrap()
                        .insert(key.value(), value.as_slice())
                        .unwrap();
                    txn.commit().unwrap();
                    return Some(());
                }
                left -= len;
            }
        };
    }
    table!(TEXT[0]);
    table!(TEXT[1]);
    table!(HASHED);
    table!(CODES);
    table!(VALUES);
    assert!(left < usize::MAX, "more entries than the ledger holds");
    None
}

#[test]
fn i4_a_changed_byte_in_any_live_record_is_found() {
    let world = filled(61);
    let mut changed = 0;
    for org in ORGS {
        for store in ["state.redb", "private.redb"] {
            let path = world.root().join(format!("orgs/{org}/{store}"));
            let kept = std::fs::read(&path).unwrap();
            for n in 0.. {
                let mut any = false;
                for at in 0..3 {
                    if change_record(&path, n, at).is_none() {
                        break;
                    }
                    any = true;
                    let report = run_audit(&world);
                    let named = report.findings.iter().filter(|f| f.place == org).count();
                    assert!(
                        named >= 1 && named == report.findings.len(),
                        "{org} {store} record {n}: {:?}",
                        report.findings
                    );
                    changed += 1;
                    std::fs::write(&path, &kept).unwrap();
                }
                if !any {
                    break;
                }
            }
        }
    }
    // 4 organisations: 3 public values, 6 transactions, 1 private hash, 5 verdict lists; 2 private
    // values.
    assert_eq!(changed, 3 * (4 * (3 + 6 + 1 + 5) + 2));
    assert!(run_audit(&world).is_clean());
}

#[test]
fn i4_missing_and_added_records_are_found() {
    let world = filled(62);
    let path = world.root().join("orgs/University/private.redb");
    {
        let db = Database::open(&path).unwrap();
        let txn = db.begin_write().unwrap();
        txn.open_table(VALUES)
            .unwrap()
            .insert(("hospitals", "p"), b"sealed".as_slice())
            .unwrap();
        txn.commit().unwrap();
    }
    let report = run_audit(&world);
    assert_eq!(report.findings.len(), 1);
    assert!(
        report.findings[0].what.contains("not on the chain"),
        "a value at an organisation that is no member"
    );
    let path = world.root().join("orgs/HospitalB/private.redb");
    {
        let db = Database::open(&path).unwrap();
        let txn = db.begin_write().unwrap();
        txn.open_table(VALUES)
            .unwrap()
            .remove(("hospitals", "p"))
            .unwrap();
        txn.commit().unwrap();
    }
    let places: Vec<String> = run_audit(&world)
        .findings
        .into_iter()
        .map(|f| f.place)
        .collect();
    assert_eq!(places, ["HospitalB", "University"]);
}

#[test]
fn i4_damaged_database_files_never_pass_for_other_content() {
    let world = filled(63);
    let path = world.root().join("orgs/HospitalB/state.redb");
    let kept = std::fs::read(&path).unwrap();
    let clean = run_audit(&world);
    let mut found = 0;
    for i in 0..60 {
        let mut bytes = kept.clone();
        let at = (i * 7919 + 13) % bytes.len();
        bytes[at] ^= 1 << (i % 8);
        std::fs::write(&path, &bytes).unwrap();
        let report = run_audit(&world);
        // Unused space may change; what is read may not.
        assert!(!report.findings.is_empty() || report == clean);
        assert!(
            report.findings.iter().all(|f| f.place == "HospitalB"),
            "{:?}",
            report.findings
        );
        found += usize::from(!report.is_clean());
    }
    std::fs::write(&path, &kept).unwrap();
    assert!(run_audit(&world).is_clean());
    assert!(found <= 60);
}

#[test]
fn i4_any_changed_byte_of_the_chain_is_found() {
    let world = filled(64);
    let path = world.root().join("chain");
    let kept = std::fs::read(&path).unwrap();
    for at in (0..kept.len()).step_by(53) {
        let mut bytes = kept.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&path, &bytes).unwrap();
        let clean = audit(&world.root(), &honest(), None).is_ok_and(|r| r.is_clean());
        assert!(!clean, "byte {at} changed");
    }
    for cut in [1, 40, kept.len() / 2] {
        std::fs::write(&path, &kept[..kept.len() - cut]).unwrap();
        let report = run_audit(&world);
        assert!(
            report
                .findings
                .iter()
                .any(|f| f.what.contains("it was cut")),
            "{:?}",
            report.findings
        );
        assert!(is_damage(world.try_open(world.options()), |e| matches!(
            e,
            OpenError::Head { .. } | OpenError::Chain(ChainError::Damaged { .. })
        )));
    }
    std::fs::write(&path, &kept).unwrap();
    assert!(run_audit(&world).is_clean());
}

#[test]
fn i4_a_rewritten_chain_is_found() {
    let world = filled(65);
    let copy = world.backup("copy");
    let ledger = world.open();
    submit(
        &world.client_of(&ledger, "HospitalA"),
        call(&["put", "k9", "here"], &MAJORITY),
    )
    .unwrap();
    drop(ledger);
    // The same organisations sign another history in a copy of the folder, and its chain is put in
    // place of this one.
    let ledger = EmbeddedLedger::open(&copy, world.options()).unwrap();
    let a = world.client_of(&ledger, "HospitalA");
    submit(&a, call(&["put", "k9", "there"], &MAJORITY)).unwrap();
    submit(&a, call(&["put", "k9", "longer"], &MAJORITY)).unwrap();
    drop((ledger, a));
    std::fs::copy(copy.join("chain"), world.root().join("chain")).unwrap();
    let report = run_audit(&world);
    let rewritten: Vec<&str> = report
        .findings
        .iter()
        .filter(|f| f.what.contains("rewritten"))
        .map(|f| f.place.as_str())
        .collect();
    assert_eq!(rewritten, ORGS);
    let refused = world.try_open(world.options());
    assert!(is_damage(refused, |e| matches!(
        e,
        OpenError::Head {
            what: "has another block there",
            ..
        }
    )));
}

#[test]
fn i4_another_genesis_under_the_same_folders_is_found() {
    let (world, other) = (filled(66), filled(67));
    std::fs::copy(other.root().join("chain"), world.root().join("chain")).unwrap();
    let report = run_audit(&world);
    for org in ORGS {
        assert!(
            report
                .findings
                .iter()
                .any(|f| f.place == org && f.what.contains("genesis names"))
        );
        assert!(
            report
                .findings
                .iter()
                .any(|f| f.place == org && f.what.contains("not signed by"))
        );
    }
    assert!(world.try_open(world.options()).is_err());
}

#[test]
fn results_that_the_contract_does_not_come_to_are_found() {
    fn patched(view: &mut Simulator, args: &[Vec<u8>]) -> Result<Vec<u8>, ContractError> {
        let mut args = args.to_vec();
        args[2] = b"forged".to_vec();
        run(view, &args)
    }
    let world = World::new(68);
    // Every organisation of the majority runs a patched contract: policies and signatures are in
    // order, the result is not.
    let ledger = world.open_with(|o| o.chaincode = Arc::new(|_, _| Ok(Arc::new(patched))));
    let done = submit(
        &world.client_of(&ledger, "HospitalA"),
        call(&["put", "k", "v"], &MAJORITY),
    )
    .unwrap();
    drop(ledger);
    let report = run_audit(&world);
    assert_eq!(report.findings.len(), 1);
    assert_eq!(
        report.findings[0].entry,
        format!("transaction {}", done.tx_id)
    );
    assert!(report.findings[0].what.contains("another result"));
}
