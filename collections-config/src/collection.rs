//! Fabric's collection definitions: derived from sharing groups, read from
//! `collections_config.json`, printed back, and checked before an upgrade.
//!
//! Source: Fabric's collection definition format (`name`, `policy`, `requiredPeerCount`,
//! `maxPeerCount`, `blockToLive`, `memberOnlyRead`, `memberOnlyWrite`, `endorsementPolicy`) and its
//! lifecycle rules. On top of them: no member alone may satisfy the endorsement policy, because
//! with `OR` one organisation with a patched chaincode could write, overwrite or purge.

mod validate;

use crate::consortium::Consortium;
use crate::groups::{SharingGroup, SharingGroups};
use crate::json;
use crate::name::{CollectionName, MspId};
use crate::policy::{Principal, Role, SignaturePolicy};
use crate::problem::Problems;
use serde::Serialize;
use std::collections::BTreeSet;

/// One explicit collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    name: CollectionName,
    members: SignaturePolicy,
    required_peer_count: u32,
    max_peer_count: u32,
    block_to_live: u64,
    endorsement: SignaturePolicy,
}

impl Collection {
    pub fn name(&self) -> &CollectionName {
        &self.name
    }
    /// The organisations that hold its private values.
    pub fn members(&self) -> BTreeSet<&MspId> {
        self.members
            .principals()
            .into_iter()
            .map(|p| &p.msp_id)
            .collect()
    }
    /// Who must endorse a write.
    pub fn endorsement_policy(&self) -> &SignaturePolicy {
        &self.endorsement
    }
    /// Blocks after which peers forget the private values; 0 is never.
    pub fn block_to_live(&self) -> u64 {
        self.block_to_live
    }
    /// Further peers that must have received the values before an endorsement is given.
    pub fn required_peer_count(&self) -> u32 {
        self.required_peer_count
    }
    /// Further peers that are sent the values at endorsement.
    pub fn max_peer_count(&self) -> u32 {
        self.max_peer_count
    }
}

/// The explicit collections of a chaincode, sorted by name: exist only if they are valid.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CollectionsConfig(Vec<Collection>);

impl CollectionsConfig {
    /// One collection per sharing group, and the one of all members for requests. Implicit
    /// collections exist by themselves and are not part of the file.
    ///
    /// **Errors**: a group names an organisation that is no member of this consortium.
    pub fn derive(consortium: &Consortium, groups: &SharingGroups) -> Result<Self, Problems> {
        let all = std::iter::once(of_requests(consortium));
        let mut collections: Vec<Collection> = all
            .chain(groups.as_slice().iter().map(from_group))
            .collect();
        collections.sort_by(|a, b| a.name.cmp(&b.name));
        let config = CollectionsConfig(collections);
        config.check_members(consortium)?;
        Ok(config)
    }

    /// Checks that the collection for requests is there, of all members, and written by a majority.
    ///
    /// **Errors**: it is not.
    pub fn check_requests(&self, consortium: &Consortium) -> Result<(), Problems> {
        let expected = of_requests(consortium);
        let mut problems = Problems::default();
        let is_expected = |c: &Collection| {
            c.members() == expected.members() && c.endorsement == expected.endorsement
        };
        if !self.get(&expected.name).is_some_and(is_expected) {
            let (name, n) = (expected.name.to_string(), consortium.members().len());
            let what = format!("expected a collection of all {n} members, written by a majority");
            problems.add(name, what);
        }
        problems.or(Some(()))
    }

    /// Reads a collections file of Fabric's format.
    ///
    /// **Errors**: all problems: Fabric's own rules, and a policy that one organisation alone could
    /// satisfy.
    pub fn from_json(text: &str) -> Result<Self, Problems> {
        let tree = json::parse(text)?;
        let mut problems = Problems::default();
        let collections = validate::read(&tree, &mut problems);
        problems.or(collections.map(CollectionsConfig))
    }

    /// Checks that every organisation named belongs to the consortium.
    ///
    /// **Errors**: all organisations that do not.
    pub fn check_members(&self, consortium: &Consortium) -> Result<(), Problems> {
        let mut problems = Problems::default();
        for collection in &self.0 {
            for outsider in collection
                .members()
                .into_iter()
                .filter(|m| !consortium.is_member(m))
            {
                problems.add(
                    collection.name.to_string(),
                    format!("{outsider} is no member of the consortium"),
                );
            }
        }
        problems.or(Some(()))
    }

