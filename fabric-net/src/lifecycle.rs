//! The chaincode lifecycle, by Fabric's own `peer` program: install, approve, commit. Each of an
//! organisation's own steps asks first, because none may be done twice.
//!
//! Questions are put so that a "no" is an answer and not a failure: a failure says only in words
//! why it failed.

use crate::commands::{admin, at_peers, to_orderer};
use crate::error::NetError;
use crate::install::Binaries;
use crate::layout::Layout;
use crate::process::run;
use crate::ready::until;
use crate::state::NetState;
use medveil_collections_config::MspId;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// A chaincode definition, as it is approved and committed.
pub(crate) struct Definition<'a> {
    pub(crate) name: &'a str,
    /// Package that each peer runs for it.
    pub(crate) package_id: &'a str,
    pub(crate) sequence: u64,
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
struct AllCommitted {
    #[serde(default)]
    chaincode_definitions: Vec<CommittedOne>,
}

#[derive(Deserialize)]
struct CommittedOne {
    name: String,
    sequence: u64,
}

/// A definition that an organisation approved: the package that it runs, if any.
#[derive(Deserialize)]
struct Approved {
    source: Option<PackageSource>,
}

#[derive(Deserialize)]
struct PackageSource {
    #[serde(rename = "Type")]
    kind: Option<PackageKind>,
}

#[derive(Deserialize)]
struct PackageKind {
    #[serde(rename = "LocalPackage")]
    local: Option<InstalledOne>,
}

/// Who approved a definition: one that is committed, or one that is to be.
#[derive(Deserialize)]
struct Approvals {
    #[serde(default)]
    approvals: BTreeMap<String, bool>,
}

impl Approvals {
    fn has(&self, msp: &MspId) -> bool {
        self.approvals.get(msp.as_str()) == Some(&true)
    }
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
        let words = ["querycommitted", "-C", &self.state.channel, "-O", "json"];
        let printed = run(&mut self.peer(msp, &words))?;
        let all: AllCommitted = parse(&printed, "querycommitted")?;
        let found = all
            .chaincode_definitions
            .iter()
            .find(|definition| definition.name == name);
        Ok(found.map_or(0, |definition| definition.sequence))
    }

    /// Whether an organisation approved the definition that is committed.
    ///
    /// **Errors**: there is no such definition.
    pub(crate) fn has_approved_committed(&self, msp: &MspId, name: &str) -> Result<bool, NetError> {
        let channel = &self.state.channel;
        let words = ["querycommitted", "-C", channel, "-n", name, "-O", "json"];
        let printed = run(&mut self.peer(msp, &words))?;
        Ok(parse::<Approvals>(&printed, "querycommitted")?.has(msp))
    }

    /// The package that an organisation approved for a sequence.
    ///
    /// **Errors**: it approved nothing for it.
    pub(crate) fn approved_package(
        &self,
        msp: &MspId,
        name: &str,
        sequence: u64,
    ) -> Result<Option<String>, NetError> {
        let (channel, sequence) = (&self.state.channel, sequence.to_string());
        let mut command = self.peer(msp, &["queryapproved", "-C", channel, "-n", name]);
        let printed = run(command.args(["--sequence", &sequence, "-O", "json"]))?;
        let approved: Approved = parse(&printed, "queryapproved")?;
        let package = approved.source.and_then(|s| s.kind).and_then(|k| k.local);
        Ok(package.map(|p| p.package_id))
    }

    /// Which organisations approved exactly this definition, as an organisation's peer knows.
    fn readiness(&self, msp: &MspId, definition: &Definition<'_>) -> Result<Approvals, NetError> {
        let mut command = self.peer(msp, &["checkcommitreadiness", "-O", "json"]);
        self.define(&mut command, definition);
        parse(&run(&mut command)?, "checkcommitreadiness")
    }

    /// Approves a definition for an organisation, unless it did: Fabric refuses to be told the same
    /// twice.
    pub(crate) fn approve(&self, msp: &MspId, definition: &Definition<'_>) -> Result<(), NetError> {
        // Readiness does not speak of the package.
        if self.readiness(msp, definition)?.has(msp) {
            let package = self.approved_package(msp, definition.name, definition.sequence)?;
            if package.as_deref() == Some(definition.package_id) {
                return Ok(());
            }
        }
        let words = ["approveformyorg", "--package-id", definition.package_id];
        let mut command = self.peer(msp, &words);
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
                Ok(known) => known.approvals.values().filter(|is| **is).count() == n,
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
        command
            .args(["-C", &self.state.channel, "-n", definition.name])
            .args(["-v", &sequence, "--sequence", &sequence])
            .arg("--collections-config")
            .arg(definition.collections);
    }
}

fn parse<T: for<'a> Deserialize<'a>>(printed: &str, what: &str) -> Result<T, NetError> {
    serde_json::from_str(printed).map_err(|source| NetError::Answer {
        program: format!("peer {what}"),
        printed: printed.to_owned(),
        source,
    })
}
