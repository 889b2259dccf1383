//! The invariants, after each fault: I1 what was acknowledged is on the chain; I2 no transaction and
//! no call counts twice; I4 all peers have the same blocks and verdicts, private hashes among them;
//! I5 the same question has the same answer; I6 no secret lies in the open. I3 and the contract's
//! own rules are the audit's, which takes every block again.

use crate::load::{Load, REQUESTS};
use crate::network::Network;
use crate::requests::CANARY;
use crate::{LIMIT, ORGS, org, wait};
use anyhow::{Context, Result, ensure};
use medveil_collections_config::{MspId, Role};
use medveil_contract::call::Call;
use medveil_fabric_client::FabricClient;
use medveil_fabric_wire::{Expected, Recorded, WholeBlock};
use medveil_gateway::journey::audit;
use medveil_gateway::startup;
use medveil_ledger::SystemClock;
use medveil_msp::{Identity, MspSet};
use memchr::memmem;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What nobody may find: who the patients are, what is studied and written, and the passphrase.
const SECRETS: [&[u8]; 2] = [CANARY.as_bytes(), b"correct horse battery"];

/// What a call does that can be done once only: a request of a nullifier, a dataset of its segment, a
/// policy of a dataset that nobody replaces here.
fn what_it_does(call: &Recorded) -> Option<String> {
    match Call::from_args(&call.args).ok()? {
        Call::RequestAccess(asked) => Some(format!("request {:?}", asked.terms.nullifier)),
        Call::RegisterDataset(dataset) => Some(format!("dataset {:?}", dataset.segment)),
        Call::PutPolicy(_) => {
            let args: Vec<String> = call.args.iter().map(hex::encode).collect();
            Some(format!("policy of {} {args:?}", call.certificate.msp_id))
        }
        _ => None,
    }
}

/// What the checks found so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    pub acknowledged: u64,
    pub lost: u64,
    pub duplicates: u64,
}

/// One organisation's own peer, as its own client sees it.
struct View {
    client: FabricClient,
    identity: Arc<Identity>,
}

/// The chain as far as it was read, on every peer alike.
pub struct Chain {
    views: Vec<View>,
    msps: MspSet,
    /// The next block to read.
    next: u64,
    /// Valid transactions, and those that were acknowledged before their block was read.
    valid: BTreeSet<String>,
    done: BTreeSet<String>,
}

impl Chain {
    pub fn new(network: &Network) -> Result<Self> {
        let msps = fabric(network, ORGS[0])?.msps;
        let view = |name: &&str| {
            let session = network.session(name)?;
            Ok::<_, anyhow::Error>(View {
                identity: session.identity(&org(name)?, Role::Client)?,
                client: FabricClient::new(fabric(network, name)?, startup::rng()?),
            })
        };
        Ok(Chain {
            views: ORGS.iter().map(view).collect::<Result<_>>()?,
            msps,
            next: 0,
            valid: BTreeSet::new(),
            done: BTreeSet::new(),
        })
    }

    /// Reads what came since the last time, on every peer, and holds it against what was
    /// acknowledged.
    ///
    /// **Errors**: peers disagree, or do not come to the same height.
    pub fn check(&mut self, load: &Load) -> Result<Found> {
        let acknowledged: Vec<String> = load
            .each(|heard| std::mem::take(&mut heard.acknowledged))
            .concat();
        let differs = load.each(|heard| heard.differs.clone()).concat();
        ensure!(
            differs.is_empty(),
            "I5: other answers to the same question: {differs:?}"
        );
        let heights = self.views.iter().map(View::height);
        let end = heights.collect::<Result<Vec<_>>>()?.into_iter().max();
        let duplicates = self.read_to(end.unwrap_or_default())?;
        let lost = acknowledged.iter().filter(|tx| !self.valid.contains(*tx));
        Ok(Found {
            lost: lost.count() as u64,
            acknowledged: acknowledged.len() as u64,
            duplicates,
        })
    }

