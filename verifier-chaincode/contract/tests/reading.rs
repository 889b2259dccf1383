//! The stored reading report: the registered one with the first chunk, and nothing else.

use medveil_circuits::field::Digest;
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::transient::{PagesPart, SealedReading};
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::sharing::{Dataset, bench_with_registration, consortium_id};
use medveil_contract::testing::{msp, refusal};

#[test]
fn p12_the_stored_reading_report_is_the_registered_one() {
    let (mut bench, trapdoor) = bench_with_registration();
    let dataset = Dataset::of(consortium_id(), &msp(HOSPITAL), 20, 3);
    let (holder, other): (MspId, MspId) = (msp(HOSPITAL), msp(UNIVERSITY));
    let args = dataset.registration(&trapdoor);
    let answer = bench.submit(&holder, &msp(BOARD), args, None);
    let (call, part) = (
        dataset.store(answer.expect("registered").dataset),
        dataset.pages(),
    );
    let mut store = |part: &PagesPart| {
        let body = borsh::to_vec(part).expect("bytes");
        bench.submit(&holder, &other, call.clone(), Some(body))
    };
    let mut refused = |what: &str, part: &PagesPart| {
        assert_eq!(refusal(store(part)), (Code::Refused, "pages"), "{what}");
    };
    let (mut none, mut two) = (part.clone(), part.clone());
    two.chunks[1].reading = none.chunks[0].reading.take();
    refused("no report", &none);
    refused("a report with the second chunk", &two);
    let changes: [&dyn Fn(&mut SealedReading); 7] = [
        &|r| r.parts[0].sealed[5] ^= 1,
        &|r| r.parts[2].sealed.push(0),
        &|r| r.parts[3].commitment = Digest::of(b"other"),
        &|r| r.parts.swap(2, 3),
        &|r| drop(r.parts.pop()),
        &|r| r.parts.push(r.parts[2].clone()),
        &|r| r.parts[1].sealed = vec![0; 64],
    ];
    for (i, change) in changes.iter().enumerate() {
        let mut part = part.clone();
        part.chunks[0].reading.as_mut().map(change);
        refused(&format!("change {i}"), &part);
    }
    store(&part).expect("the registered one");
}