    /// Checks that a network with these collections can be upgraded to `next`.
    ///
    /// **Errors**: a collection is missing there, or lives for another number of blocks. Fabric
    /// refuses both.
    pub fn check_upgrade(&self, next: &Self) -> Result<(), Problems> {
        let mut problems = Problems::default();
        for old in &self.0 {
            match next.get(&old.name) {
                None => problems.add(
                    old.name.to_string(),
                    "missing: a collection cannot be removed by an upgrade",
                ),
                Some(new) if new.block_to_live != old.block_to_live => problems.add(
                    format!("{}.blockToLive", old.name),
                    format!(
                        "expected {}, got {}: it cannot be changed by an upgrade",
                        old.block_to_live, new.block_to_live
                    ),
                ),
                Some(_) => {}
            }
        }
        problems.or(Some(()))
    }

    pub fn as_slice(&self) -> &[Collection] {
        &self.0
    }

    /// One explicit collection.
    pub fn get(&self, name: &CollectionName) -> Option<&Collection> {
        self.0.iter().find(|c| c.name == *name)
    }

    /// Whether a collection exists: every implicit one does.
    pub fn exists(&self, name: &CollectionName) -> bool {
        name.owner().is_some() || self.get(name).is_some()
    }

    /// The organisations that hold a collection's private values: the owner of an implicit one.
    /// Empty when there is no such collection.
    pub fn members_of<'a>(&'a self, name: &'a CollectionName) -> BTreeSet<&'a MspId> {
        match name.owner() {
            Some(owner) => BTreeSet::from([owner]),
            None => self.get(name).map(Collection::members).unwrap_or_default(),
        }
    }

    /// Whether an organisation holds a collection's private values.
    pub fn is_member(&self, name: &CollectionName, msp_id: &MspId) -> bool {
        self.members_of(name).contains(msp_id)
    }

    /// Who must endorse a write to a collection: for an implicit one, a peer of its owner.
    pub fn endorsement_policy(&self, name: &CollectionName) -> Option<SignaturePolicy> {
        match name.owner() {
            Some(owner) => Some(SignaturePolicy::peers(1, std::slice::from_ref(owner))),
            None => self.get(name).map(|c| c.endorsement.clone()),
        }
    }

    /// The file as Fabric reads it.
    pub fn to_json(&self) -> String {
        // Texts, integers and lists of them always serialise.
        serde_json::to_string_pretty(&self.file()).unwrap_or_default()
    }

    /// The canonical bytes (RFC 8785) of the same content: what a digest of the collections hashes.
    pub fn to_canonical(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(&self.file()).unwrap_or_default()
    }

    fn file(&self) -> Vec<FileCollection> {
        self.0.iter().map(FileCollection::from).collect()
    }
}

/// Who holds the private values of a collection: these organisations.
fn members_policy(members: &[MspId]) -> SignaturePolicy {
    let member = |msp_id: &MspId| {
        SignaturePolicy::SignedBy(Principal {
            msp_id: msp_id.clone(),
            role: Role::Member,
        })
    };
    SignaturePolicy::OutOf(1, members.iter().map(member).collect())
}

fn of_requests(consortium: &Consortium) -> Collection {
    let members = consortium.members().iter();
    let members: Vec<MspId> = members.map(|m| m.msp_id.clone()).collect();
    Collection {
        name: CollectionName::requests(),
        members: members_policy(&members),
        required_peer_count: 0,
        // At most 64 members, so the cast is exact.
        max_peer_count: members.len().saturating_sub(1) as u32,
        block_to_live: 0,
        endorsement: SignaturePolicy::peers(consortium.majority(), &members),
    }
}

fn from_group(group: &SharingGroup) -> Collection {
    // At most 64 members, so the cast is exact.
    let others = group.members.len().saturating_sub(1) as u32;
    Collection {
        name: group.collection.clone(),
        members: members_policy(&group.members),
        required_peer_count: group.required_peer_count,
        max_peer_count: others.max(group.required_peer_count),
        block_to_live: group.block_to_live,
        endorsement: SignaturePolicy::peers(group.endorsers, &group.members),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileCollection {
    name: String,
    policy: String,
    required_peer_count: u32,
    max_peer_count: u32,
    block_to_live: u64,
    member_only_read: bool,
    member_only_write: bool,
    endorsement_policy: FilePolicy,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FilePolicy {
    signature_policy: String,
}

impl From<&Collection> for FileCollection {
    fn from(c: &Collection) -> Self {
        FileCollection {
            name: c.name.to_string(),
            policy: c.members.to_string(),
            required_peer_count: c.required_peer_count,
            max_peer_count: c.max_peer_count,
            block_to_live: c.block_to_live,
            member_only_read: true,
            member_only_write: true,
            endorsement_policy: FilePolicy {
                signature_policy: c.endorsement.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests;
