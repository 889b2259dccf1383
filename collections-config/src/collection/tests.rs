//! Collections: derived, read back, refused, upgraded.

use super::*;
use proptest::prelude::*;

const CONSORTIUM: &str = r#"{"format":"medveil-consortium-1","name":"c","nonce":"00112233445566778899aabbccddeeff","issuers":[],
 "members":[{"msp_id":"A","name":"a"},{"msp_id":"B","name":"b"},{"msp_id":"C","name":"c"}]}"#;
const GROUPS: &str = r#"{"format":"medveil-sharing-groups-1","groups":[
 {"name":"oncology","members":["C","A","B"],"block_to_live":1000},{"name":"diabetes","members":["A","B"],"required_peer_count":1}]}"#;
const FILE: &str = r#"[{"name":"x","policy":"OR('A.member','B.member')","requiredPeerCount":0,"maxPeerCount":1,"blockToLive":0,
 "memberOnlyRead":true,"memberOnlyWrite":true,"endorsementPolicy":{"signaturePolicy":"AND('A.peer','B.peer')"}}]"#;

fn consortium() -> Consortium {
    Consortium::from_json(CONSORTIUM).unwrap()
}

fn derive(groups: &str) -> CollectionsConfig {
    CollectionsConfig::derive(
        &consortium(),
        &SharingGroups::from_json(groups, &consortium()).unwrap(),
    )
    .unwrap()
}

fn messages(problems: Problems) -> String {
    problems.to_string()
}

#[test]
fn derived_collections_read_back() {
    let config = derive(GROUPS);
    assert_eq!(
        CollectionsConfig::from_json(&config.to_json()).unwrap(),
        config
    );
    assert_eq!(
        CollectionsConfig::from_json(std::str::from_utf8(&config.to_canonical()).unwrap()).unwrap(),
        config
    );
    let names: Vec<String> = config
        .as_slice()
        .iter()
        .map(|c| c.name().to_string())
        .collect();
    assert_eq!(names, ["diabetes", "medveil-requests", "oncology"]);
    assert_eq!(
        config.as_slice()[0].endorsement_policy().to_string(),
        "AND('A.peer', 'B.peer')"
    );
    assert_eq!(
        config.as_slice()[2].endorsement_policy().to_string(),
        "OutOf(2, 'A.peer', 'B.peer', 'C.peer')"
    );
    assert_eq!(
        (
            config.as_slice()[2].max_peer_count(),
            config.as_slice()[2].block_to_live()
        ),
        (2, 1000)
    );
    assert_eq!(
        (
            config.as_slice()[0].required_peer_count(),
            config.as_slice()[0].max_peer_count()
        ),
        (1, 1)
    );
}

#[test]
fn members_and_policies_of_implicit_collections() {
    let config = derive(GROUPS);
    let (a, b, c) = (
        MspId::new("A").unwrap(),
        MspId::new("B").unwrap(),
        MspId::new("C").unwrap(),
    );
    let own = CollectionName::implicit(&a);
    assert!(config.exists(&own) && config.is_member(&own, &a) && !config.is_member(&own, &b));
    assert_eq!(
        config.endorsement_policy(&own).unwrap().to_string(),
        "OR('A.peer')"
    );
    let diabetes: CollectionName = "diabetes".parse().unwrap();
    assert!(config.is_member(&diabetes, &b) && !config.is_member(&diabetes, &c));
    let none: CollectionName = "none".parse().unwrap();
    assert!(
        !config.exists(&none)
            && config.endorsement_policy(&none).is_none()
            && config.members_of(&none).is_empty()
    );
}

#[test]
fn p11_single_member_policies_are_refused() {
    for policy in [
        "OR('A.peer','B.peer')",
        "'A.peer'",
        "OutOf(1,'A.peer','B.peer')",
        "AND('A.peer','A.peer')",
        "OutOf(2,'A.peer','A.peer','B.peer')",
    ] {
        let text = FILE.replace("AND('A.peer','B.peer')", policy);
        assert!(
            messages(CollectionsConfig::from_json(&text).unwrap_err())
                .contains("alone could satisfy"),
            "{policy}"
        );
    }
    let client = FILE.replace("AND('A.peer','B.peer')", "AND('A.client','B.member')");
    assert_eq!(
        CollectionsConfig::from_json(&client)
            .unwrap_err()
            .as_slice()
            .len(),
        2
    );
    let outsider = FILE.replace("AND('A.peer','B.peer')", "AND('A.peer','Z.peer')");
    assert!(
        messages(CollectionsConfig::from_json(&outsider).unwrap_err())
            .contains("Z is no member of the collection")
    );
}

