//! Bytes from anybody: never a panic, always a typed refusal, nothing written.

use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, LineageId, Nullifier, RequestId, SegmentId};
use medveil_collections_config::{CollectionName, MspId};
use medveil_contract::call::{
    Bootstrap, CloseGrant, Endorsement, HandOverKey, Parties, PublishKey, StorePages,
};
use medveil_contract::identity::{Caller, IdentityError, to_creator};
use medveil_contract::testing::fixture::{
    BOARD, HOSPITAL, UNIVERSITY, bench, bootstrap, config, consortium,
};
use medveil_contract::testing::sharing::group;
use medveil_contract::testing::{Bench, MINUTE_MS, msp};
use medveil_contract::{Call, Code, Query, Role};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn id<T>(new: fn(Felt) -> T) -> T {
    new(Felt::from_u64(7))
}

fn queries() -> Vec<Query> {
    let bookmark = || "claim/00".to_owned();
    vec![
        Query::GetMetadata,
        Query::GetConsortium,
        Query::GetDay,
        Query::GetRegistry,
        Query::ListCircuits {
            bookmark: bookmark(),
        },
        Query::ListDatasets {
            bookmark: bookmark(),
        },
        Query::ListRequests {
            bookmark: bookmark(),
        },
        Query::ListClaims {
            bookmark: bookmark(),
        },
        Query::GetCircuit {
            key: Digest::of(b""),
        },
        Query::GetActiveCircuit {
            circuit: "handover/v1".to_owned(),
        },
        Query::GetRevocations {
            issuer: 3,
            bookmark: "16".to_owned(),
        },
        Query::GetPolicy {
            lineage: id(LineageId::new),
        },
        Query::AccessContext {
            lineage: id(LineageId::new),
        },
        Query::GetLineage {
            lineage: id(LineageId::new),
        },
        Query::GetDataset {
            dataset: id(DatasetRoot::new),
        },
        Query::GetChunkRoots {
            dataset: id(DatasetRoot::new),
            bookmark: String::new(),
        },
        Query::ReadPages {
            dataset: id(DatasetRoot::new),
            chunk: 3,
            grant: Some(id(RequestId::new)),
        },
        Query::ReadKey {
            grant: id(RequestId::new),
            segment: id(SegmentId::new),
            digest: None,
        },
        Query::ReadKey {
            grant: id(RequestId::new),
            segment: id(SegmentId::new),
            digest: Some(Felt::from_u64(5)),
        },
        Query::GetPolicyDocument {
            lineage: id(LineageId::new),
            document: Digest([7; 32]),
        },
        Query::ReadRequest {
            request: id(RequestId::new),
        },
        Query::GetDatasetByName {
            holder: msp(HOSPITAL),
            name: "diabetes".to_owned(),
        },
        Query::GetRequest {
            request: id(RequestId::new),
        },
        Query::GetRequestByNullifier {
            nullifier: id(Nullifier::new),
        },
        Query::GetClaim {
            claim: Felt::from_u64(5),
        },
        Query::GetPublishedKey { msp: msp(HOSPITAL) },
    ]
}

fn raw(
    bench: &mut Bench,
    role: Role,
    args: &[Vec<u8>],
) -> Result<(), medveil_contract::ContractError> {
    let tx = bench.context(&msp(HOSPITAL), role, &msp(HOSPITAL), Default::default());
    bench
        .world
        .simulate(&bench.contracts[&msp(HOSPITAL)], tx, args)
        .map(|_| ())
}

#[test]
fn queries_read_back_and_refuse_other_shapes() {
    let mut bench = bench();
    for query in queries() {
        let args = query.to_args();
        assert_eq!(Query::from_args(&args).as_ref(), Ok(&query));
        assert_eq!(
            Query::from_args(&[args.clone(), vec![vec![]]].concat()).map_err(|e| e.code()),
            Err(Code::BadInput)
        );
        if args.len() > 1 {
            assert_eq!(
                Query::from_args(&args[..args.len() - 1]).map_err(|e| e.code()),
                Err(Code::BadInput)
            );
        }
        let answer = raw(&mut bench, Role::Client, &args);
        let expected = [None, Some(Code::NotFound), Some(Code::BadInput)];
        assert!(
            expected.contains(&answer.err().map(|e| e.code())),
            "{query:?}"
        );
    }
}

