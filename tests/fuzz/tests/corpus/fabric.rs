//! Fabric's blocks with transactions, signatures and configurations; a home's profile.

use super::Corpus;
use fabric_shim_protos::common::{ChannelHeader, Envelope, Header, Payload};
use medveil_fabric_client::Profile;
use medveil_fabric_wire::proto::{
    BatchSize, Capabilities, Capability, Config, ConfigEnvelope, ConfigGroup, ConfigPolicy,
    ConfigValue, ConsensusType, FabricMspConfig, ImplicitMetaPolicy, MspConfig, NodeOus, Orderers,
    Policy, RaftMetadata,
};
use medveil_fabric_wire::testing::{Mark, NAME, Net, block, private, public};
use medveil_msp::Identity;
use prost::Message;
use std::collections::BTreeMap;

pub fn put(corpus: &mut Corpus) {
    let net = Net::new();
    let parts = vec![
        public(&[("a", Some((1, 2))), ("b", None)], &[("c", "value")]),
        private("hospitals", &[(1, None)], &[(2, 3)]),
    ];
    let mut draft = net.draft(parts);
    let plain = net.seal(&draft);
    draft.event = Some(("put".to_owned(), b"payload".to_vec()));
    draft.args = vec![b"StorePages".to_vec(), vec![7; 40]];
    draft.junk = true;
    let eventful = net.seal(&draft);
    corpus.put("fabric_envelope", "plain", plain.clone());
    corpus.put("fabric_envelope", "event", eventful.clone());

    let four: Vec<Identity> = (0..4).map(|_| net.orderer()).collect();
    let consenters: Vec<&Identity> = four.iter().collect();
    let config = net.configuration(&[&net.ordering], &consenters);
    corpus.put(
        "fabric_block",
        "refused-ordering",
        block(0, &[], &[(config, 0)], &[]),
    );
    corpus.put(
        "fabric_block",
        "settings",
        block(0, &[], &[(channel(&net), 0)], &[]),
    );
    let marks = [Mark::By(&four[0]), Mark::Consenter(2, &four[1]), Mark::Junk];
    let txs = [(plain, 0), (eventful, 11)];
    corpus.put(
        "fabric_block",
        "transactions",
        block(300, &[1; 32], &txs, &marks),
    );
    profile(corpus, &net);
}

fn value(message: &impl Message) -> ConfigValue {
    ConfigValue {
        value: message.encode_to_vec(),
    }
}

fn policy(kind: i32, message: &impl Message) -> ConfigPolicy {
    let policy = Policy {
        kind,
        value: message.encode_to_vec(),
    };
    ConfigPolicy {
        policy: Some(policy),
    }
}

fn map<T, const N: usize>(items: [(&str, T); N]) -> BTreeMap<String, T> {
    items
        .into_iter()
        .map(|(name, item)| (name.to_owned(), item))
        .collect()
}

fn capabilities() -> ConfigValue {
    let capabilities = map([("V2_0", Capability {})]);
    value(&Capabilities { capabilities })
}

fn org(name: &str, pem: &str) -> ConfigGroup {
    let config = FabricMspConfig {
        name: name.to_owned(),
        root_certs: vec![pem.as_bytes().to_vec()],
        node_ous: Some(NodeOus { enable: true }),
        ..FabricMspConfig::default()
    };
    let config = MspConfig {
        config: config.encode_to_vec(),
    };
    ConfigGroup {
        values: map([("MSP", value(&config))]),
        ..ConfigGroup::default()
    }
}

/// A whole channel: ordering service, application, policies, capabilities.
fn channel(net: &Net) -> Vec<u8> {
    let raft = RaftMetadata {
        consenters: vec![vec![1], vec![2], vec![3]],
    };
    let consensus = ConsensusType {
        kind: "etcdraft".to_owned(),
        metadata: raft.encode_to_vec(),
    };
    let orderer = ConfigGroup {
        groups: map([(
            "Orderers",
            org("Orderers", &net.ordering.certificate().to_pem()),
        )]),
        values: map([
            ("ConsensusType", value(&consensus)),
            (
                "BatchSize",
                value(&BatchSize {
                    absolute_max_bytes: 10 << 20,
                }),
            ),
            ("Orderers", value(&Orderers::default())),
            ("Capabilities", capabilities()),
        ]),
        policies: BTreeMap::new(),
    };
    let majority = ImplicitMetaPolicy {
        sub_policy: "Endorsement".to_owned(),
        rule: 2,
    };
    let peers = net.orgs.iter().map(|founded| {
        let name = founded.authority.msp_id().to_string();
        (
            name.clone(),
            org(&name, &founded.authority.certificate().to_pem()),
        )
    });
    let application = ConfigGroup {
        groups: peers.collect(),
        values: map([("Capabilities", capabilities())]),
        policies: map([("Endorsement", policy(3, &majority))]),
    };
    let group = ConfigGroup {
        groups: map([("Orderer", orderer), ("Application", application)]),
        values: map([("Capabilities", capabilities())]),
        policies: BTreeMap::new(),
    };
    let data = ConfigEnvelope {
        config: Some(Config {
            channel_group: Some(group),
        }),
    }
    .encode_to_vec();
    let channel = ChannelHeader {
        r#type: 1,
        channel_id: NAME.to_owned(),
        ..ChannelHeader::default()
    };
    let header = Header {
        channel_header: channel.encode_to_vec(),
        signature_header: Vec::new(),
    };
    let payload = Payload {
        header: Some(header),
        data,
    }
    .encode_to_vec();
    Envelope {
        payload,
        signature: Vec::new(),
    }
    .encode_to_vec()
}

fn profile(corpus: &mut Corpus, net: &Net) {
    let mut profile = Profile::new(NAME, NAME, &"0a".repeat(32));
    let authority = net.org("HospitalA").authority.certificate().to_pem();
    let org = serde_json::json!({
        "msp_id": "HospitalA",
        "peers": [{"address": "peer0.hospital-a.example:7051"}, {"address": "10.0.0.1:7051", "tls_name": "peer1"}],
        "tls_authority": authority,
    });
    profile.put(serde_json::from_value(org).expect("peers"));
    corpus.put("profile", "one", profile.to_json());
    let empty = Profile::new(NAME, NAME, "");
    corpus.put("profile", "none", empty.to_json());
}