#[test]
fn b4_refusals_of_the_file() {
    assert!(CollectionsConfig::from_json(FILE).is_ok());
    assert!(
        CollectionsConfig::from_json("[]")
            .unwrap()
            .as_slice()
            .is_empty()
    );
    let doubled = format!("[{0},{0}]", &FILE[1..FILE.len() - 1]);
    let cases = [
        ("{}".to_owned(), "expected a list"),
        (doubled, "stands twice"),
        (FILE.replace("\"x\"", "\"_x\""), "collection name"),
        (
            FILE.replace("OR('A.member','B.member')", "AND('A.member','B.member')"),
            "only OR",
        ),
        (
            FILE.replace("OR('A.member','B.member')", "OR('A.admin','B.member')"),
            "roles member or peer",
        ),
        (
            FILE.replace("OR('A.member','B.member')", "OR('A.member')"),
            "two or more",
        ),
        (
            FILE.replace("\"requiredPeerCount\":0", "\"requiredPeerCount\":2"),
            "at least requiredPeerCount",
        ),
        (
            FILE.replace("\"requiredPeerCount\":0", "\"requiredPeerCount\":-1"),
            "expected 0 to",
        ),
        (
            FILE.replace("\"blockToLive\":0", "\"blockToLive\":10"),
            "at least 100",
        ),
        (
            FILE.replace("\"memberOnlyRead\":true,", ""),
            "memberOnlyRead: expected true",
        ),
        (
            FILE.replace("\"memberOnlyWrite\":true", "\"memberOnlyWrite\":false"),
            "memberOnlyWrite: expected true",
        ),
        (
            FILE.replace("signaturePolicy", "channelConfigPolicy"),
            "missing",
        ),
        (
            FILE.replace("\"maxPeerCount\":1", "\"maxPeerCount\":1,\"extra\":1"),
            "unknown name",
        ),
    ];
    for (text, expected) in cases {
        let found = messages(CollectionsConfig::from_json(&text).unwrap_err());
        assert!(found.contains(expected), "{expected} in {found}");
    }
}

#[test]
fn b4_refusals_of_groups() {
    let cases = [
        (
            GROUPS.replace("\"diabetes\"", "\"oncology\""),
            "stands twice",
        ),
        (GROUPS.replace("[\"A\",\"B\"]", "[\"A\"]"), "two or more"),
        (
            GROUPS.replace("[\"A\",\"B\"]", "[\"A\",\"Z\"]"),
            "Z is no member",
        ),
        (GROUPS.replace("1000", "10"), "at least 100"),
        (
            GROUPS.replace("\"required_peer_count\":1", "\"required_peer_count\":2"),
            "expected 0 to 1",
        ),
        (
            GROUPS.replace("\"required_peer_count\":1", "\"endorsers\":1"),
            "expected 2 to 2",
        ),
        (GROUPS.replace("\"diabetes\"", "\"_d\""), "lower-case"),
    ];
    for (text, expected) in cases {
        let found = messages(SharingGroups::from_json(&text, &consortium()).unwrap_err());
        assert!(found.contains(expected), "{expected} in {found}");
    }
}

#[test]
fn requests_lie_with_all_members_and_a_majority_writes_them() {
    let config = derive(GROUPS);
    assert_eq!(config.check_requests(&consortium()), Ok(()));
    let requests = config.get(&CollectionName::requests()).unwrap();
    assert_eq!(requests.members().len(), 3);
    let policy = requests.endorsement_policy().to_string();
    assert_eq!(policy, "OutOf(2, 'A.peer', 'B.peer', 'C.peer')");
    let fewer = config.to_json().replace(", 'C.member')", ")");
    let fewer = CollectionsConfig::from_json(&fewer.replace(", 'C.peer')", ")")).unwrap();
    let missing = CollectionsConfig::from_json(FILE).unwrap();
    for other in [fewer, missing] {
        let found = messages(other.check_requests(&consortium()).unwrap_err());
        assert!(found.contains("all 3 members"), "{found}");
    }
    let taken = GROUPS.replace("diabetes", "medveil-requests");
    let found = messages(SharingGroups::from_json(&taken, &consortium()).unwrap_err());
    assert!(found.contains("expected another name"), "{found}");
}

#[test]
fn groups_of_another_consortium_are_refused() {
    let smaller =
        Consortium::from_json(&CONSORTIUM.replace(r#",{"msp_id":"C","name":"c"}"#, "")).unwrap();
    let groups = SharingGroups::from_json(GROUPS, &consortium()).unwrap();
    assert!(
        messages(CollectionsConfig::derive(&smaller, &groups).unwrap_err())
            .contains("C is no member")
    );
}

#[test]
fn upgrades_keep_collections_and_their_life() {
    let old = derive(GROUPS);
    let more = GROUPS.replace(
        "\"groups\":[",
        "\"groups\":[{\"name\":\"third\",\"members\":[\"B\",\"C\"]},",
    );
    assert_eq!(old.check_upgrade(&derive(&more)), Ok(()));
    assert!(derive(&more).check_upgrade(&old).is_err());
    let lives = derive(&GROUPS.replace("1000", "2000"));
    assert!(messages(old.check_upgrade(&lives).unwrap_err()).contains("expected 1000, got 2000"));
    let members = derive(&GROUPS.replace("[\"C\",\"A\",\"B\"]", "[\"C\",\"A\"]"));
    assert_eq!(old.check_upgrade(&members), Ok(()));
}

proptest! {
    #[test]
    fn b4_changed_files_never_panic(at in 0usize..300, with in any::<u8>()) {
        let mut bytes = FILE.as_bytes().to_vec();
        let at = at.min(bytes.len() - 1);
        bytes[at] = with;
        let _ = CollectionsConfig::from_json(&String::from_utf8_lossy(&bytes));
    }
}
