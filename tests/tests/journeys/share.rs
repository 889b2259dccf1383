//! Journey one: a dataset is committed, registered and stored; restarts between the steps change
//! nothing.

use crate::world::{Kind, World, org};
use gateway::service::dataset;

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
        let desk = world.desk();
        world.activate(&desk, "registration-16");
        let step =
            dataset::commit(&desk, &holder, &source, Some(&schema), "visits", "research").unwrap();
        assert_eq!(step.get("rows").unwrap(), 4);
        assert!(
            dataset::commit(&desk, &holder, &source, Some(&schema), "visits", "research").is_err()
        );
        assert!(
            dataset::store(&desk, &holder, "visits").is_err(),
            "not registered yet"
        );
    }
    {
        let desk = world.desk();
        let step = dataset::register(&desk, &holder, "visits").unwrap();
        assert_eq!(step.get("proofs").unwrap(), 1);
        assert!(
            dataset::register(&desk, &holder, "visits").is_err(),
            "a segment is registered once"
        );
    }
    let desk = world.desk();
    dataset::store(&desk, &holder, "visits").unwrap();
    let listed = dataset::list(&desk, &org("EthicsBoard")).unwrap();
    assert_eq!(listed.get("datasets").unwrap().as_array().unwrap().len(), 1);
}
