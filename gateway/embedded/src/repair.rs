//! Mending a damaged ledger, when its operator says so.
//!
//! The chain's blocks come from the chain itself or from a copy, byte for byte, and only where they
//! follow each other up to a head that an organisation here signed, or that a majority of the copy's
//! organisations signed. Public state comes from the chain; private values from what is left of their
//! store, from another member's, or from the copy, where their hashes are those on the chain. What is
//! replaced is put aside, not removed; everything is said and logged.

mod chain;
mod journal;
mod peers;
mod values;
mod vouched;

pub use journal::Mended;

use super::heads::Hashes;
use super::layout::{Layout, LockedHome, OpenError};
use super::ledger::{EmbeddedLedger, Options};
use super::open::{Examined, assemble, head_of, private_height};
use super::stores::Losses;
use journal::Journal;
use medveil_collections_config::MspId;
use medveil_embedded_wire::{Genesis, Hash};
use medveil_ledger::BoxError;
use std::path::{Path, PathBuf};

/// Why a ledger could not be mended.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// Something is as damaged as before.
    #[error("repair")]
    Open(#[from] OpenError),
    /// Nothing here or in the copy is what must be there.
    #[error("repair: {part}: not here{}: name a copy of the ledger's folder that has it (`--from FOLDER`)", copy(.from))]
    NoSource {
        part: String,
        /// The copy that was named.
        from: Option<PathBuf>,
    },
    /// There is no ledger in the folder of the copy.
    #[error("repair: {}: expected a copy of a ledger's folder", .0.display())]
    NoCopy(PathBuf),
    /// The copy is of another chain.
    #[error("repair: {}: a copy of another chain than the one signed here, and nothing was replaced", from.display())]
    Foreign { from: PathBuf, source: BoxError },
    /// The chain that is here is of another ledger than what is kept beside it.
    #[error("repair: {}: contradicts what is kept here, and nothing was replaced: put back what differs from a backup, or name a copy of the ledger that was here (`--from FOLDER`)", chain.display())]
    Contradicts { chain: PathBuf, source: BoxError },
    #[error("repair: {}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
}

fn copy(from: &Option<PathBuf>) -> String {
    let from = from.as_ref();
    from.map_or_else(String::new, |from| format!(" or in {}", from.display()))
}

/// Says whether a ledger that begins so is the one that is known outside of its folder.
pub type Known<'a> = &'a dyn Fn(&Genesis) -> Result<(), BoxError>;

/// What a repair did.
#[derive(Debug)]
pub struct Repaired {
    pub height: u64,
    /// What was mended, in order; none where nothing was damaged.
    pub mended: Vec<Mended>,
    /// Private values that nobody had any more: whose, collection, hash of the key.
    pub lost: Vec<(MspId, String, Hash)>,
}

impl EmbeddedLedger {
    /// Mends the ledger at `root`, with what a copy of its folder has where one is named. Which
    /// ledger it is comes first: what is `known` of it, and the heads that are kept here, decide.
    ///
    /// **Errors**: no ledger, in use; another ledger than the one that was here, and nothing was
    /// replaced; something cannot be mended with what is there. What was mended before stays;
    /// nothing is taken from a copy that signatures and hashes do not vouch for.
    pub fn repair(
        root: &Path,
        from: Option<&Path>,
        known: Known<'_>,
        options: Options,
    ) -> Result<Repaired, RepairError> {
        let layout = Layout::new(root);
        if !layout.exists() && !layout.lost_chain() {
            return Err(OpenError::Presence {
                path: root.to_owned(),
                expected: "an existing ledger",
            }
            .into());
        }
        let lock = LockedHome::take(&layout)?;
        let from = from.map(Layout::new);
        if let Some(from) = from.as_ref().filter(|from| !from.exists()) {
            return Err(RepairError::NoCopy(from.root().to_owned()));
        }
        let now_ms = options.clock.now_ms();
        let mut journal = Journal::new(&layout, now_ms);
        chain::mend(&layout, from.as_ref(), known, &mut journal)?;
        peers::mend(&layout, from.as_ref(), now_ms, &mut journal)?;
        let (examined, blocks) = Examined::of_chain(&layout, now_ms)?;
        let before = put_stores_aside(&layout, &examined, &blocks, &mut journal)?;
        let inner = assemble(&layout, examined, lock, options)?;
        inner.catch_up(Losses::Recorded)?;
        caught_up(&before, blocks.len() as u64, &mut journal)?;
        let lost = values::mend(&inner, &layout, from.as_ref(), &mut journal)?;
        Ok(Repaired {
            height: blocks.len() as u64,
            mended: journal.finish(),
            lost,
        })
    }
}

/// Blocks that an organisation's stores had applied.
struct Before {
    msp_id: MspId,
    public: u64,
    private: u64,
}

/// Puts stores aside that cannot be read or belong to another chain: they are made anew.
fn put_stores_aside(
    layout: &Layout,
    examined: &Examined,
    blocks: &[Hash],
    journal: &mut Journal<'_>,
) -> Result<Vec<Before>, RepairError> {
    let hashes = Hashes {
        anchor: &examined.anchor,
        rules: &examined.rules,
        blocks,
    };
    let mut before = Vec::new();
    for msp_id in examined.rules.msps.ids() {
        let checked = |head| hashes.check(msp_id, &head).map(|()| head.number + 1);
        let public = match layout.state(msp_id).exists() {
            true => head_of(layout, msp_id).and_then(|head| head.map_or(Ok(0), checked)),
            false => Ok(0),
        };
        let private = match layout.private(msp_id).exists() {
            true => private_height(layout, msp_id),
            false => Ok(0),
        };
        let private = private.and_then(|height| match height <= blocks.len() as u64 {
            true => Ok(height),
            false => Err(OpenError::Behind {
                msp_id: msp_id.clone(),
                store: "private values",
                blocks: height,
                height: blocks.len() as u64,
            }),
        });
        let mut kept = |found: Result<u64, OpenError>, path: PathBuf| match found {
            Err(e) if e.is_system() => Err(RepairError::Open(e)),
            Err(_) => journal.put_aside(msp_id, &path).map(|()| 0),
            Ok(height) => Ok(height),
        };
        before.push(Before {
            public: kept(public, layout.state(msp_id))?,
            private: kept(private, layout.private(msp_id))?,
            msp_id: msp_id.clone(),
        });
    }
    Ok(before)
}

/// Says which stores were behind the chain.
fn caught_up(before: &[Before], height: u64, journal: &mut Journal<'_>) -> Result<(), RepairError> {
    for org in before {
        for (store, had) in [
            ("public state", org.public),
            ("private values", org.private),
        ] {
            if had < height {
                let what = format!("{store}: blocks {had} to {} applied", height - 1);
                journal.note(org.msp_id.as_str(), &what)?;
            }
        }
    }
    Ok(())
}
