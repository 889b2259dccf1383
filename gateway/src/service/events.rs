//! Listening to the ledger: what the contract told the world, and on Fabric the blocks themselves,
//! from a place that survives the listener.
//!
//! A listener's place is written down after each event was printed: one that stops in between
//! prints that event again, and misses none. A transaction that counts and is not of the contract's
//! form is told as such and passed: no member can stop another's listener.

use crate::backend::fabric::{FabricClient, Told, WholeBlock};
use crate::backend::{Backend, BackendError, Checkpoint, LedgerEvent};
use crate::channel::FabricChannel;
use crate::custody::write_file;
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::msp::Identity;
use crate::output::Step;
use crate::startup::Opened;
use collections_config::{MspId, Role};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const FORMAT: &str = "medveil-checkpoint-1";
const STAGE: &str = "events";
/// Before a listener looks for a peer again.
const PAUSE: Duration = Duration::from_secs(1);

/// What is listened to.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// First block, where no checkpoint says better.
    pub from: u64,
    /// The file that keeps the listener's place.
    pub checkpoint: Option<&'a Path>,
    /// Whether to wait for what comes.
    pub follow: bool,
    /// Whether blocks are told too.
    pub blocks: bool,
}

/// A listener's place, and of which ledger.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    format: String,
    /// Hash of the first block.
    genesis: String,
    block: u64,
    tx: u32,
}

struct Listener<'a> {
    desk: &'a Desk,
    wish: Wish<'a>,
    genesis: String,
    next: Checkpoint,
    told: u64,
    unreadable: u64,
}

impl<'a> Listener<'a> {
    fn new(desk: &'a Desk, wish: Wish<'a>, genesis: String) -> Result<Self, GatewayError> {
        let mut next = Checkpoint {
            block: wish.from,
            tx: 0,
        };
        if let Some(path) = wish.checkpoint.filter(|p| p.exists()) {
            let text = std::fs::read_to_string(path).input(STAGE)?;
            let place: Place = serde_json::from_str(&text)
                .map_err(|e| GatewayError::input(STAGE, format!("{}: {e}", path.display())))?;
            if place.format != FORMAT || place.genesis != genesis {
                let message = format!(
                    "{}: expected a {FORMAT} of the ledger whose first block is {genesis}",
                    path.display()
                );
                return Err(GatewayError::input(STAGE, message));
            }
            next = Checkpoint {
                block: place.block,
                tx: place.tx,
            };
        }
        Ok(Listener {
            desk,
            wish,
            genesis,
            next,
            told: 0,
            unreadable: 0,
        })
    }

    fn tell(&mut self, event: &LedgerEvent) -> Result<(), GatewayError> {
        let LedgerEvent {
            block,
            tx_id,
            timestamp_ms,
            name,
            payload,
            ..
        } = event;
        let payload: Value =
            serde_json::from_slice(payload).unwrap_or_else(|_| Value::String(hex::encode(payload)));
        let step = Step::new("ledger.event")
            .line(format!("{block:>6}  {name}  {payload}"))
            .field("block", *block);
        let step = step
            .field("tx_id", tx_id.clone())
            .field("timestamp_ms", *timestamp_ms)
            .field("name", name.clone());
        self.desk.output.step(&step.field("payload", payload));
        self.told += 1;
        self.reached(event.next)
    }

    fn tell_unreadable(
        &mut self,
        block: u64,
        tx_id: &str,
        reason: &str,
        next: Checkpoint,
    ) -> Result<(), GatewayError> {
        let line = format!(
            "{block:>6}  transaction {tx_id} counts and is not the contract's: expected {reason}"
        );
        let step = Step::new("ledger.unreadable")
            .line(line)
            .field("block", block)
            .field("tx_id", tx_id.to_owned());
        self.desk
            .output
            .step(&step.field("reason", format!("expected {reason}")));
        self.unreadable += 1;
        self.reached(next)
    }

    fn reached(&mut self, next: Checkpoint) -> Result<(), GatewayError> {
        self.next = next;
        let Some(path) = self.wish.checkpoint else {
            return Ok(());
        };
        let place = Place {
            format: FORMAT.to_owned(),
            genesis: self.genesis.clone(),
            block: next.block,
            tx: next.tx,
        };
        Ok(write_file(
            path,
            &serde_json::to_vec(&place).internal(STAGE)?,
        )?)
    }

