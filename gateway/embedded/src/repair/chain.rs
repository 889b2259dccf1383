//! Mending the chain file: each block from here where it is whole, else from the copy.

use super::journal::Journal;
use super::vouched::contradicted;
use super::{Known, RepairError};
use crate::chain::{Chain, ChainError, FRAME, Frames, MAGIC, frame, is_next};
use crate::heads::{Hashes, is_signed_by_peer};
use crate::layout::{Layout, OpenError};
use crate::open::head_of;
use medveil_collections_config::MspId;
use medveil_custody::SecretParts;
use medveil_embedded_wire::{Genesis, Hash, Head, Rules};
use medveil_ledger::{BoxError, sha256};
use std::path::PathBuf;

/// One chain file to read from; its frames are where they are in every copy of the chain.
struct Source {
    frames: Frames,
    len: u64,
}

impl Source {
    fn open(layout: &Layout) -> Result<Option<Self>, ChainError> {
        if !layout.exists() {
            return Ok(None);
        }
        let frames = Frames::open(&layout.chain(), false)?;
        let len = frames.len()?;
        Ok(Some(Source { frames, len }))
    }

    fn genesis(&mut self) -> Result<Option<Vec<u8>>, ChainError> {
        match self.frames.has_magic()? {
            true => self.frames.frame_at(16, self.len),
            false => Ok(None),
        }
    }

    /// The block that follows, where it is whole here.
    fn next(&mut self, end: &End) -> Result<Option<(Vec<u8>, Hash)>, ChainError> {
        let block = self.frames.frame_at(end.at, self.len)?;
        Ok(block.and_then(|block| {
            let header = is_next(&block, end.number, &end.previous)?;
            Some((block, header.hash()))
        }))
    }
}

/// Where the next block begins.
struct End {
    at: u64,
    number: u64,
    previous: Hash,
}

/// A chain as it can be put together.
struct Plan {
    genesis: Vec<u8>,
    anchor: Hash,
    rules: Rules,
    hashes: Vec<Hash>,
    /// Whether the genesis and each block come from the copy.
    genesis_from_copy: bool,
    from_copy: Vec<bool>,
    end: u64,
}

/// Mends the chain; leaves one alone that is whole and reaches every head that is kept here.
pub(super) fn mend(
    layout: &Layout,
    from: Option<&Layout>,
    known: Known<'_>,
    journal: &mut Journal<'_>,
) -> Result<(), RepairError> {
    let mut own = Source::open(layout).map_err(OpenError::from)?;
    let copy = from.map(Source::open).transpose();
    let mut copy = copy.map_err(OpenError::from)?.flatten();
    let no_source = |part: String| RepairError::NoSource {
        part,
        from: from.map(|from| from.root().to_owned()),
    };
    let begun = begin(layout, from, known, &mut own, &mut copy)?;
    let mut plan = begun.ok_or_else(|| no_source("genesis".to_owned()))?;
    plan.follow(&mut own, &mut copy)?;
    let signed = match plan.signed_here(&heads_in(layout, &plan.rules)) {
        Ok(signed) => signed,
        Err(Unfit::Unsigned) => return Err(no_source("a head that vouches for it".to_owned())),
        Err(Unfit::Missing(block)) => return Err(no_source(format!("block {block}"))),
        Err(Unfit::Foreign(e)) if plan.uses_copy() => return Err(foreign(from, e.into())),
        Err(Unfit::Foreign(e)) => return Err(e.into()),
    };
    let signed_there = from.map_or(0, |from| plan.majority(&heads_in(from, &plan.rules)));
    plan.cut_unsigned(signed.max(signed_there));
    if !plan.uses_copy() {
        // A tail in which blocks stand is not for cutting off.
        let mut chain = Chain::open(&layout.chain()).map_err(OpenError::from)?;
        return match chain.check() {
            Err(ChainError::Damaged { part, .. }) => Err(no_source(part)),
            checked => Ok(checked.map(|_| ()).map_err(OpenError::from)?),
        };
    }
    plan.write(layout, from, &mut own, &mut copy, journal)
}

