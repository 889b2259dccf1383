//! An audit in words: what was checked, and what was not.

use super::{Render, count, list};
use crate::journey::audit::LedgerAudited;

impl Render for LedgerAudited {
    fn lines(&self) -> Vec<String> {
        match self.peers.is_empty() {
            true => files(self),
            false => channel(self),
        }
    }
}

/// Of an embedded ledger.
fn files(audited: &LedgerAudited) -> Vec<String> {
    let blocks = count(audited.blocks, "block");
    let valid = count(audited.valid, "valid transaction");
    let executed = count(audited.executed, "call");
    let not_executed = audited.not_executed;
    vec![
        format!("{blocks} replayed, {valid}, nothing differs"),
        format!(
            "  {executed} executed again with equal results; {not_executed} used private arguments: signatures and write sets checked"
        ),
        format!(
            "  {} entries compared over all organisations",
            audited.compared
        ),
    ]
}

/// Of a Fabric channel.
fn channel(audited: &LedgerAudited) -> Vec<String> {
    let peers: Vec<String> = audited.peers.iter().map(ToString::to_string).collect();
    let names = peers.join(" and ");
    let blocks = audited.blocks;
    let reasons: Vec<&str> = audited.not_executed_reasons.iter().copied().collect();
    let reasons = reasons.join("; ");
    let mut lines = vec![
        format!(
            "{} of the peers of {names} checked, {}, {} verified again, nothing differs",
            count(blocks, "block"),
            count(audited.valid, "valid call"),
            count(audited.proofs, "proof")
        ),
        format!(
            "  {} signatures of orderers hold; {} transactions were ordered and do not count",
            audited.orderer_signatures, audited.invalid
        ),
        format!(
            "  {} executed again; write sets of {} not derived ({reasons})",
            count(audited.executed, "call"),
            count(audited.not_executed as u64, "call")
        ),
        format!(
            "  private values were not compared: the chain holds {} hashes of them",
            audited.private_hashes
        ),
    ];
    if audited.underived > 0 {
        let (n, verdicts) = (audited.underived, list(&audited.underived_verdicts));
        lines.push(format!(
            "  {n} verdicts do not follow from what is on the chain: {verdicts}"
        ));
    }
    if blocks < audited.height {
        let height = count(audited.height, "block");
        lines.push(format!(
            "  this organisation's peer has {height}: those after the first {blocks} were not checked"
        ));
    }
    let silent = audited.silent.iter();
    lines.extend(silent.map(|peer| {
        let (org, why) = (&peer.org, &peer.reason);
        format!("  the peer of {org} did not give every block: {why}")
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use medveil_audit::Report;

    fn json_keys(audited: &LedgerAudited) -> Vec<String> {
        let json = serde_json::to_value(audited).unwrap();
        json.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn both_ledgers_have_the_same_fields_and_their_own_words() {
        let files = Report {
            genesis: "aa".to_owned(),
            blocks: 3,
            compared: 9,
            ..Report::default()
        };
        let channel = Report {
            peers: vec![crate::actor::Actor::parse("University").unwrap().org],
            blocks: 3,
            height: 4,
            ..Report::default()
        };
        let files = LedgerAudited::try_from(files).unwrap();
        let channel = LedgerAudited::try_from(channel).unwrap();
        assert_eq!(json_keys(&files), json_keys(&channel));
        assert_eq!(files.anchor, files.genesis);
        assert!(
            files
                .lines()
                .contains(&"  9 entries compared over all organisations".to_owned())
        );
        assert!(channel.lines()[0].starts_with("3 blocks of the peers of University checked"));
        assert!(channel.lines().iter().any(|l| l.contains("has 4 blocks")));
    }
}
