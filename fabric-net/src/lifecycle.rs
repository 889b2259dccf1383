//! The chaincode lifecycle, by Fabric's own `peer` program: install, approve, commit. Each asks first, because none may be done twice.

use crate::commands::{admin, at_peers, to_orderer};
use crate::error::NetError;
use crate::install::Binaries;
use crate::layout::Layout;
use crate::process::run;
use crate::state::NetState;
use collections_config::MspId;
use serde::Deserialize;
use std::path::Path;
use std::process::Command;

/// A chaincode definition.
pub(crate) struct Definition<'a> {
    /// Name of the chaincode.
    pub(crate) name: &'a str,
    /// Package that each peer runs for it.
    pub(crate) package_id: &'a str,
    /// Sequence of the definition.
    pub(crate) sequence: u64,
    /// Collections file.
    pub(crate) collections: &'a Path,
}

/// A network and the programs that talk to it.
pub(crate) struct Lifecycle<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) state: &'a NetState,
    pub(crate) binaries: &'a Binaries,
}

#[derive(Deserialize)]
struct Installed {
    #[serde(default)]
    installed_chaincodes: Vec<InstalledOne>,
}

#[derive(Deserialize)]
struct InstalledOne {
    package_id: String,
}

#[derive(Deserialize)]
struct Committed {
    sequence: u64,
}

impl Lifecycle<'_> {
    fn peer(&self, msp: &MspId, words: &[&str]) -> Command {
        let mut command = admin(self.layout, self.state, msp, self.binaries);
        command.args(["lifecycle", "chaincode"]).args(words);
        command
    }

    /// Installs the package at an organisation's peer, unless it is there.
    pub(crate) fn install(&self, msp: &MspId, package_id: &str) -> Result<(), NetError> {
        let printed = run(self.peer(msp, &["queryinstalled"]).args(["-O", "json"]))?;
        let installed: Installed = parse(&printed, "queryinstalled")?;
        if installed.installed_chaincodes.iter().any(|c| c.package_id == package_id) {
            return Ok(());
        }
        run(self.peer(msp, &["install"]).arg(self.layout.package())).map(drop)
    }

    /// The sequence of the committed definition at an organisation's peer; 0 where there is none.
    pub(crate) fn sequence(&self, msp: &MspId, name: &str) -> Result<u64, NetError> {
        let printed = run(self.peer(msp, &["querycommitted"]).args(["-C", &self.state.channel, "-n", name, "-O", "json"]));
        match printed {
            Ok(text) => parse::<Committed>(&text, "querycommitted").map(|c| c.sequence),
            Err(NetError::Program { message, .. }) if message.contains("is not defined") => Ok(0),
            Err(other) => Err(other),
        }
    }

    /// Approves a definition for an organisation.
    pub(crate) fn approve(&self, msp: &MspId, definition: &Definition<'_>) -> Result<(), NetError> {
        let mut command = self.peer(msp, &["approveformyorg", "--package-id", definition.package_id]);
        self.define(&mut command, definition);
        run(&mut command).map(drop)
    }

    /// Commits a definition that was approved, at every organisation's peer.
    pub(crate) fn commit(&self, msps: &[MspId], definition: &Definition<'_>) -> Result<(), NetError> {
        let Some(first) = msps.first() else { return Ok(()) };
        let mut command = self.peer(first, &["commit"]);
        self.define(&mut command, definition);
        at_peers(&mut command, self.layout, self.state, msps);
        run(&mut command).map(drop)
    }

    fn define(&self, command: &mut Command, definition: &Definition<'_>) {
        let sequence = definition.sequence.to_string();
        command.args(["-C", &self.state.channel, "-n", definition.name, "-v", &sequence, "--sequence", &sequence]);
        command.arg("--collections-config").arg(definition.collections);
        to_orderer(command, self.layout, self.state);
    }
}

fn parse<T: for<'a> Deserialize<'a>>(text: &str, what: &str) -> Result<T, NetError> {
    serde_json::from_str(text).map_err(|e| NetError::Program { program: format!("peer {what}"), message: format!("{e}: {text}") })
}
