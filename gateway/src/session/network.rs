//! The network that a home is joined to, as its messages name it.

use super::SessionError;
use crate::home::Home;
use medveil_fabric_client::Profile;
use std::fmt;

/// A network's channel, and where this home's organisations have their peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeNetwork {
    pub channel: String,
    /// `host:port` of each.
    pub peers: Vec<String>,
}

impl HomeNetwork {
    /// The network of a home; none where it has a ledger of its own.
    ///
    /// **Errors**: the home's profile cannot be read.
    pub fn of(home: &Home) -> Result<Option<Self>, SessionError> {
        if !home.fabric().is_file() {
            return Ok(None);
        }
        let profile = Profile::read(&home.fabric())?;
        let peers = profile.organisations.iter().flat_map(|org| &org.peers);
        Ok(Some(HomeNetwork {
            peers: peers.map(|peer| peer.address.clone()).collect(),
            channel: profile.channel,
        }))
    }
}

impl fmt::Display for HomeNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "channel {} with peers at {}",
            self.channel,
            self.peers.join(", ")
        )
    }
}
