//! The chaincode lifecycle, by Fabric's own `peer` program: install, approve, commit. Each of an
//! organisation's own steps asks first, because none may be done twice.

use crate::commands::{admin, at_peers, to_orderer};
use crate::error::NetError;
use crate::install::Binaries;
use crate::layout::Layout;
use crate::process::run;
use crate::ready::until;
use crate::state::NetState;
use collections_config::MspId;
use serde::Deserialize;
use std::collections::BTreeMap;
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

#[derive(Deserialize)]
struct Readiness {
    #[serde(default)]
    approvals: BTreeMap<String, bool>,
}

impl Lifecycle<'_> {
    fn peer(&self, msp: &MspId, words: &[&str]) -> Command {
        let mut command = admin(self.layout, self.state, msp, self.binaries);
        command.args(["lifecycle", "chaincode"]).args(words);
        command
    }

    /// Installs the package at an organisation's peer, unless it is there.
    pub(crate) fn install(
        &self,
        msp: &MspId,
        package_id: &str,
        package: &Path,
    ) -> Result<(), NetError> {
        let printed = run(self.peer(msp, &["queryinstalled"]).args(["-O", "json"]))?;
        let installed: Installed = parse(&printed, "queryinstalled")?;
        if installed
            .installed_chaincodes
            .iter()
            .any(|c| c.package_id == package_id)
        {
            return Ok(());
        }
        run(self.peer(msp, &["install"]).arg(package)).map(drop)
    }

    /// The sequence of the committed definition at an organisation's peer; 0 where there is none.
    pub(crate) fn sequence(&self, msp: &MspId, name: &str) -> Result<u64, NetError> {
        let printed = run(self.peer(msp, &["querycommitted"]).args([
            "-C",
            &self.state.channel,
            "-n",
            name,
            "-O",
            "json",
        ]));
        match printed {
            Ok(text) => parse::<Committed>(&text, "querycommitted").map(|c| c.sequence),
            Err(NetError::Program { message, .. }) if message.contains("is not defined") => Ok(0),
            Err(other) => Err(other),
        }
    }

    /// The package that an organisation approved for a sequence; none where it approved nothing.
    pub(crate) fn approved(
        &self,
        msp: &MspId,
        name: &str,
        sequence: u64,
    ) -> Result<Option<String>, NetError> {
        let sequence = sequence.to_string();
        let words = [
            "queryapproved",
            "-C",
            &self.state.channel,
            "-n",
            name,
            "--sequence",
            &sequence,
            "-O",
            "json",
        ];
        match run(&mut self.peer(msp, &words)) {
            Ok(text) => {
                let approved: serde_json::Value = parse(&text, "queryapproved")?;
                Ok(approved
                    .pointer("/source/Type/LocalPackage/package_id")
                    .and_then(|id| id.as_str())
                    .map(str::to_owned))
            }
            Err(NetError::Program { message, .. })
                if message.contains("could not fetch approved chaincode definition") =>
            {
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// Which organisations approved exactly this definition, as an organisation's peer knows.
    fn readiness(
        &self,
        msp: &MspId,
        definition: &Definition<'_>,
    ) -> Result<BTreeMap<String, bool>, NetError> {
        let mut command = self.peer(msp, &["checkcommitreadiness", "-O", "json"]);
        self.define(&mut command, definition);
        parse::<Readiness>(&run(&mut command)?, "checkcommitreadiness").map(|r| r.approvals)
    }

    /// Approves a definition for an organisation, unless it did: Fabric refuses to be told the same
    /// twice.
    pub(crate) fn approve(&self, msp: &MspId, definition: &Definition<'_>) -> Result<(), NetError> {
        let package = self.approved(msp, definition.name, definition.sequence)?;
        if package.as_deref() == Some(definition.package_id)
            && self.readiness(msp, definition)?.get(msp.as_str()) == Some(&true)
        {
            return Ok(());
        }
        let mut command = self.peer(
            msp,
            &["approveformyorg", "--package-id", definition.package_id],
        );
        self.define(&mut command, definition);
        to_orderer(&mut command, self.layout, self.state);
        run(&mut command).map(drop)
    }

    /// Waits until an organisation's peer knows that all approved; each waited for its own approval
    /// alone.
    pub(crate) fn wait_for_all(
        &self,
        msp: &MspId,
        definition: &Definition<'_>,
    ) -> Result<(), NetError> {
        let (name, n) = (format!("peer-{msp}"), self.state.orgs.len());
        let peer = self
            .state
            .orgs
            .iter()
            .find(|o| o.msp_id == msp.as_str())
            .and_then(|o| o.peer);
        let mut asked = Ok(());
        until(
            &format!("{name}'s view of the approvals"),
            peer,
            &self.layout.log(&name),
            || match self.readiness(msp, definition) {
                Ok(approvals) => approvals.values().filter(|is| **is).count() == n,
                Err(e) => {
                    asked = Err(e);
                    true
                }
            },
        )?;
        asked
    }

    /// Commits a definition that was approved, at every organisation's peer.
    pub(crate) fn commit(
        &self,
        msps: &[MspId],
        definition: &Definition<'_>,
    ) -> Result<(), NetError> {
        let Some(first) = msps.first() else {
            return Ok(());
        };
        let mut command = self.peer(first, &["commit"]);
        self.define(&mut command, definition);
        to_orderer(&mut command, self.layout, self.state);
        at_peers(&mut command, self.layout, self.state, msps);
        run(&mut command).map(drop)
    }

    fn define(&self, command: &mut Command, definition: &Definition<'_>) {
        let sequence = definition.sequence.to_string();
        command.args([
            "-C",
            &self.state.channel,
            "-n",
            definition.name,
            "-v",
            &sequence,
            "--sequence",
            &sequence,
        ]);
        command
            .arg("--collections-config")
            .arg(definition.collections);
    }
}

fn parse<T: for<'a> Deserialize<'a>>(text: &str, what: &str) -> Result<T, NetError> {
    serde_json::from_str(text).map_err(|e| NetError::Program {
        program: format!("peer {what}"),
        message: format!("{e}: {text}"),
    })
}