    /// Gives how many transactions or calls counted a second time.
    fn read_to(&mut self, end: u64) -> Result<u64> {
        let mut duplicates = 0;
        let (first, others) = self.views.split_first().context("a peer")?;
        let blocks = first.blocks(self.next, end)?;
        for (view, name) in others.iter().zip(&ORGS[1..]) {
            let theirs = view.blocks(self.next, end)?;
            let same = |(a, b): (&WholeBlock, &WholeBlock)| {
                a.hash() == b.hash() && a.verdicts() == b.verdicts()
            };
            let agree = blocks.len() == theirs.len() && blocks.iter().zip(&theirs).all(same);
            ensure!(agree, "I4: the peers of {} and {name} disagree", ORGS[0]);
        }
        for block in &blocks {
            for (bytes, verdict) in block.transactions.iter().zip(block.verdicts()) {
                if verdict.code == 0 {
                    duplicates += u64::from(!self.count(bytes));
                }
            }
        }
        self.next = self.next.max(end);
        Ok(duplicates)
    }

    /// Counts a valid transaction; gives whether it and what it does are new.
    fn count(&mut self, bytes: &[u8]) -> bool {
        let Some((_, tx_id)) = Recorded::target(bytes) else {
            return true;
        };
        let expected = Expected {
            channel: "medveil-channel",
            chaincode: "medveil",
            msps: &self.msps,
        };
        let call = Recorded::on_chain(bytes, &expected).ok();
        let what = call.as_ref().and_then(what_it_does);
        let twice = what.is_some_and(|what| !self.done.insert(what));
        self.valid.insert(tx_id) && !twice
    }

    pub fn valid(&self) -> usize {
        self.valid.len()
    }
}

impl View {
    fn height(&self) -> Result<u64> {
        Ok(wait(self.client.height(&self.identity))?)
    }

    /// The blocks of a range, as soon as the peer has them.
    fn blocks(&self, from: u64, end: u64) -> Result<Vec<WholeBlock>> {
        let begun = Instant::now();
        while self.height().unwrap_or_default() < end {
            ensure!(
                begun.elapsed() < LIMIT,
                "I4: the peer of {} does not catch up",
                self.identity.msp_id()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        if from >= end {
            return Ok(Vec::new());
        }
        wait(async {
            let range = self.client.blocks(&self.identity, from, Some(end - 1));
            let (mut blocks, mut all) = (range.await?, Vec::new());
            while let Some(block) = blocks.next().await? {
                all.push(block);
            }
            Ok(all)
        })
    }
}

fn fabric(network: &Network, name: &str) -> Result<medveil_fabric_client::Network> {
    let notify = Arc::new(|_: &str| {});
    let clock = Arc::new(SystemClock);
    Ok(startup::network(&network.home(name), clock, notify)?)
}

/// Takes the whole ledger again, as an auditor of one organisation; and nothing is on its way.
///
/// **Errors**: findings.
pub fn audit(network: &Network) -> Result<()> {
    let auditor: MspId = org("EthicsBoard")?;
    let session = network.session("EthicsBoard")?;
    wait(audit::audit(&session, &auditor)).context("I3: the audit")?;
    Ok(())
}

/// I6: no file of the network or of a home holds a secret in the open.
///
/// **Errors**: the files that do.
pub fn shows_nothing(network: &Network) -> Result<()> {
    let mut shown = Vec::new();
    let own = ["passphrase", REQUESTS].map(|name| network.path(name));
    search(network.root(), &own, &mut shown)?;
    ensure!(shown.is_empty(), "I6: secrets in the open: {shown:?}");
    Ok(())
}

fn is_gone(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound)
}

fn search(folder: &Path, own: &[PathBuf], shown: &mut Vec<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if own.contains(&path) {
            continue;
        }
        if kind.is_dir() {
            match search(&path, own, shown) {
                // Databases remove files and folders at any time.
                Err(error) if is_gone(&error) => {}
                searched => searched?,
            }
        } else if kind.is_file() {
            let bytes = std::fs::read(&path).unwrap_or_default();
            let has = |secret: &&[u8]| memmem::find(&bytes, secret).is_some();
            if SECRETS.iter().any(has) {
                shown.push(path.display().to_string());
            }
        }
    }
    Ok(())
}
