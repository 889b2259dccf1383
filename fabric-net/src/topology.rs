//! What a network is made of.

use crate::error::{InputError, NetError};
use crate::layout::domain;
use medveil_collections_config::MspId;
use std::collections::BTreeSet;

/// What a network is made of; [`Topology::new`] says which ones can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// Organisations, one peer each.
    pub orgs: Vec<MspId>,
    /// Orderers: 1 or 3 that order by Raft, or 4 that order by SmartBFT.
    pub orderers: usize,
    pub channel: String,
    /// Whether a proposal whose time is a quarter of an hour away is refused; only a test that
    /// moves the day does without.
    pub is_time_checked: bool,
    /// Whether peers and orderers listen at other ports than those where everybody looks for them.
    /// Whoever makes such a network joins the two, before the first process starts and as long as
    /// it runs; a test of faults cuts the network there.
    pub is_relayed: bool,
}

impl Topology {
    /// A network of these organisations.
    ///
    /// **Errors**: none, or two whose hosts would have one name; another number of orderers; a
    /// channel name that Fabric refuses.
    pub fn new(orgs: Vec<MspId>, orderers: usize, channel: &str) -> Result<Self, NetError> {
        let domains: BTreeSet<String> = orgs.iter().map(domain).collect();
        if orgs.is_empty() || domains.len() != orgs.len() {
            return Err(InputError::Organisations.into());
        }
        if ![1, 3, 4].contains(&orderers) {
            return Err(InputError::Orderers(orderers).into());
        }
        let mut name = channel.bytes();
        let plain = name.next().is_some_and(|b| b.is_ascii_lowercase())
            && name.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
        if !plain || channel.len() > 249 {
            return Err(InputError::Channel(channel.to_owned()).into());
        }
        Ok(Topology {
            orgs,
            orderers,
            channel: channel.to_owned(),
            is_time_checked: true,
            is_relayed: false,
        })
    }
}
