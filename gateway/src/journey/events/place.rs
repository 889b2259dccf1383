//! A listener's place in a ledger, as its checkpoint file keeps it.

use super::EventsError;
use crate::home::Home;
use crate::infile;
use medveil_custody::{OutputRule, write_output};
use medveil_ledger::Checkpoint;
use serde::{Deserialize, Serialize};
use std::path::Path;

pub(super) const FORMAT: &str = "medveil-checkpoint-1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    format: String,
    /// Hash of the first block.
    genesis: String,
    block: u64,
    tx: u32,
}

impl Place {
    pub(super) fn new(genesis: &str, next: Checkpoint) -> Self {
        Place {
            format: FORMAT.to_owned(),
            genesis: genesis.to_owned(),
            block: next.block,
            tx: next.tx,
        }
    }

    /// Where the listener of a file goes on.
    ///
    /// **Errors**: it is no checkpoint, or one of another ledger.
    pub(super) fn read(path: &Path, genesis: &str) -> Result<Checkpoint, EventsError> {
        let bytes =
            infile::bytes(path, infile::LONGEST_TEXT).map_err(|source| EventsError::File {
                path: path.to_owned(),
                source,
            })?;
        let place: Place = serde_json::from_slice(&bytes).map_err(|source| EventsError::Form {
            path: path.to_owned(),
            source,
        })?;
        if place.format != FORMAT || place.genesis != genesis {
            return Err(EventsError::OtherLedger {
                path: path.to_owned(),
                genesis: genesis.to_owned(),
            });
        }
        Ok(Checkpoint {
            block: place.block,
            tx: place.tx,
        })
    }

    pub(super) fn write(&self, home: &Home, path: &Path) -> Result<(), EventsError> {
        let json = serde_json::to_vec(self).map_err(|source| EventsError::Form {
            path: path.to_owned(),
            source,
        })?;
        let rule = OutputRule {
            mode: 0o644,
            replaces: true,
        };
        Ok(write_output(Some(&home.outputs()), path, &json, rule)?)
    }
}
