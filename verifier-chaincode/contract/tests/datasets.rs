//! Circuits, registrations and pages: each refusal from one valid call.

use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, KeyCommitment, SegmentId};
use medveil_circuits::registration::Registration;
use medveil_circuits::testing::Trapdoor;
use medveil_collections_config::CollectionName;
use medveil_contract::call::reply::PagesStored;
use medveil_contract::call::request::{
    GetChunkRoots, GetDataset, GetStoredPages, ListDatasets, ReadPages,
};
use medveil_contract::call::transient::PagesPart;
use medveil_contract::call::{BlockOpening, RegisterDataset, StorePages, Transaction};
use medveil_contract::model::Entry;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY, config, consortium};
use medveil_contract::testing::sharing::{
    Dataset, TIER, bench_with_registration, consortium_id, consortium_id_of, group,
};
use medveil_contract::testing::{Bench, Refusal, msp, refusal};
use medveil_contract::{Code, ContractError};

fn register(
    bench: &mut Bench,
    who: &str,
    args: &RegisterDataset,
) -> Result<DatasetRoot, ContractError> {
    let answer = bench.submit(&msp(who), &msp(BOARD), args.clone(), None)?;
    Ok(answer.dataset)
}

fn store(
    bench: &mut Bench,
    peer: &str,
    args: &StorePages,
    part: &PagesPart,
) -> Result<PagesStored, ContractError> {
    let part = borsh::to_vec(part).expect("bytes");
    bench.submit(&msp(HOSPITAL), &msp(peer), args.clone(), Some(part))
}

fn fixture(n: usize) -> (Bench, Trapdoor<Registration<TIER>>, Dataset) {
    let (bench, trapdoor) = bench_with_registration();
    (
        bench,
        trapdoor,
        Dataset::of(consortium_id(), &msp(HOSPITAL), n, 3),
    )
}

#[test]
fn a_dataset_registers_once_and_is_found() {
    let (mut bench, trapdoor, dataset) = fixture(20);
    let args = dataset.registration(&trapdoor);
    let root = register(&mut bench, HOSPITAL, &args).expect("registered");
    assert_eq!(
        refusal(register(&mut bench, HOSPITAL, &args)),
        (Code::Conflict, "lineage")
    );
    let found = bench
        .ask(
            &msp(UNIVERSITY),
            &msp(UNIVERSITY),
            GetDataset { dataset: root },
        )
        .expect("a dataset");
    assert_eq!((found.dataset.n_rows, found.dataset.slots), (20, 0b11111));
    let listed = bench
        .ask(
            &msp(BOARD),
            &msp(BOARD),
            ListDatasets {
                bookmark: String::new(),
            },
        )
        .expect("a list");
    assert_eq!(listed.entries[0].lineage, dataset.lineage);
    // A retry under another name may not take the segment or its keys along.
    let mut other = args;
    other.lineage.nonce = [9; 16];
    assert_eq!(
        refusal(register(&mut bench, HOSPITAL, &other)),
        (Code::Conflict, "segment")
    );
    other.segment = SegmentId::new(Felt::from_u64(77));
    assert_eq!(
        refusal(register(&mut bench, HOSPITAL, &other)),
        (Code::Conflict, "segment")
    );
}