    fn block(&mut self, client: &FabricClient, block: &WholeBlock) -> Result<(), GatewayError> {
        if self.wish.blocks {
            let verdicts: Vec<&str> = block.verdicts().iter().map(|(_, name)| *name).collect();
            let (number, hash) = (block.number(), hex::encode(block.hash()));
            let step = Step::new("ledger.block").line(format!(
                "{number:>6}  block {}  {}",
                &hash[..16],
                verdicts.join(", ")
            ));
            self.desk.output.step(
                &step
                    .field("number", number)
                    .field("hash", hash)
                    .field("codes", json!(verdicts)),
            );
        }
        for told in client.events_of(block, self.next)? {
            match told {
                Told::Event(event) => self.tell(&event)?,
                Told::Unreadable {
                    next,
                    block,
                    tx_id,
                    reason,
                } => self.tell_unreadable(block, &tx_id, reason, next)?,
            }
        }
        self.reached(Checkpoint {
            block: block.number().saturating_add(1),
            tx: 0,
        })
    }

    fn end(self) -> Step {
        let Checkpoint { block, tx } = self.next;
        let mut step = Step::new("ledger.events").line(format!(
            "{} events; the next place is block {block}, transaction {tx}",
            self.told
        ));
        if self.unreadable > 0 {
            step = step.line(format!(
                "  {} transactions count and are not of the contract's form",
                self.unreadable
            ));
        }
        step.field("events", self.told)
            .field("unreadable", self.unreadable)
            .field("next_block", block)
            .field("next_tx", tx)
    }
}

/// Tells events of valid transactions, one step each; with `follow` for ever.
///
/// **Errors**: a checkpoint of another ledger; the ledger is not reachable; a block without its
/// verdicts.
pub fn listen(opened: &Opened, org: &MspId, wish: Wish<'_>) -> Result<Step, GatewayError> {
    let identity = opened.desk.identity(org, Role::Client)?;
    if let Some(channel) = opened.fabric() {
        let listener = Listener::new(
            &opened.desk,
            wish,
            channel.client().network().profile.genesis.clone(),
        )?;
        return on_fabric(channel, &identity, listener);
    }
    if wish.follow || wish.blocks {
        return Err(GatewayError::input(
            STAGE,
            "the embedded ledger serves one process at a time: nothing can come while this one listens",
        ));
    }
    let ledger = opened.embedded()?;
    let mut listener = Listener::new(&opened.desk, wish, hex::encode(ledger.block(0)?.hash))?;
    for event in ledger
        .backend(identity)
        .input("identity")?
        .events(listener.next)
    {
        listener.tell(&event?)?;
    }
    Ok(listener.end())
}

fn on_fabric(
    channel: &FabricChannel,
    identity: &Identity,
    mut listener: Listener<'_>,
) -> Result<Step, GatewayError> {
    let client = channel.client();
    loop {
        match client.block_on(pass(client, identity, &mut listener)) {
            Ok(()) => return Ok(listener.end()),
            Err(Stopped::Stream(BackendError::Unreachable(why))) if listener.wish.follow => {
                let spinner = listener
                    .desk
                    .output
                    .spinner(&format!("looking for a peer: {why}"));
                std::thread::sleep(PAUSE);
                spinner.finish_and_clear();
            }
            Err(Stopped::Stream(error)) => return Err(error.into()),
            Err(Stopped::Telling(error)) => return Err(error),
        }
    }
}

/// Why a pass over the stream of blocks ended early.
enum Stopped {
    Stream(BackendError),
    Telling(GatewayError),
}

async fn pass(
    client: &FabricClient,
    identity: &Identity,
    listener: &mut Listener<'_>,
) -> Result<(), Stopped> {
    let height = client.height(identity).await.map_err(Stopped::Stream)?;
    let last = if listener.wish.follow {
        None
    } else {
        Some(height.saturating_sub(1))
    };
    if last.is_some_and(|last| listener.next.block > last) {
        return Ok(());
    }
    let mut blocks = client
        .blocks(identity, listener.next.block, last)
        .await
        .map_err(Stopped::Stream)?;
    while let Some(block) = blocks.next().await.map_err(Stopped::Stream)? {
        listener.block(client, &block).map_err(Stopped::Telling)?;
    }
    Ok(())
}
