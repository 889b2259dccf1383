//! Files of a consortium: members, sharing groups, Fabric's collections.

use crate::target::{Form, Reading, Target, text};
use medveil_collections_config::{CollectionsConfig, Consortium, SharingGroups};
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[
    Target::new("consortium", Form::Json, consortium).with_words(WORDS),
    Target::new("sharing_groups", Form::Json, sharing_groups).with_words(WORDS),
    Target::new("collections", Form::Json, collections).with_words(WORDS),
];

const WORDS: &[&str] = &[
    "medveil-consortium-1",
    "medveil-sharing-groups-1",
    "members",
    "issuers",
    "msp_id",
    "nonce",
    "OR('A.member', 'B.member')",
    "OutOf(2, 'A.peer', 'B.peer')",
    "AND(",
    "OutOf(",
    "blockToLive",
    "requiredPeerCount",
    "maxPeerCount",
    "memberOnlyRead",
    "$serde_json::private::Number",
];

fn consortium(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match Consortium::from_json(text) {
        Ok(consortium) => {
            let again = Consortium::from_canonical(&consortium.to_canonical());
            assert_eq!(
                again.as_ref(),
                Ok(&consortium),
                "the canonical form is read back"
            );
            let _ = (
                consortium.majority(),
                consortium.issuer_line("ethics", "boards"),
            );
            Reading::Read
        }
        Err(problems) => Reading::refused(problems),
    }
}

fn sharing_groups(input: &[u8]) -> Reading {
    static CONSORTIUM: LazyLock<Consortium> = LazyLock::new(medveil_msp::testing::consortium);
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match SharingGroups::from_json(text, &CONSORTIUM) {
        Ok(groups) => match CollectionsConfig::derive(&CONSORTIUM, &groups) {
            Ok(config) => {
                is_read_back(&config);
                Reading::Read
            }
            Err(problems) => Reading::refused(problems),
        },
        Err(problems) => Reading::refused(problems),
    }
}

fn is_read_back(config: &CollectionsConfig) {
    let text = String::from_utf8(config.to_canonical()).expect("json is utf-8");
    let again = CollectionsConfig::from_json(&text);
    assert_eq!(
        again.as_ref(),
        Ok(config),
        "the canonical form is read back"
    );
}

fn collections(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match CollectionsConfig::from_json(text) {
        Ok(config) => {
            is_read_back(&config);
            Reading::Read
        }
        Err(problems) => Reading::refused(problems),
    }
}
