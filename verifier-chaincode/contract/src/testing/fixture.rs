//! A consortium of three organisations with one sharing group, bootstrapped.

use super::{Bench, msp};
use crate::call::Bootstrap;
use crate::contract::ContractConfig;
use medveil_circuits::field::Digest;
use medveil_collections_config::{CollectionsConfig, Consortium, MspId, SharingGroups};

/// Holder of the datasets.
pub const HOSPITAL: &str = "Hospital";
/// Institution of the researchers; also a member of the sharing group.
pub const UNIVERSITY: &str = "University";
pub const BOARD: &str = "Board";
/// The sharing group's collection: hospital and university.
pub const GROUP: &str = "oncology";

/// The consortium file, with this nonce.
///
/// **Panics**: never, but for a mistake in this file.
pub fn consortium(nonce: &str) -> Consortium {
    let line = |schema: &str, group: &str, who: &[&str], absent: bool| serde_json::json!({ "schema": schema, "group": group, "msps": who, "institution_may_be_absent": absent });
    let member = |name: &str| serde_json::json!({ "msp_id": name, "name": name });
    let file = serde_json::json!({
        "format": "medveil-consortium-1", "name": "Three", "nonce": nonce,
        "members": [member(HOSPITAL), member(UNIVERSITY), member(BOARD)],
        "issuers": [
            line("affiliation", "universities", &[UNIVERSITY], false),
            line("cohort", "committees", &[HOSPITAL, UNIVERSITY], false),
            line("ethics", "boards", &[BOARD], true),
            line("terms", "holders", &[HOSPITAL], true),
        ],
    });
    match Consortium::from_json(&file.to_string()) {
        Ok(consortium) => consortium,
        Err(problems) => panic!("{problems:?}"),
    }
}

/// The configuration of every organisation's contract.
///
/// **Panics**: never, but for a mistake in this file.
pub fn config(consortium: &Consortium) -> ContractConfig {
    let groups = serde_json::json!({
        "format": "medveil-sharing-groups-1",
        "groups": [{ "name": GROUP, "members": [HOSPITAL, UNIVERSITY] }],
    });
    let groups = match SharingGroups::from_json(&groups.to_string(), consortium) {
        Ok(groups) => groups,
        Err(problems) => panic!("{problems:?}"),
    };
    let collections = match CollectionsConfig::derive(consortium, &groups) {
        Ok(collections) => collections,
        Err(problems) => panic!("{problems:?}"),
    };
    ContractConfig {
        msp_id: msp(HOSPITAL),
        consortium_digest: Digest::of(&consortium.to_canonical()),
        collections,
        allow_insecure_dev_keys: true,
        chaincode_name: "medveil".to_owned(),
    }
}

/// The nonce of the usual consortium.
pub const NONCE: &str = "00112233445566778899aabbccddeeff";

/// The three organisations.
pub fn members() -> Vec<MspId> {
    [HOSPITAL, UNIVERSITY, BOARD].map(msp).to_vec()
}

/// A bench before Bootstrap.
pub fn empty_bench() -> Bench {
    Bench::new(&members(), &config(&consortium(NONCE)))
}

/// The arguments that bootstrap the usual consortium.
pub fn bootstrap() -> Bootstrap {
    Bootstrap {
        consortium: consortium(NONCE).to_canonical(),
    }
}

/// A bench after Bootstrap.
///
/// **Panics**: Bootstrap is refused.
pub fn bench() -> Bench {
    let mut bench = empty_bench();
    if let Err(error) = bench.submit(&msp(HOSPITAL), &msp(HOSPITAL), bootstrap(), None) {
        panic!("{error}");
    }
    bench
}