fn foreign(from: Option<&Layout>, source: BoxError) -> RepairError {
    let from = from.map_or(PathBuf::new(), |from| from.root().to_owned());
    RepairError::Foreign { from, source }
}

/// The genesis, from here where it is whole and that of the ledger that was here. From a file that
/// is another ledger's nothing more is taken.
fn begin(
    layout: &Layout,
    from: Option<&Layout>,
    known: Known<'_>,
    own: &mut Option<Source>,
    copy: &mut Option<Source>,
) -> Result<Option<Plan>, RepairError> {
    let mut refused = None;
    for (source, is_copy) in [(own, false), (copy, true)] {
        let genesis = source.as_mut().map(Source::genesis).transpose();
        let Some(bytes) = genesis.map_err(OpenError::from)?.flatten() else {
            continue;
        };
        let genesis = Genesis::from_bytes(&bytes).map_err(OpenError::from)?;
        let plan = Plan {
            anchor: sha256(&bytes),
            rules: genesis.rules().map_err(OpenError::from)?,
            end: 16 + FRAME + bytes.len() as u64,
            genesis: bytes,
            hashes: Vec::new(),
            genesis_from_copy: is_copy,
            from_copy: Vec::new(),
        };
        let fits = contradicted(layout, &plan.anchor, &plan.rules).map_err(BoxError::from);
        let Err(error) = fits.and_then(|()| known(&genesis)) else {
            return Ok(Some(plan));
        };
        *source = None;
        refused = Some(match is_copy {
            true => foreign(from, error),
            false => RepairError::Contradicts {
                chain: layout.chain(),
                source: error,
            },
        });
    }
    refused.map_or(Ok(None), Err)
}

/// Heads that organisations kept in a folder and their peers signed.
fn heads_in(layout: &Layout, rules: &Rules) -> Vec<(MspId, Head)> {
    let ids = rules.msps.ids();
    let heads = ids.filter_map(|id| Some((id.clone(), head_of(layout, id).ok()??)));
    heads
        .filter(|(id, head)| is_signed_by_peer(head, id, rules))
        .collect()
}

/// Why a chain is not the one that was signed here.
enum Unfit {
    /// It ends before this block, which somebody signed.
    Missing(usize),
    /// Nobody here signed for a genesis from a copy.
    Unsigned,
    Foreign(OpenError),
}

impl Plan {
    fn uses_copy(&self) -> bool {
        self.genesis_from_copy || self.from_copy.contains(&true)
    }

    /// How many blocks organisations here signed for: every head that is kept here must be on the
    /// chain, and a genesis from a copy must be one that somebody here signed for.
    fn signed_here(&self, heads: &[(MspId, Head)]) -> Result<usize, Unfit> {
        let mut signed = 0;
        for (msp_id, head) in heads {
            let number = usize::try_from(head.number).unwrap_or(usize::MAX);
            if number >= self.hashes.len() && head.genesis == self.anchor {
                return Err(Unfit::Missing(self.hashes.len()));
            }
            let checked = self.as_hashes().check(msp_id, head);
            checked.map_err(Unfit::Foreign)?;
            signed = signed.max(number + 1);
        }
        match self.genesis_from_copy && signed == 0 {
            true => Err(Unfit::Unsigned),
            false => Ok(signed),
        }
    }

