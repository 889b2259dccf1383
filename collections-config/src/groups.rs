//! Sharing groups: who shares a collection. A file beside the consortium file, outside the
//! Bootstrap bytes, because collections can be upgraded.

use crate::consortium::{self, Consortium};
use crate::json::{self, Fields, Json};
use crate::name::{CollectionName, MspId, REQUESTS};
use crate::problem::Problems;
use std::collections::BTreeSet;

/// The value of `format`.
pub const FORMAT: &str = "medveil-sharing-groups-1";
/// Most groups of one file.
pub const MAX_GROUPS: usize = 256;
/// Shortest life of private data that a returning peer can still receive (well above Fabric's pull
/// margin of 10).
///
/// **Units**: blocks.
pub const MIN_BLOCK_TO_LIVE: i64 = 100;

/// One sharing group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharingGroup {
    /// Its collection; the group's name is the collection's name.
    pub collection: CollectionName,
    /// Its organisations, sorted, at least two.
    pub members: Vec<MspId>,
    /// How many members must endorse a write, at least two.
    pub endorsers: u32,
    /// Blocks after which peers forget the private values; 0 is never.
    pub block_to_live: u64,
    /// Further peers that must have received the values before an endorsement is given.
    pub required_peer_count: u32,
}

/// All sharing groups of a consortium, sorted by name: exist only if they are valid.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SharingGroups(Vec<SharingGroup>);

impl SharingGroups {
    /// Reads a sharing-group file against its consortium.
    ///
    /// **Shape**: `format`, `groups`: each `name`, `members` (two or more MSP ids), and optionally
    /// `endorsers` (default 2), `block_to_live` (default 0: never; otherwise at least 100) and
    /// `required_peer_count` (default 0).
    ///
    /// **Errors**: all problems.
    pub fn from_json(text: &str, consortium: &Consortium) -> Result<Self, Problems> {
        let tree = json::parse(text)?;
        let mut problems = Problems::default();
        let groups = read(&tree, consortium, &mut problems);
        problems.or(groups)
    }

    pub fn as_slice(&self) -> &[SharingGroup] {
        &self.0
    }

    /// One group by its name.
    pub fn get(&self, name: &str) -> Option<&SharingGroup> {
        self.0
            .iter()
            .find(|group| group.collection.to_string() == name)
    }
}

fn read(tree: &Json, consortium: &Consortium, problems: &mut Problems) -> Option<SharingGroups> {
    let known: BTreeSet<MspId> = consortium
        .members()
        .iter()
        .map(|m| m.msp_id.clone())
        .collect();
    let mut fields = Fields::open(tree, "", problems)?;
    fields.constant("format", FORMAT, problems);
    let list = fields.list("groups", problems);
    fields.close(problems);
    let list = list?;
    if list.len() > MAX_GROUPS {
        problems.add(
            "groups",
            format!("expected at most {MAX_GROUPS}, got {}", list.len()),
        );
        return None;
    }
    let mut groups: Vec<SharingGroup> = Vec::new();
    for (i, item) in list.iter().enumerate() {
        let at = format!("groups[{i}]");
        let Some(group) = group(item, &at, &known, problems) else {
            continue;
        };
        if groups.iter().any(|g| g.collection == group.collection) {
            problems.add(format!("{at}.name"), "stands twice");
        } else {
            groups.push(group);
        }
    }
    groups.sort_by(|a, b| a.collection.cmp(&b.collection));
    Some(SharingGroups(groups))
}

fn group(
    item: &Json,
    at: &str,
    known: &BTreeSet<MspId>,
    problems: &mut Problems,
) -> Option<SharingGroup> {
    let mut fields = Fields::open(item, at, problems)?;
    let name = consortium::word(&mut fields, "name", problems);
    if name.as_deref() == Some(REQUESTS) {
        let what = format!("expected another name: {REQUESTS} holds the requests of all members");
        problems.add(fields.path("name"), what);
    }
    let members = consortium::msp_ids(&mut fields, "members", known, problems).unwrap_or_default();
    let n = i64::try_from(members.len()).unwrap_or(0);
    if n < 2 {
        problems.add(
            fields.path("members"),
            "expected two or more members of the consortium",
        );
    }
    let endorsers = fields.int("endorsers", 2..=n.max(2), Some(2), problems);
    let block_to_live = fields.int("block_to_live", 0..=i64::MAX, Some(0), problems);
    if let Some(blocks @ 1..MIN_BLOCK_TO_LIVE) = block_to_live {
        problems.add(
            fields.path("block_to_live"),
            format!("expected 0 (never) or at least {MIN_BLOCK_TO_LIVE}, got {blocks}"),
        );
    }
    let required = fields.int("required_peer_count", 0..=(n - 1).max(0), Some(0), problems);
    fields.close(problems);
    Some(SharingGroup {
        collection: CollectionName::explicit(name?).ok()?,
        members,
        endorsers: u32::try_from(endorsers?).ok()?,
        block_to_live: u64::try_from(block_to_live?).ok()?,
        required_peer_count: u32::try_from(required?).ok()?,
    })
}
