//! Journey one: a dataset is committed, registered and stored; restarts between the steps change
//! nothing.

use crate::world::{Kind, World, org, wait};
use medveil_gateway::journey::claim;
use medveil_gateway::journey::dataset::{self, CommitOptions};

const SCHEMA: &str = include_str!("visits.schema.json");
const ROWS: &str =
    "patient,age,sugar,smoker\np1,44,5.4,no\np2,61,,yes\np2,62,7.1,yes\np3,29,4.9,\n";

mod ledgers {
    crate::on_both!(a_csv_is_committed_registered_and_stored_over_restarts);
}

fn a_csv_is_committed_registered_and_stored_over_restarts(kind: Kind) {
    let world = World::new(kind);
    let (source, schema) = (world.path("visits.csv"), world.path("visits.schema.json"));
    std::fs::write(&source, ROWS).unwrap();
    std::fs::write(&schema, SCHEMA).unwrap();
    let holder = org("HospitalA");
    {
        let session = world.session();
        world.activate(&session, "registration-16");
        let step = wait(dataset::commit(
            &session,
            &holder,
            &CommitOptions {
                source: &source,
                views: None,
                accept: &[],
                schema: Some(&schema),
                name: "visits",
                group: "research",
            },
        ))
        .unwrap();
        assert_eq!(step.rows, 4);
        // Other rows need another name.
        let other = world.path("other.csv");
        std::fs::write(&other, ROWS.replace("44", "45")).unwrap();
        let again = CommitOptions {
            source: &other,
            views: None,
            accept: &[],
            schema: Some(&schema),
            name: "visits",
            group: "research",
        };
        assert!(wait(dataset::commit(&session, &holder, &again)).is_err());
        assert!(
            wait(dataset::store(&session, &holder, "visits")).is_err(),
            "not registered yet"
        );
    }
    {
        let session = world.session();
        let step = wait(claim::register_dataset(&session, &holder, "visits", false)).unwrap();
        assert_eq!(step.proofs, 1);
        // A segment is registered once: the same again is answered as the first time.
        let again = wait(claim::register_dataset(&session, &holder, "visits", false)).unwrap();
        assert_eq!(again.dataset, step.dataset);
        assert_eq!(again.transaction.tx_id, step.transaction.tx_id);
        assert!(again.transaction.block.is_none());
    }
    let session = world.session();
    wait(dataset::store(&session, &holder, "visits")).unwrap();
    // What the peers have is not sent again.
    let again = wait(dataset::store(&session, &holder, "visits")).unwrap();
    assert_eq!(
        (again.bytes, again.blocks.len(), again.stored_before),
        (0, 0, 1)
    );
    let listed = wait(dataset::list(&session, &org("EthicsBoard"))).unwrap();
    assert_eq!(listed.datasets.len(), 1);
}
