//! What this application needs of a channel's configuration.

use super::{Finding, Level};
use crate::backend::fabric::{ChannelSettings, OrgSettings, Rule};
use std::collections::BTreeSet;

/// A call of 8 MiB that writes what it brings, with signatures and certificates.
const MIN_BLOCK_BYTES: u32 = 9 << 20;

struct Check<'a> {
    name: &'a str,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn expect(
        &mut self,
        holds: bool,
        level: Level,
        key: &str,
        found: String,
        expected: &str,
        why: &'static str,
    ) {
        let level = if holds { Level::Good } else { level };
        self.findings.push(Finding {
            level,
            at: format!("{}: {key}", self.name),
            found,
            expected: expected.to_owned(),
            why,
        });
    }

    fn capabilities(&mut self, settings: &ChannelSettings) {
        let parts = ["Channel", "Orderer", "Application"];
        let expected = [&["V2_0", "V3_0"][..], &["V2_0"], &["V2_5"]];
        for ((part, wanted), has) in parts.into_iter().zip(expected).zip(&settings.capabilities) {
            let holds = wanted.iter().any(|w| has.contains(*w));
            let found = has.iter().cloned().collect::<Vec<_>>().join(", ");
            let why = "new lifecycle and key-level policies need V2_0, purging needs application V2_5, SmartBFT needs channel V3_0";
            self.expect(
                holds,
                Level::Problem,
                &format!("{part}/Capabilities"),
                found,
                &wanted.join(" or "),
                why,
            );
        }
    }

    fn ordering(&mut self, settings: &ChannelSettings) {
        let (kind, n) = (settings.consensus.as_str(), settings.consenters);
        let (holds, expected) = match kind {
            "BFT" => (n >= 4, "4 or more consenters"),
            _ => (
                n >= 3 && n % 2 == 1,
                "an odd number of consenters, 3 or more",
            ),
        };
        let why = "fewer orderers than that stop with the first that fails; an even number by Raft survives no more failures than one less";
        self.expect(
            holds,
            Level::Warning,
            "Orderer/ConsensusType",
            format!("{kind} of {n}"),
            expected,
            why,
        );
        let is_known =
            kind == "etcdraft" || (kind == "BFT" && settings.capabilities[0].contains("V3_0"));
        let why = "other ordering services are not part of Fabric any more, and SmartBFT needs channel capability V3_0";
        self.expect(
            is_known,
            Level::Problem,
            "Orderer/ConsensusType",
            kind.to_owned(),
            "etcdraft, or BFT with V3_0",
            why,
        );
        let bytes = settings.absolute_max_bytes;
        let why = "a registration or claim is one call of up to 8 MiB; the ordering service refuses what is larger than a block";
        self.expect(
            bytes >= MIN_BLOCK_BYTES,
            Level::Problem,
            "Orderer/BatchSize",
            bytes.to_string(),
            "at least 9 MiB",
            why,
        );
    }

    fn policies(&mut self, settings: &ChannelSettings) {
        let majority = Some(Rule::Implicit("MAJORITY", "Endorsement".to_owned()));
        for (key, rule) in [
            ("Endorsement", &settings.endorsement),
            ("LifecycleEndorsement", &settings.lifecycle_endorsement),
        ] {
            let why = "with less than a majority one organisation's patched contract writes what others take for proven";
            let found = format!("{rule:?}");
            self.expect(
                *rule == majority,
                Level::Problem,
                &format!("Application/{key}"),
                found,
                "MAJORITY Endorsement",
                why,
            );
        }
    }

    fn organisation(&mut self, org: &OrgSettings) {
        let id = &org.msp_id;
        let why =
            "the contract tells administrators, clients and peers apart by organisational unit";
        let found = if org.node_ous {
            "enabled"
        } else {
            "not enabled"
        };
        self.expect(
            org.node_ous,
            Level::Problem,
            &format!("{id}/NodeOUs"),
            found.to_owned(),
            "enabled",
            why,
        );
        let peers = Some(Rule::AnyOf(BTreeSet::from([(id.clone(), "peer")])));
        let why = "otherwise a client's or an administrator's certificate signs in its peer's place, without a contract having run";
        let found = format!("{:?}", org.endorsement);
        let key = format!("{id}/Endorsement");
        self.expect(
            org.endorsement == peers,
            Level::Problem,
            &key,
            found,
            &format!("OR('{id}.peer')"),
            why,
        );
        let why = "peers of other organisations find this one's peers through it: private data goes no other way";
        let found = org.anchor_peers.to_string();
        self.expect(
            org.anchor_peers > 0,
            Level::Problem,
            &format!("{id}/AnchorPeers"),
            found,
            "at least one",
            why,
        );
    }
}

/// A channel's configuration.
pub fn check(name: &str, settings: &ChannelSettings) -> Vec<Finding> {
    let mut check = Check {
        name,
        findings: Vec::new(),
    };
    check.capabilities(settings);
    check.ordering(settings);
    check.policies(settings);
    settings.orgs.iter().for_each(|org| check.organisation(org));
    check.findings
}