#[test]
fn r_a_registration_is_bound_to_everything_it_names() {
    let (bench, trapdoor, dataset) = fixture(20);
    let good = dataset.registration(&trapdoor);
    let check = |who: &str, expected: Refusal, change: &dyn Fn(&mut RegisterDataset)| {
        let mut args = good.clone();
        change(&mut args);
        let mut bench = copy(&bench);
        assert_eq!(refusal(register(&mut bench, who, &args)), expected);
    };
    let proof = (Code::Refused, "proof");
    check(HOSPITAL, proof, &|a| a.lineage.name.push('x'));
    check(HOSPITAL, proof, &|a| a.lineage.nonce[3] ^= 1);
    check(UNIVERSITY, proof, &|_| {});
    check(HOSPITAL, proof, &|a| {
        a.segment = SegmentId::new(Felt::from_u64(5))
    });
    check(HOSPITAL, proof, &|a| {
        a.key_commitment = KeyCommitment::new(Felt::from_u64(5))
    });
    check(HOSPITAL, proof, &|a| (a.n_rows, a.n_subjects) = (21, 21));
    check(HOSPITAL, proof, &|a| {
        a.schema = a.schema.replace("127", "255")
    });
    check(HOSPITAL, proof, &|a| {
        a.chunks[0].link_out = Felt::from_u64(5)
    });
    check(HOSPITAL, proof, &|a| {
        a.chunks[0].blocks[0].block = BlockOpening::Root(Felt::from_u64(5))
    });
    check(HOSPITAL, proof, &|a| a.chunks.swap(0, 1));
    check(HOSPITAL, proof, &|a| a.chunks[1] = a.chunks[0].clone());
    let input = (Code::BadInput, "registration");
    // One row a subject, as the schema says.
    check(HOSPITAL, input, &|a| a.n_rows = 21);
    check(HOSPITAL, input, &|a| a.n_subjects = 19);
    check(HOSPITAL, input, &|a| {
        a.chunks.pop();
    });
    check(HOSPITAL, input, &|a| a.n_rows = 33);
    check(HOSPITAL, input, &|a| a.n_subjects = 0);
    check(HOSPITAL, input, &|a| a.tier = 17);
    check(HOSPITAL, input, &|a| a.segment = SegmentId::new(Felt::ZERO));
    check(HOSPITAL, input, &|a| a.schema.push(' '));
    check(HOSPITAL, (Code::NotFound, "circuit"), &|a| {
        a.tier = 256;
        a.chunks.pop();
    });
    check(BOARD, (Code::Refused, "collection"), &|_| {});
    check(HOSPITAL, (Code::Refused, "collection"), &|a| {
        a.collection = CollectionName::implicit(&msp(HOSPITAL))
    });
    check(HOSPITAL, (Code::BadInput, "arguments"), &|a| {
        a.chunks.clear()
    });
}

#[test]
fn m7_a_criterion_says_nothing_of_fewer_than_the_floor() {
    let (mut bench, trapdoor, dataset) = fixture(10);
    let args = dataset.registration(&trapdoor);
    assert_eq!(
        refusal(register(&mut bench, HOSPITAL, &args)),
        (Code::Refused, "criteria")
    );
    let (mut bench, trapdoor, dataset) = fixture(11);
    let args = dataset.registration(&trapdoor);
    register(&mut bench, HOSPITAL, &args).expect("as many as the floor");
}

fn copy(bench: &Bench) -> Bench {
    let members = medveil_contract::testing::fixture::members();
    let mut copy = Bench::new(
        &members,
        &config(&consortium("00112233445566778899aabbccddeeff")),
    );
    copy.world = bench.world.clone();
    copy
}

#[test]
fn r_a_registration_of_another_consortium_is_refused() {
    let (mut bench, trapdoor, _) = fixture(20);
    let foreign = Dataset::of(
        consortium_id_of("ffeeddccbbaa99887766554433221100"),
        &msp(HOSPITAL),
        20,
        3,
    );
    assert_eq!(
        refusal(register(
            &mut bench,
            HOSPITAL,
            &foreign.registration(&trapdoor)
        )),
        (Code::Refused, "proof")
    );
}

#[test]
fn v7_a_bad_proof_is_named() {
    let (mut bench, trapdoor, dataset) = fixture(200);
    let mut args = dataset.registration(&trapdoor);
    args.chunks[7].blocks[0].proof = args.chunks[6].blocks[0].proof.clone();
    let error = register(&mut bench, HOSPITAL, &args).expect_err("a refusal");
    assert!(error.message().contains("chunk 7, block 0"), "{error}");
}

