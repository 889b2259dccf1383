//! Joining a network in words.

use super::{Render, list};
use crate::journey::join::ConsortiumJoined;

impl Render for ConsortiumJoined {
    fn lines(&self) -> Vec<String> {
        let (org, channel, peers) = (&self.organisation, &self.channel, list(&self.peers));
        vec![format!("{org} joined channel {channel} through {peers}")]
    }
}