    fn as_hashes(&self) -> Hashes<'_> {
        Hashes {
            anchor: &self.anchor,
            rules: &self.rules,
            blocks: &self.hashes,
        }
    }

    /// Goes from block to block until neither file has the next one.
    fn follow(
        &mut self,
        own: &mut Option<Source>,
        copy: &mut Option<Source>,
    ) -> Result<(), RepairError> {
        loop {
            let end = End {
                at: self.end,
                number: self.hashes.len() as u64,
                previous: self.hashes.last().copied().unwrap_or(self.anchor),
            };
            let next = |source: &mut Option<Source>| {
                let found = source.as_mut().map(|source| source.next(&end));
                found.transpose().map_err(OpenError::from)
            };
            let (block, hash) = match next(own)?.flatten() {
                Some(found) => {
                    self.from_copy.push(false);
                    found
                }
                None => match next(copy)?.flatten() {
                    Some(found) => {
                        self.from_copy.push(true);
                        found
                    }
                    None => return Ok(()),
                },
            };
            self.hashes.push(hash);
            self.end += FRAME + block.len() as u64;
        }
    }

    /// How many blocks more than half of the organisations signed for.
    fn majority(&self, heads: &[(MspId, Head)]) -> usize {
        let holds = |(id, head): &&(MspId, Head)| self.as_hashes().check(id, head).is_ok();
        let signed = heads.iter().filter(holds);
        let mut signed: Vec<usize> = signed.map(|(_, head)| head.number as usize + 1).collect();
        signed.sort_by(|a, b| b.cmp(a));
        let half = self.rules.msps.ids().count() / 2;
        signed.get(half).copied().unwrap_or(0)
    }

    /// Takes no block from the copy that nobody vouches for.
    fn cut_unsigned(&mut self, signed: usize) {
        let unsigned = self.from_copy.iter().skip(signed).position(|copy| *copy);
        if let Some(more) = unsigned {
            self.from_copy.truncate(signed + more);
            self.hashes.truncate(signed + more);
        }
    }

    /// Writes the chain that was put together in place of the damaged one, which is kept.
    fn write(
        &self,
        layout: &Layout,
        from: Option<&Layout>,
        own: &mut Option<Source>,
        copy: &mut Option<Source>,
        journal: &mut Journal<'_>,
    ) -> Result<(), RepairError> {
        let custody = |e| RepairError::Open(OpenError::Custody(e));
        let path = layout.chain();
        let mut parts = SecretParts::begin(&path.with_extension("new")).map_err(custody)?;
        parts.append(MAGIC).map_err(custody)?;
        let genesis = frame(&self.genesis);
        parts.append(&genesis).map_err(custody)?;
        let mut end = End {
            at: 16 + genesis.len() as u64,
            number: 0,
            previous: self.anchor,
        };
        for (is_copy, hash) in self.from_copy.iter().zip(&self.hashes) {
            let source = match is_copy {
                true => copy.as_mut(),
                false => own.as_mut(),
            };
            let found = source.map(|source| source.next(&end)).transpose();
            let changed = || ChainError::Damaged {
                part: format!("block {}", end.number),
                what: "changed while it was read",
            };
            let found = found.map_err(OpenError::from)?.flatten();
            let (block, found) = found.ok_or_else(changed).map_err(OpenError::from)?;
            if found != *hash {
                return Err(OpenError::from(changed()).into());
            }
            let bytes = frame(&block);
            parts.append(&bytes).map_err(custody)?;
            end = End {
                at: end.at + bytes.len() as u64,
                number: end.number + 1,
                previous: found,
            };
        }
        self.say(from, journal)?;
        journal.keep("chain", &path)?;
        parts.finish(&path).map_err(custody)
    }

    fn say(&self, from: Option<&Layout>, journal: &mut Journal<'_>) -> Result<(), RepairError> {
        let from = from.map_or(PathBuf::new(), |from| from.root().to_owned());
        if self.genesis_from_copy {
            journal.note("chain", &format!("genesis taken from {}", from.display()))?;
        }
        let taken = self.from_copy.iter().filter(|copy| **copy).count();
        let first = self.from_copy.iter().position(|copy| *copy);
        let last = self.from_copy.iter().rposition(|copy| *copy);
        if let (Some(first), Some(last)) = (first, last) {
            let which = match first == last {
                true => format!("block {first}"),
                false => format!("{taken} of blocks {first} to {last}"),
            };
            journal.note("chain", &format!("{which} taken from {}", from.display()))?;
        }
        Ok(())
    }
}