#[test]
fn p12_pages_are_the_registered_ciphertext() {
    let (mut bench, trapdoor, dataset) = fixture(20);
    let root =
        register(&mut bench, HOSPITAL, &dataset.registration(&trapdoor)).expect("registered");
    let (call, part) = (dataset.store(root), dataset.pages());
    assert_eq!(
        refusal(store(&mut bench, BOARD, &call, &part)),
        (Code::Forbidden, "endorser")
    );
    let call_by_other = bench.submit(
        &msp(UNIVERSITY),
        &msp(UNIVERSITY),
        call.clone(),
        Some(borsh::to_vec(&part).expect("bytes")),
    );
    assert_eq!(refusal(call_by_other), (Code::Forbidden, "caller"));
    let mut check = |expected: Refusal, change: &dyn Fn(&mut PagesPart)| {
        let mut part = part.clone();
        change(&mut part);
        assert_eq!(
            refusal(store(&mut bench, UNIVERSITY, &call, &part)),
            expected
        );
    };
    let refused = (Code::Refused, "pages");
    check(refused, &|p| {
        p.chunks[1].blocks[0].pages[2].ciphertext[0] = Felt::from_u64(1)
    });
    check(refused, &|p| {
        p.chunks[1].blocks[0].pages[2].commitment = Felt::from_u64(1)
    });
    check(refused, &|p| {
        p.chunks[1].blocks[0].leaves[3] = Felt::from_u64(1)
    });
    check(refused, &|p| {
        p.chunks[1].blocks[0].pages.pop();
    });
    check(refused, &|p| {
        p.chunks[1].blocks[0].pages[2].ciphertext.push(Felt::ZERO);
    });
    check(refused, &|p| {
        p.chunks[0].blocks = p.chunks[1].blocks.clone()
    });
    check((Code::BadInput, "pages"), &|p| p.chunks.swap(0, 1));
    check((Code::BadInput, "pages"), &|p| {
        p.chunks.pop();
    });
}

#[test]
fn p12_members_alone_read_pages_at_their_own_peer() {
    let (mut bench, trapdoor, dataset) = fixture(20);
    let root =
        register(&mut bench, HOSPITAL, &dataset.registration(&trapdoor)).expect("registered");
    let (call, part) = (dataset.store(root), dataset.pages());
    let set = bench
        .simulate(
            &msp(HOSPITAL),
            &msp(UNIVERSITY),
            &call.clone().call(),
            Some(borsh::to_vec(&part).expect("bytes")),
        )
        .expect("stored");
    assert!(set.writes.is_empty() && set.event.is_none() && set.private_writes.len() == 2);
    assert!(
        set.private_writes
            .keys()
            .all(|(collection, _)| *collection == group())
    );
    bench.world.commit(&set).expect("committed");
    let read = ReadPages {
        dataset: root,
        chunk: 1,
        grant: None,
    };
    let answer = bench
        .ask(&msp(UNIVERSITY), &msp(UNIVERSITY), read.clone())
        .expect("pages");
    assert!(answer.pages == part.chunks[1]);
    // A foreign client at a member's peer, and a member at a foreign peer.
    assert_eq!(
        refusal(bench.ask(&msp(BOARD), &msp(UNIVERSITY), read.clone())),
        (Code::Forbidden, "caller")
    );
    assert_eq!(
        refusal(bench.ask(&msp(HOSPITAL), &msp(UNIVERSITY), read.clone())),
        (Code::Forbidden, "caller")
    );
    assert_eq!(
        refusal(bench.ask(&msp(UNIVERSITY), &msp(BOARD), read)),
        (Code::Forbidden, "caller")
    );
}

