//! Verification in endorsement: alone, by public inputs and size of the batch, and within the
//! contract's own call.
//!
//! Proofs come from keys whose trapdoor is known: they hold by the same equation as a prover's, and
//! cost a millisecond instead of a second. The keys of the contract's rows are voted for by the
//! organisations' administrators, as any key is.

use crate::load::{Args, evaluate};
use crate::print;
use crate::stage::{ORGS, Stage, org};
use anyhow::{Context, Result};
use medveil_benches::quick;
use medveil_circuits::domain::Label;
use medveil_circuits::field::{Digest, Felt, Fr, bytes_to_field};
use medveil_circuits::ids::ConsortiumId;
use medveil_circuits::testing::{Inputs, Trapdoor};
use medveil_contract::call::{ActivateCircuit, ApproveCircuit, Call, ProposeCircuit};
use medveil_contract::testing::sharing::{Dataset, TIER};
use medveil_fabric_client::FabricClient;
use medveil_ledger::Transaction;
use medveil_msp::Identity;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn batches() -> &'static [usize] {
    if quick() {
        &[1, 2]
    } else {
        &[1, 4, 16, 64, 256, 1024]
    }
}

/// So many calls as take a second or two.
fn calls(proofs: usize) -> usize {
    if quick() {
        1
    } else {
        (400 / proofs).clamp(5, 50)
    }
}

/// A key of `N` inputs and so many different instances with proofs, as the probe reads them.
fn material<const N: usize>(proofs: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
    let rng = &mut ChaCha20Rng::seed_from_u64(N as u64);
    let trapdoor = Trapdoor::<Inputs<N>>::generate(rng);
    let mut item = |i: usize| {
        let public = Inputs(std::array::from_fn(|at| Fr::from((i * N + at) as u64)));
        let inputs = public
            .0
            .iter()
            .flat_map(|x| Felt(*x).to_bytes())
            .collect::<Vec<_>>();
        [inputs, trapdoor.forge(&public, rng).to_bytes().to_vec()].concat()
    };
    let items = (0..proofs).map(&mut item).collect();
    (trapdoor.verifying_key().to_bytes().to_vec(), items)
}

/// One row: what a proof costs beside a call of the same size that does nothing.
fn row<const N: usize>(client: &FabricClient, identity: &Identity) -> Result<()> {
    let (key, items) = material::<N>(*batches().last().context("a size")?);
    let mut line = format!("| {N} |");
    for &size in batches() {
        let call =
            |word: &[u8]| -> Args { vec![word.to_vec(), key.clone(), items[..size].concat()] };
        evaluate(client, identity, call(b"verify"), 1)?;
        let with = evaluate(client, identity, call(b"verify"), calls(size))?;
        let without = evaluate(client, identity, call(b"noop"), calls(size))?;
        line += &format!(" {:.3} |", (with - without) / size as f64);
    }
    print(&line)
}

/// By public inputs and size of the batch.
pub fn alone(client: &FabricClient, identity: &Identity) -> Result<()> {
    let sizes: Vec<String> = batches().iter().map(|n| format!(" {n} |")).collect();
    print(&format!(
        "\n| public inputs \\ proofs in a call |{}\n|---|{}",
        sizes.concat(),
        "---|".repeat(sizes.len())
    ))?;
    row::<1>(client, identity)?;
    row::<8>(client, identity)?;
    if !quick() {
        row::<16>(client, identity)?;
        row::<32>(client, identity)?;
        row::<64>(client, identity)?;
    }
    Ok(())
}

/// Puts a key in force by votes.
fn activate(stage: &Stage, client: &FabricClient, verifying_key: Vec<u8>) -> Result<()> {
    let (proving_key, matrices, key) = (
        Digest::of(b"no proving key"),
        Digest::of(b"no matrices"),
        Digest::of(&verifying_key),
    );
    let approve = Call::ApproveCircuit(ApproveCircuit {
        key,
        proving_key,
        matrices,
    });
    let votes = [
        (
            "HospitalA",
            Call::ProposeCircuit(ProposeCircuit {
                verifying_key,
                proving_key,
                matrices,
            }),
        ),
        ("HospitalB", approve.clone()),
        ("University", approve),
        ("HospitalA", Call::ActivateCircuit(ActivateCircuit { key })),
    ];
    let everybody = vec![ORGS.into_iter().map(org).collect::<Result<Vec<_>>>()?];
    for (who, call) in votes {
        let admin = stage.identity(who, "Admin")?;
        crate::wait(client.submit(
            &admin,
            Transaction::query(call.to_args()),
            everybody.clone(),
        ))?;
    }
    Ok(())
}

/// Within the contract: `RegisterDataset` of so many chunks, evaluated at one peer.
pub fn within_the_contract(
    stage: &Stage,
    client: &FabricClient,
    identity: &Identity,
) -> Result<()> {
    let trapdoor = Trapdoor::generate(&mut ChaCha20Rng::seed_from_u64(7));
    activate(stage, client, trapdoor.verifying_key().to_bytes().to_vec())?;
    let consortium = ConsortiumId::new(bytes_to_field(
        Label::Consortium,
        &stage.consortium()?.to_canonical(),
    ));
    print(
        "\n| RegisterDataset: proofs | call, KiB | calls | median, ms | ms a proof |\n|---|---|---|---|---|",
    )?;
    for &size in batches() {
        let mut registration =
            Dataset::of(consortium, &org("HospitalA")?, TIER * size, 1 + size as u64)
                .registration(&trapdoor);
        registration.collection = medveil_collections_config::CollectionName::explicit("research")?;
        let args = Call::RegisterDataset(registration).to_args();
        let kib = args.iter().map(Vec::len).sum::<usize>() / 1024;
        evaluate(client, identity, args.clone(), 1)?;
        let ms = evaluate(client, identity, args, calls(size))?;
        print(&format!(
            "| {size} | {kib} | {} | {ms:.1} | {:.3} |",
            calls(size),
            ms / size as f64
        ))?;
    }
    Ok(())
}