#[test]
fn transactions_read_back_and_refuse_trailing_and_missing_bytes() {
    let calls = [
        Call::Bootstrap(bootstrap()),
        Call::Tick(()),
        Call::PublishKey(PublishKey { key: [3; 32] }),
        Call::CloseGrant(CloseGrant {
            grant: id(RequestId::new),
        }),
    ];
    for call in calls {
        let args = call.to_args();
        assert!(
            Call::is_transaction(&args[0])
                && Call::from_args(&args).as_ref().is_ok_and(|c| *c == call)
        );
        let mut longer = args.clone();
        longer[1].push(0);
        assert_eq!(
            Call::from_args(&longer).err().map(|e| e.code()),
            Some(Code::BadInput)
        );
        let shorter = [
            args[0].clone(),
            args[1][..args[1].len().saturating_sub(1)].to_vec(),
        ];
        let expected = if args[1].is_empty() {
            None
        } else {
            Some(Code::BadInput)
        };
        assert_eq!(Call::from_args(&shorter).err().map(|e| e.code()), expected);
        assert_eq!(
            Call::from_args(&args[..1]).err().map(|e| e.code()),
            Some(Code::BadInput)
        );
    }
}

#[test]
fn oversize_arguments_are_refused_before_they_are_read() {
    let mut bench = bench();
    let huge = Call::Bootstrap(Bootstrap {
        consortium: vec![0; 9 << 20],
    })
    .to_args();
    assert_eq!(
        raw(&mut bench, Role::Admin, &huge).err().map(|e| e.code()),
        Some(Code::TooLarge)
    );
    let long = Call::Bootstrap(Bootstrap {
        consortium: vec![0; 1 << 20],
    })
    .to_args();
    assert_eq!(
        raw(&mut bench, Role::Admin, &long).err().map(|e| e.code()),
        Some(Code::TooLarge)
    );
    // A length that announces more than there is.
    let lie = vec![b"Bootstrap".to_vec(), vec![0xff; 4]];
    assert_eq!(
        raw(&mut bench, Role::Admin, &lie).err().map(|e| e.code()),
        Some(Code::BadInput)
    );
    assert_eq!(
        raw(&mut bench, Role::Admin, &[]).err().map(|e| e.code()),
        Some(Code::BadInput)
    );
    assert_eq!(
        raw(&mut bench, Role::Admin, &[vec![0xff, 0xfe]])
            .err()
            .map(|e| e.code()),
        Some(Code::BadInput)
    );
    let transient = [("pages".to_owned(), vec![0u8; 9 << 20])].into();
    let call = Call::StorePages(StorePages {
        dataset: id(DatasetRoot::new),
        grant: None,
        first_chunk: 0,
        n_chunks: 1,
    });
    let tx = bench.context(&msp(HOSPITAL), Role::Client, &msp(HOSPITAL), transient);
    let refusal = bench
        .world
        .simulate(&bench.contracts[&msp(HOSPITAL)], tx, &call.to_args())
        .expect_err("a refusal");
    assert_eq!(refusal.code(), Code::TooLarge);
}

#[test]
fn refusals_carry_stable_words() {
    let words: BTreeSet<&str> = Code::ALL.iter().map(|c| c.as_str()).collect();
    assert_eq!(words.len(), Code::ALL.len());
    let error = raw(&mut bench(), Role::Client, &[b"Nothing".to_vec()]).expect_err("a refusal");
    assert!(
        error.to_string().starts_with("bad_input: arguments: "),
        "{error}"
    );
}

fn certificate(units: &[&str]) -> String {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "someone");
    if let [unit, ..] = units {
        params
            .distinguished_name
            .push(rcgen::DnType::OrganizationalUnitName, *unit);
    }
    params.self_signed(&key).expect("a certificate").pem()
}

#[test]
fn a_creator_is_an_msp_id_and_one_role() {
    for (role, unit) in Role::ALL {
        let pem = certificate(&[unit]);
        let caller =
            Caller::from_creator(&to_creator(&msp(HOSPITAL), pem.as_bytes())).expect("a caller");
        assert_eq!((caller.msp_id, caller.role), (msp(HOSPITAL), role));
        assert!(caller.subject.contains("someone"));
    }
    let pem = certificate(&["client"]);
    assert_eq!(
        Caller::from_certificate(msp(HOSPITAL), certificate(&[]).as_bytes()),
        Err(IdentityError::Unit(0))
    );
    assert_eq!(
        Caller::from_certificate(msp(HOSPITAL), certificate(&["auditor"]).as_bytes()),
        Err(IdentityError::Unit(0))
    );
    assert_eq!(
        Caller::from_certificate(msp(HOSPITAL), b"no pem"),
        Err(IdentityError::Certificate)
    );
    assert_eq!(
        Caller::from_certificate(msp(HOSPITAL), [&pem, &*pem].concat().as_bytes()),
        Err(IdentityError::Certificate)
    );
    let creator = to_creator(&msp(HOSPITAL), pem.as_bytes());
    assert_eq!(
        Caller::from_creator(&creator[..creator.len() - 1]),
        Err(IdentityError::Creator)
    );
    assert_eq!(
        Caller::from_creator(&[creator.as_slice(), &[0]].concat()),
        Err(IdentityError::Creator)
    );
    assert_eq!(
        Caller::from_creator(&vec![0x0a; 20_000]),
        Err(IdentityError::Creator)
    );
    assert_eq!(Caller::from_creator(&[]), Err(IdentityError::Creator));
}

