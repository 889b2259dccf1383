//! Calls, so many at a time, and what they took.

use crate::print;
use crate::stage::org;
use anyhow::Result;
use medveil_benches::quick;
use medveil_fabric_client::FabricClient;
use medveil_ledger::Transaction;
use medveil_msp::Identity;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The arguments of one call.
pub type Args = Vec<Vec<u8>>;

const MAJORITY: [&str; 3] = ["HospitalA", "HospitalB", "University"];

pub const SUBMISSIONS: &str = "\n| submitted call | in flight | calls | median, ms | 95 of 100 below, ms | calls a second |\n|---|---|---|---|---|---|";
pub const EVALUATIONS: &str = "\n| evaluated call | calls | median, ms |\n|---|---|---|";

/// Calls in flight and how many calls are made.
pub fn loads() -> Vec<(usize, usize)> {
    if quick() {
        vec![(1, 1), (2, 2)]
    } else {
        vec![(1, 20), (32, 128), (128, 256)]
    }
}

/// Runs every call, so many at a time; gives each one's time, and the whole's.
fn run(
    calls: &[Args],
    in_flight: usize,
    call: impl Fn(Transaction) -> Result<()> + Sync,
) -> Result<(Vec<Duration>, Duration)> {
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    let worker = || {
        let mut times = Vec::new();
        while let Some(args) = calls.get(next.fetch_add(1, Ordering::Relaxed)) {
            let begun = Instant::now();
            call(Transaction::query(args.clone()))?;
            times.push(begun.elapsed());
        }
        Ok::<_, anyhow::Error>(times)
    };
    let times = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..in_flight).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .map(|w| w.join().map_err(|_| anyhow::anyhow!("a worker stopped"))?)
            .collect::<Result<Vec<_>>>()
    })?;
    Ok((times.concat(), begun.elapsed()))
}

/// The time below which so many of a hundred are. **Units**: milliseconds.
fn percentile(times: &mut [Duration], of_hundred: usize) -> f64 {
    times.sort();
    times
        .get(times.len() * of_hundred / 100)
        .or(times.last())
        .map_or(0.0, |t| t.as_secs_f64() * 1000.0)
}

/// Median time of an evaluation at one's own peer. **Units**: milliseconds.
pub fn evaluate(client: &FabricClient, identity: &Identity, args: Args, n: usize) -> Result<f64> {
    let (mut times, _) = run(&vec![args; n], 1, |t| {
        Ok(crate::wait(client.evaluate(identity, &t)).map(drop)?)
    })?;
    Ok(percentile(&mut times, 50))
}

pub fn evaluations(
    what: &str,
    client: &FabricClient,
    identity: &Identity,
    args: Args,
    n: usize,
) -> Result<()> {
    let ms = evaluate(client, identity, args, n)?;
    print(&format!("| {what} | {n} | {ms:.2} |"))
}

pub fn submissions(
    what: &str,
    client: &FabricClient,
    identity: &Identity,
    calls: &[Args],
    in_flight: usize,
) -> Result<()> {
    let endorsers = vec![MAJORITY.into_iter().map(org).collect::<Result<Vec<_>>>()?];
    let submit = |t| Ok(crate::wait(client.submit(identity, t, endorsers.clone())).map(drop)?);
    let (mut times, whole) = run(calls, in_flight, submit)?;
    let rps = calls.len() as f64 / whole.as_secs_f64();
    let (middle, high) = (percentile(&mut times, 50), percentile(&mut times, 95));
    print(&format!(
        "| {what} | {in_flight} | {} | {middle:.0} | {high:.0} | {rps:.1} |",
        calls.len()
    ))
}
