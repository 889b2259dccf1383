//! Reading a collections file: Fabric's rules first, then ours.

use super::Collection;
use crate::groups::{MAX_GROUPS, MIN_BLOCK_TO_LIVE};
use crate::json::{Fields, Json};
use crate::name::{CollectionName, MspId};
use crate::policy::{Role, SignaturePolicy};
use crate::problem::Problems;
use std::collections::BTreeSet;

/// Reads the whole list.
pub(super) fn read(tree: &Json, problems: &mut Problems) -> Option<Vec<Collection>> {
    let Json::List(list) = tree else {
        problems.add("", "expected a list of collections");
        return None;
    };
    // One more than groups: the collection for requests.
    let most = MAX_GROUPS + 1;
    if list.len() > most {
        problems.add(
            "",
            format!("expected at most {most} collections, got {}", list.len()),
        );
        return None;
    }
    let mut collections: Vec<Collection> = Vec::new();
    for (i, item) in list.iter().enumerate() {
        let at = format!("[{i}]");
        let Some(collection) = collection(item, &at, problems) else {
            continue;
        };
        if collections.iter().any(|c| c.name == collection.name) {
            problems.add(format!("{at}.name"), "stands twice");
        } else {
            collections.push(collection);
        }
    }
    collections.sort_by(|a, b| a.name.cmp(&b.name));
    Some(collections)
}

fn collection(item: &Json, at: &str, problems: &mut Problems) -> Option<Collection> {
    let mut fields = Fields::open(item, at, problems)?;
    let name = name(&mut fields, problems);
    let members = policy(
        fields.text("policy", problems),
        &fields.path("policy"),
        problems,
    );
    let required = fields.int("requiredPeerCount", 0..=i64::from(i32::MAX), None, problems);
    let max = fields.int("maxPeerCount", 0..=i64::from(i32::MAX), None, problems);
    let block_to_live = fields.int("blockToLive", 0..=i64::MAX, Some(0), problems);
    for flag in ["memberOnlyRead", "memberOnlyWrite"] {
        if fields.bool(flag, false, problems) == Some(false) {
            problems.add(fields.path(flag), "expected true");
        }
    }
    let endorsement = endorsement(&mut fields, at, problems);
    fields.close(problems);
    if let (Some(required), Some(max)) = (required, max)
        && max < required
    {
        problems.add(
            format!("{at}.maxPeerCount"),
            format!("expected at least requiredPeerCount, {required}, got {max}"),
        );
    }
    if let Some(blocks @ 1..MIN_BLOCK_TO_LIVE) = block_to_live {
        problems.add(
            format!("{at}.blockToLive"),
            format!("expected 0 (never) or at least {MIN_BLOCK_TO_LIVE}, got {blocks}"),
        );
    }
    if let Some(members) = &members {
        check_members(members, at, problems);
    }
    if let (Some(members), Some(endorsement)) = (&members, &endorsement) {
        check_endorsement(members, endorsement, at, problems);
    }
    Some(Collection {
        name: name?,
        members: members?,
        required_peer_count: u32::try_from(required?).ok()?,
        max_peer_count: u32::try_from(max?).ok()?,
        block_to_live: u64::try_from(block_to_live?).ok()?,
        endorsement: endorsement?,
    })
}

fn name(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<CollectionName> {
    let text = fields.text("name", problems)?;
    CollectionName::explicit(text)
        .map_err(|e| problems.add(fields.path("name"), e.to_string()))
        .ok()
}

fn policy(text: Option<&str>, at: &str, problems: &mut Problems) -> Option<SignaturePolicy> {
    text?
        .parse()
        .map_err(|e: crate::policy::PolicyError| problems.add(at, e.to_string()))
        .ok()
}

fn endorsement(
    fields: &mut Fields<'_>,
    at: &str,
    problems: &mut Problems,
) -> Option<SignaturePolicy> {
    let at = format!("{at}.endorsementPolicy");
    // Without one, Fabric falls back on the chaincode's policy, and organisations outside the
    // collection would have to execute private writes.
    let mut inner = Fields::open(fields.need("endorsementPolicy", problems)?, &at, problems)?;
    let parsed = policy(
        inner.text("signaturePolicy", problems),
        &inner.path("signaturePolicy"),
        problems,
    );
    inner.close(problems);
    parsed
}

fn msps(policy: &SignaturePolicy) -> BTreeSet<&MspId> {
    policy.principals().into_iter().map(|p| &p.msp_id).collect()
}

/// Fabric: only `OR`. Ours: at least two organisations, and peers must be able to satisfy it.
fn check_members(members: &SignaturePolicy, at: &str, problems: &mut Problems) {
    let at = format!("{at}.policy");
    if !members.is_or_only() {
        problems.add(&at, "expected only OR");
    }
    if msps(members).len() < 2 {
        problems.add(&at, "expected two or more organisations");
    }
    if members
        .principals()
        .iter()
        .any(|p| !matches!(p.role, Role::Member | Role::Peer))
    {
        problems.add(
            &at,
            "expected the roles member or peer, because peers receive the values",
        );
    }
}

/// Ours: only peers of members endorse, and no organisation alone suffices.
fn check_endorsement(
    members: &SignaturePolicy,
    endorsement: &SignaturePolicy,
    at: &str,
    problems: &mut Problems,
) {
    let at = format!("{at}.endorsementPolicy");
    let inside = msps(members);
    for principal in endorsement.principals() {
        if principal.role != Role::Peer {
            problems.add(&at, format!("{principal}: expected the role peer, or another certificate could sign in the peer's place"));
        }
        if !inside.contains(&principal.msp_id) {
            problems.add(
                &at,
                format!("{} is no member of the collection", principal.msp_id),
            );
        }
    }
    for alone in msps(endorsement) {
        if endorsement.can_be_satisfied_by(&BTreeSet::from([alone])) {
            problems.add(
                &at,
                format!(
                    "{alone} alone could satisfy it: expected AND, or OutOf 2 or more organisations"
                ),
            );
        }
    }
}
