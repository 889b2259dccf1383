use super::*;

#[test]
fn msp_ids_follow_fabrics_policy_language() {
    for good in ["Org1MSP", "a", "st-mary.hospital-1"] {
        assert!(MspId::new(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        ".a",
        "a.",
        "-a",
        "a b",
        "Org_1",
        "a..b",
        "Ö",
        "a'b",
        "../x",
        "a/b",
        &"x".repeat(65),
    ] {
        assert_eq!(MspId::new(bad), Err(NameError::MspId), "{bad}");
    }
}

#[test]
fn collection_names_tell_implicit_from_explicit() {
    let org = MspId::new("Org1MSP").unwrap();
    let implicit: CollectionName = "_implicit_org_Org1MSP".parse().unwrap();
    assert_eq!(implicit, CollectionName::implicit(&org));
    assert_eq!(implicit.owner(), Some(&org));
    assert_eq!(implicit.to_string(), "_implicit_org_Org1MSP");
    assert_eq!(
        "oncology_1".parse::<CollectionName>().unwrap().owner(),
        None
    );
    for bad in [
        "",
        "_x",
        "_implicit_org_",
        "_implicit_org_a b",
        "a.b",
        "a/b",
        &"x".repeat(65),
    ] {
        assert_eq!(
            bad.parse::<CollectionName>(),
            Err(NameError::Collection),
            "{bad}"
        );
    }
    assert_eq!(
        CollectionName::explicit("_implicit_org_Org1MSP"),
        Err(NameError::Collection)
    );
}

#[test]
fn b1_names_round_trip_and_refuse_bad_bytes() {
    let name: CollectionName = "_implicit_org_Org1MSP".parse().unwrap();
    assert_eq!(
        borsh::from_slice::<CollectionName>(&borsh::to_vec(&name).unwrap()).unwrap(),
        name
    );
    assert_eq!(
        serde_json::from_str::<CollectionName>(&serde_json::to_string(&name).unwrap()).unwrap(),
        name
    );
    let msp = MspId::new("Org1MSP").unwrap();
    assert_eq!(
        borsh::from_slice::<MspId>(&borsh::to_vec(&msp).unwrap()).unwrap(),
        msp
    );
    assert!(borsh::from_slice::<MspId>(&borsh::to_vec("a b").unwrap()).is_err());
    assert!(borsh::from_slice::<MspId>(&[0xff, 0xff, 0xff, 0xff]).is_err());
    assert!(serde_json::from_str::<MspId>("\"\"").is_err());
}
