//! Reading a consortium file: every problem, each with its path.

use super::{
    Consortium, FORMAT, IssuerLine, MAX_ISSUER_LINES, MAX_ISSUERS, MAX_MEMBERS, Member, majority,
};
use crate::json::{Fields, Json};
use crate::name::MspId;
use crate::problem::Problems;
use medveil_text::has_hidden;
use std::collections::BTreeSet;

pub(super) fn read(tree: &Json, problems: &mut Problems) -> Option<Consortium> {
    let mut fields = Fields::open(tree, "", problems)?;
    fields.constant("format", FORMAT, problems);
    let name = display_name(&mut fields, "name", problems);
    let nonce = nonce(&mut fields, problems);
    let members = members(&mut fields, problems);
    let known: BTreeSet<MspId> = members.iter().flatten().map(|m| m.msp_id.clone()).collect();
    let issuers = issuers(&mut fields, &known, problems);
    let least = i64::from(majority(known.len()));
    let most = i64::try_from(known.len()).unwrap_or(i64::MAX).max(least);
    let circuit_approvals = fields.int("circuit_approvals", least..=most, Some(least), problems);
    let subject_floor = fields.int("subject_floor", 5..=20, Some(11), problems);
    let cooling_off_days = fields.int("cooling_off_days", 0..=365, Some(7), problems);
    let period_days = fields.int("period_days", 1..=3650, Some(90), problems);
    let issuers_per_member = fields.int("issuers_per_member", 1..=4096, Some(64), problems);
    let registry_updates_per_hour =
        fields.int("registry_updates_per_hour", 1..=1000, Some(16), problems);
    let urgent_updates_per_day = fields.int("urgent_updates_per_day", 1..=1000, Some(8), problems);
    let lease_days = fields.int("lease_days", 1..=3650, Some(90), problems);
    let affirm_after_hours = fields.int("affirm_after_hours", 1..=8760, Some(24), problems);
    let claims_per_period = fields.int("claims_per_period", 1..=10_000, Some(64), problems);
    let room = issuers_per_member
        .unwrap_or(0)
        .saturating_mul(i64::try_from(known.len()).unwrap_or(i64::MAX));
    if room > MAX_ISSUERS {
        let what = format!("expected at most {MAX_ISSUERS} issuers over all members, got {room}");
        problems.add("issuers_per_member", what);
    }
    fields.close(problems);
    let small = |value: Option<i64>| value.and_then(|v| u32::try_from(v).ok());
    Some(Consortium {
        format: FORMAT,
        name: name?,
        nonce: nonce?,
        members: members?,
        issuers: issuers?,
        circuit_approvals: small(circuit_approvals)?,
        subject_floor: small(subject_floor)?,
        cooling_off_days: small(cooling_off_days)?,
        period_days: small(period_days)?,
        issuers_per_member: small(issuers_per_member)?,
        registry_updates_per_hour: small(registry_updates_per_hour)?,
        urgent_updates_per_day: small(urgent_updates_per_day)?,
        lease_days: small(lease_days)?,
        affirm_after_hours: small(affirm_after_hours)?,
        claims_per_period: small(claims_per_period)?,
    })
}

