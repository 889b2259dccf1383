use super::*;
use crate::page::{Page, pack_cells, pack_flags};
use crate::query::compile;
use crate::testing::{claim_schema, cohort_fixture, cohort_rows, opened, terms};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

#[test]
fn a_context_changes_with_every_part() {
    let id = Felt::from_u64;
    let base = ContextParts {
        consortium: ConsortiumId::new(id(1)),
        chaincode: "medveil",
        lineage: LineageId::new(id(2)),
        dataset: DatasetRoot::new(id(3)),
        query: QueryHash::new(id(4)),
        terms: terms(CountUnit::Rows, 5),
        subject_floor: 6,
    };
    let all = [
        base,
        ContextParts {
            consortium: ConsortiumId::new(id(9)),
            ..base
        },
        ContextParts {
            chaincode: "medveil2",
            ..base
        },
        ContextParts {
            lineage: LineageId::new(id(9)),
            ..base
        },
        ContextParts {
            dataset: DatasetRoot::new(id(9)),
            ..base
        },
        ContextParts {
            query: QueryHash::new(id(9)),
            ..base
        },
        ContextParts {
            terms: terms(CountUnit::Subjects, 5),
            ..base
        },
        ContextParts {
            terms: terms(CountUnit::Rows, 9),
            ..base
        },
        ContextParts {
            subject_floor: 9,
            ..base
        },
    ];
    let contexts: std::collections::BTreeSet<Felt> = all.iter().map(context).collect();
    assert_eq!(contexts.len(), all.len());
}

#[test]
fn pages_of_another_shape_are_no_chunk() {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let page = |content| Page::with_salt(content, Fr::from(1u64));
    let (flags, cells) = (
        page(pack_flags(&[Default::default(); 16])),
        page(pack_cells(&[Default::default(); 16])),
    );
    let digest = Fr::from(7u64);
    let open = |tier, flags, cells| {
        OpenedChunk::open(
            3,
            tier,
            [
                (flags, digest),
                (cells, digest),
                (cells, digest),
                (cells, digest),
            ],
        )
    };
    assert!(open(16, &flags, &cells).is_ok());
    assert_eq!(
        open(17, &flags, &cells).err(),
        Some(ClaimPlanError::Tier(17))
    );
    let wrong = |tier| {
        Some(ClaimPlanError::Page {
            chunk: 3,
            rows: tier,
        })
    };
    assert_eq!(open(256, &flags, &cells).err(), wrong(256));
    assert_eq!(open(16, &cells, &cells).err(), wrong(16));
    assert_eq!(open(16, &flags, &flags).err(), wrong(16));
    // Pages decrypted under a wrong key are noise.
    let noise = Page::seal(
        vec![
            ark_ff::UniformRand::rand(rng),
            ark_ff::UniformRand::rand(rng),
        ],
        rng,
    );
    assert_eq!(open(16, &flags, &noise).err(), wrong(16));
    let program = *compile("TRUE", &claim_schema(), CountUnit::Rows)
        .unwrap()
        .program();
    let input = ClaimInput {
        program: &program,
        chunks: &[],
        terms: terms(CountUnit::Rows, 1),
        subject_floor: 0,
        context: Felt::ZERO,
    };
    assert!(plan(&input, rng).is_err_and(|e| e == ClaimPlanError::Empty));
}

#[test]
fn columns_of_later_blocks_are_opened_in_their_place() {
    // `smoker` and `late` lie in the second block.
    let (rows, schema) = (cohort_rows(30, 4), claim_schema());
    let segment = cohort_fixture(&rows, 16);
    let query = compile(
        "smoker AND late >= 3 AND age < 90",
        &schema,
        CountUnit::Rows,
    )
    .unwrap();
    assert_eq!(query.program().places(), [(1, 2), (1, 3), (0, 2)]);
    let hit = |row: &crate::testing::CohortRow| {
        row.values[9] == Some(1)
            && row.values[10].is_some_and(|v| v >= 3)
            && row.values[0].is_some_and(|v| v < 90)
    };
    let expected = rows.iter().filter(|row| hit(row)).count() as u64;
    assert!(expected > 0);
    assert_eq!(
        count(query.program(), &opened(&segment, 16, query.program())).rows,
        expected
    );
}

#[test]
fn instances_name_the_leaves_of_the_registration() {
    let segment = cohort_fixture(&cohort_rows(20, 4), 16);
    let query = compile("late = 3 OR age = 3", &claim_schema(), CountUnit::Rows).unwrap();
    let places = query.program().places();
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    let chunks = opened(&segment, 16, query.program());
    let input = ClaimInput {
        program: query.program(),
        chunks: &chunks,
        terms: terms(CountUnit::Rows, 1),
        subject_floor: 0,
        context: Felt::ZERO,
    };
    let claim = plan(&input, rng).unwrap();
    for (planned, registered) in claim.chunks.iter().zip(&segment.chunks) {
        assert_eq!(planned.public.flags_leaf, registered.blocks[0].leaves[0]);
        assert_eq!(
            planned.public.leaves,
            places.map(|(block, leaf)| registered.blocks[block].leaves[leaf])
        );
    }
}