/// Twelve columns: two blocks a chunk.
fn wide_schema() -> String {
    let column = |i: usize| {
        format!(r#"{{"name":"c{i}","type":"int","min":0,"max":127,"source":{{"path":"x"}}}}"#)
    };
    let columns: Vec<String> = (0..12).map(column).collect();
    format!(
        r#"{{"format":"medveil-schema-1","columns":[{}]}}"#,
        columns.join(",")
    )
}

#[test]
fn c12_blocks_of_one_chunk_share_flags_and_pseudonyms() {
    let (mut bench, trapdoor) = bench_with_registration();
    let dataset = Dataset::with_schema(consortium_id(), &msp(HOSPITAL), 20, 3, &wide_schema());
    let good = dataset.registration(&trapdoor);
    let mut check = |expected: Refusal, change: &dyn Fn(&mut RegisterDataset)| {
        let mut args = good.clone();
        change(&mut args);
        assert_eq!(refusal(register(&mut bench, HOSPITAL, &args)), expected);
    };
    let input = (Code::BadInput, "registration");
    check(input, &|a| {
        a.chunks[0].blocks[1].block = BlockOpening::Root(Felt::from_u64(1))
    });
    for leaf in [0, 1] {
        check(input, &|a| {
            if let BlockOpening::Leaves(leaves) = &mut a.chunks[0].blocks[1].block {
                leaves[leaf] = Felt::from_u64(1);
            }
        });
    }
    check(input, &|a| {
        a.chunks[0].blocks.pop();
    });
    check((Code::Refused, "proof"), &|a| a.chunks[0].blocks.swap(0, 1));
    let root = register(&mut bench, HOSPITAL, &good).expect("registered");
    let part = dataset.pages();
    let pages: Vec<usize> = part.chunks[0]
        .blocks
        .iter()
        .map(|b| b.pages.len())
        .collect();
    assert_eq!(pages, [12, 2]);
    store(&mut bench, UNIVERSITY, &dataset.store(root), &part).expect("stored");
}

#[test]
fn long_datasets_are_kept_in_batches_and_stored_in_parts() {
    let (mut bench, trapdoor, dataset) = fixture(16 * 258);
    let root =
        register(&mut bench, HOSPITAL, &dataset.registration(&trapdoor)).expect("registered");
    let query = GetChunkRoots {
        dataset: root,
        bookmark: String::new(),
    };
    let found = bench.ask(&msp(BOARD), &msp(BOARD), query).expect("roots");
    let planned: Vec<Felt> = dataset.plan.chunks.iter().map(|c| c.root).collect();
    assert_eq!((found.roots, found.bookmark.as_str()), (planned, ""));
    // A part that runs over the end of a batch.
    let mut part = dataset.pages();
    part.chunks.drain(..254);
    let call = |first_chunk, n_chunks| StorePages {
        dataset: root,
        grant: None,
        first_chunk,
        n_chunks,
    };
    store(&mut bench, UNIVERSITY, &call(254, 4), &part).expect("stored");
    let stored = |bookmark: &str| GetStoredPages {
        dataset: root,
        bookmark: bookmark.to_owned(),
    };
    let (own, other) = (msp(HOSPITAL), msp(BOARD));
    let first = bench.ask(&own, &other, stored("")).expect("digests");
    assert_eq!((first.digests.len(), first.bookmark.as_str()), (256, "256"));
    let last = bench.ask(&own, &other, stored("256")).expect("digests");
    assert_eq!(last.bookmark, "");
    let told: Vec<_> = first.digests.iter().chain(&last.digests).collect();
    let expected = part
        .chunks
        .iter()
        .map(|c| Some(Digest::of(&Entry::to_entry_bytes(c))));
    let expected: Vec<_> = std::iter::repeat_n(None, 254).chain(expected).collect();
    assert!(told.into_iter().eq(&expected));
    assert_eq!(
        refusal(store(&mut bench, UNIVERSITY, &call(254, 5), &part)),
        (Code::BadInput, "pages")
    );
    assert_eq!(
        refusal(store(&mut bench, UNIVERSITY, &call(u32::MAX, 4), &part)),
        (Code::BadInput, "pages")
    );
    let read = ReadPages {
        dataset: root,
        chunk: 257,
        grant: None,
    };
    bench
        .ask(&msp(HOSPITAL), &msp(HOSPITAL), read)
        .expect("pages");
}