#[test]
fn p8_each_call_says_who_must_endorse_it_and_nobody_else_is_asked() {
    let consortium = consortium("00112233445566778899aabbccddeeff");
    let collections = config(&consortium).collections;
    let (hospital, university, board) = (msp(HOSPITAL), msp(UNIVERSITY), msp(BOARD));
    let group = group();
    let parties = Parties {
        holder: Some(&hospital),
        recipient: Some(&university),
        collection: Some(&group),
    };
    let of = |call: &Call| call.endorsement(&parties).expect("known parties");
    let select =
        |e: &Endorsement, preferred: &[MspId]| e.select(preferred, &consortium, &collections);

    let majority = of(&Call::Tick(()));
    assert_eq!(
        select(&majority, std::slice::from_ref(&university)),
        [university.clone(), board.clone()]
    );
    let store = |grant| {
        Call::StorePages(StorePages {
            dataset: id(DatasetRoot::new),
            grant,
            first_chunk: 0,
            n_chunks: 1,
        })
    };
    let members = of(&store(None));
    assert_eq!(members, Endorsement::Members(group.clone()));
    assert!(!members.allows(&board, &consortium, &collections));
    assert_eq!(
        select(&members, &[board.clone(), university.clone()]),
        [university.clone(), hospital.clone()]
    );
    let only = of(&store(Some(id(RequestId::new))));
    assert_eq!(
        select(&only, std::slice::from_ref(&hospital)),
        std::slice::from_ref(&university)
    );
    let package = Call::HandOverKey(HandOverKey {
        grant: id(RequestId::new),
        segment: id(SegmentId::new),
        digest: Felt::ZERO,
    });
    assert_eq!(of(&package), Endorsement::Only(university.clone()));
    assert!(package.endorsement(&Parties::default()).is_err());
    let with_holder = Endorsement::MajorityWith(hospital.clone());
    assert_eq!(
        select(&with_holder, &[board.clone(), university.clone()]),
        [hospital, board]
    );
    // Where a peer does not answer, other sets satisfy the same rule; where nobody can be replaced
    // there is no other.
    for (rule, sets) in [(&majority, 3), (&members, 1), (&only, 1), (&with_holder, 2)] {
        let all = rule.alternatives(std::slice::from_ref(&university), &consortium, &collections);
        assert_eq!(all.len(), sets, "{rule:?}");
        for set in &all {
            assert!(
                rule.is_met_by(&set.iter().collect(), &consortium, &collections),
                "{rule:?}: {set:?}"
            );
            assert!(
                set.iter()
                    .all(|m| rule.allows(m, &consortium, &collections)),
                "{rule:?}: {set:?}"
            );
        }
    }
    let nobody = Endorsement::Members(CollectionName::explicit("unknown").expect("a name"));
    assert!(select(&nobody, &[]).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn b1_random_arguments_never_panic_and_never_write(
        name in 0usize..Call::NAMES.len() + 25,
        body in proptest::collection::vec(any::<u8>(), 0..300),
        more in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..3),
        admin in any::<bool>(),
    ) {
        let names: Vec<String> = Call::NAMES.iter().map(|n| (*n).to_owned()).chain(queries().iter().map(|q| q.function_name().to_owned())).collect();
        let args = [vec![names[name % names.len()].clone().into_bytes(), body], more].concat();
        let mut bench = bench();
        bench.now_ms += MINUTE_MS;
        let _ = raw(&mut bench, if admin { Role::Admin } else { Role::Client }, &args);
        let _ = raw(&mut bench, Role::Client, &args[..2]);
    }

    #[test]
    fn b1_random_creators_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Caller::from_creator(&bytes).is_err());
    }
}
