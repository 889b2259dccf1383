//! What this application needs of a channel's configuration.

use super::{Finding, Level};
use medveil_fabric_wire::{ChannelSettings, OrgSettings, Rule};
use std::collections::BTreeSet;

/// A call of 8 MiB that writes what it brings, with signatures and certificates.
const MIN_BLOCK_BYTES: u32 = 9 << 20;

/// What a part of the configuration should be, how bad it is where it is not, and why.
struct Need<'a>(Level, &'a str, &'static str);

use Level::{Problem, Warning};

struct Check<'a> {
    name: &'a str,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn expect(&mut self, holds: bool, key: &str, found: String, need: Need<'_>) {
        let Need(level, expected, why) = need;
        self.findings.push(Finding {
            level: if holds { Level::Good } else { level },
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
            let wanted = wanted.join(" or ");
            let why = "new lifecycle and key-level policies need V2_0, purging needs application V2_5, SmartBFT needs channel V3_0";
            let key = format!("{part}/Capabilities");
            self.expect(holds, &key, found, Need(Problem, &wanted, why));
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
        let key = "Orderer/ConsensusType";
        let why = "fewer orderers than that stop with the first that fails; an even number by Raft survives no more failures than one less";
        let found = format!("{kind} of {n}");
        self.expect(holds, key, found, Need(Warning, expected, why));
        let is_known =
            kind == "etcdraft" || (kind == "BFT" && settings.capabilities[0].contains("V3_0"));
        let why = "other ordering services are not part of Fabric any more, and SmartBFT needs channel capability V3_0";
        let need = Need(Problem, "etcdraft, or BFT with V3_0", why);
        self.expect(is_known, key, kind.to_owned(), need);
        let bytes = settings.absolute_max_bytes;
        let why = "a registration or claim is one call of up to 8 MiB; the ordering service refuses what is larger than a block";
        let need = Need(Problem, "at least 9 MiB", why);
        self.expect(
            bytes >= MIN_BLOCK_BYTES,
            "Orderer/BatchSize",
            bytes.to_string(),
            need,
        );
    }

    fn policies(&mut self, settings: &ChannelSettings) {
        let majority = Some(Rule::Implicit("MAJORITY", "Endorsement".to_owned()));
        let rules = [
            ("Application/Endorsement", &settings.endorsement),
            (
                "Application/LifecycleEndorsement",
                &settings.lifecycle_endorsement,
            ),
        ];
        for (key, rule) in rules {
            let why = "with less than a majority one organisation's patched contract writes what others take for proven";
            let need = Need(Problem, "MAJORITY Endorsement", why);
            self.expect(*rule == majority, key, format!("{rule:?}"), need);
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
        let key = format!("{id}/NodeOUs");
        self.expect(
            org.node_ous,
            &key,
            found.to_owned(),
            Need(Problem, "enabled", why),
        );
        let peers = Some(Rule::AnyOf(BTreeSet::from([(id.clone(), "peer")])));
        let why = "otherwise a client's or an administrator's certificate signs in its peer's place, without a contract having run";
        let (found, expected) = (format!("{:?}", org.endorsement), format!("OR('{id}.peer')"));
        let key = format!("{id}/Endorsement");
        self.expect(
            org.endorsement == peers,
            &key,
            found,
            Need(Problem, &expected, why),
        );
        let why = "peers of other organisations find this one's peers through it: private data goes no other way";
        let (key, found) = (format!("{id}/AnchorPeers"), org.anchor_peers.to_string());
        self.expect(
            org.anchor_peers > 0,
            &key,
            found,
            Need(Problem, "at least one", why),
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