fn nonce(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<String> {
    let nonce = fields.text("nonce", problems)?;
    let plain = nonce.len() == 32
        && nonce
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !plain {
        problems.add(fields.path("nonce"), "expected 32 lower-case hex digits");
        return None;
    }
    if nonce.bytes().all(|b| b == b'0') {
        problems.add(fields.path("nonce"), "expected a random nonce, got zeros");
        return None;
    }
    Some(nonce.to_owned())
}

/// A name for people: 1 to 100 characters, none of them a control character, no space at the ends.
fn display_name(
    fields: &mut Fields<'_>,
    name: &'static str,
    problems: &mut Problems,
) -> Option<String> {
    let text = fields.text(name, problems)?;
    let plain =
        (1..=100).contains(&text.chars().count()) && text.trim() == text && !has_hidden(text);
    if !plain {
        problems.add(fields.path(name), "expected 1 to 100 visible characters");
        return None;
    }
    Some(text.to_owned())
}

fn members(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Vec<Member>> {
    let list = fields.list("members", problems)?;
    if !(2..=MAX_MEMBERS).contains(&list.len()) {
        problems.add(
            "members",
            format!(
                "expected 2 to {MAX_MEMBERS} organisations, got {}",
                list.len()
            ),
        );
        return None;
    }
    let mut members: Vec<Member> = Vec::new();
    let mut all = true;
    for (i, item) in list.iter().enumerate() {
        match member(item, &format!("members[{i}]"), problems) {
            Some(member)
                if members.iter().any(|m| {
                    m.msp_id
                        .as_str()
                        .eq_ignore_ascii_case(member.msp_id.as_str())
                }) =>
            {
                problems.add(
                    format!("members[{i}].msp_id"),
                    "stands twice (upper and lower case count as equal)",
                );
            }
            Some(member) => members.push(member),
            None => all = false,
        }
    }
    members.sort_by(|a, b| a.msp_id.cmp(&b.msp_id));
    all.then_some(members)
}

fn member(item: &Json, at: &str, problems: &mut Problems) -> Option<Member> {
    let mut fields = Fields::open(item, at, problems)?;
    let msp_id = msp_id(
        fields.text("msp_id", problems),
        &fields.path("msp_id"),
        problems,
    );
    let name = display_name(&mut fields, "name", problems);
    fields.close(problems);
    Some(Member {
        msp_id: msp_id?,
        name: name?,
    })
}

/// Checks one MSP id.
fn msp_id(text: Option<&str>, at: &str, problems: &mut Problems) -> Option<MspId> {
    MspId::new(text?)
        .map_err(|e| problems.add(at, e.to_string()))
        .ok()
}

/// Reads a list of MSP ids that must all be among `known`; sorted.
pub(crate) fn msp_ids(
    fields: &mut Fields<'_>,
    name: &'static str,
    known: &BTreeSet<MspId>,
    problems: &mut Problems,
) -> Option<Vec<MspId>> {
    let list = fields.list(name, problems)?;
    let mut ids = BTreeSet::new();
    for (i, item) in list.iter().enumerate() {
        let at = format!("{}[{i}]", fields.path(name));
        let Json::Text(text) = item else {
            problems.add(at, "expected an msp id");
            continue;
        };
        let Some(id) = msp_id(Some(text), &at, problems) else {
            continue;
        };
        if !known.contains(&id) {
            problems.add(at, format!("{id} is no member of the consortium"));
        } else if !ids.insert(id) {
            problems.add(at, "stands twice");
        }
    }
    Some(ids.into_iter().collect())
}

/// A word of a file: lower-case letters, digits and hyphens, first a letter, at most 64.
pub(crate) fn word(
    fields: &mut Fields<'_>,
    name: &'static str,
    problems: &mut Problems,
) -> Option<String> {
    let text = fields.text(name, problems)?;
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let plain = text.len() <= 64
        && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && text.bytes().all(inner);
    if !plain {
        problems.add(
            fields.path(name),
            "expected 1 to 64 lower-case letters, digits and hyphens, first a letter",
        );
        return None;
    }
    Some(text.to_owned())
}

fn issuers(
    fields: &mut Fields<'_>,
    known: &BTreeSet<MspId>,
    problems: &mut Problems,
) -> Option<Vec<IssuerLine>> {
    let list = fields.list("issuers", problems)?;
    if list.len() > MAX_ISSUER_LINES {
        problems.add(
            "issuers",
            format!(
                "expected at most {MAX_ISSUER_LINES} lines, got {}",
                list.len()
            ),
        );
        return None;
    }
    let mut lines: Vec<IssuerLine> = Vec::new();
    let mut all = true;
    for (i, item) in list.iter().enumerate() {
        let at = format!("issuers[{i}]");
        match issuer_line(item, &at, known, problems) {
            Some(line)
                if lines
                    .iter()
                    .any(|l| l.schema == line.schema && l.group == line.group) =>
            {
                problems.add(
                    at,
                    format!(
                        "schema {} and group {} stand twice",
                        line.schema, line.group
                    ),
                );
            }
            Some(line) => lines.push(line),
            None => all = false,
        }
    }
    lines.sort_by(|a, b| (&a.schema, &a.group).cmp(&(&b.schema, &b.group)));
    all.then_some(lines)
}

fn issuer_line(
    item: &Json,
    at: &str,
    known: &BTreeSet<MspId>,
    problems: &mut Problems,
) -> Option<IssuerLine> {
    let mut fields = Fields::open(item, at, problems)?;
    let schema = word(&mut fields, "schema", problems);
    let group = word(&mut fields, "group", problems);
    let msps = msp_ids(&mut fields, "msps", known, problems);
    if msps.as_ref().is_some_and(Vec::is_empty) {
        problems.add(fields.path("msps"), "expected at least one member");
    }
    let institution_may_be_absent = fields.bool("institution_may_be_absent", false, problems);
    fields.close(problems);
    Some(IssuerLine {
        schema: schema?,
        group: group?,
        msps: msps?,
        institution_may_be_absent: institution_may_be_absent?,
    })
}
