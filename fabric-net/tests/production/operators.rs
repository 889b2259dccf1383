//! What is given for the usual operators: fields that the operator has, settings that Fabric has,
//! the values of `values/`, and a reason for each.

use super::resources::{Bevel, FabricOrdererNode, FabricPeer, IbpOrderer, IbpPeer, Labs, Resource};
use super::{folder, known, objects, sample, setting, text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

const FILES: [&str; 4] = [
    "bevel-peer",
    "bevel-orderer",
    "fabric-operator-peer",
    "fabric-operator-orderer",
];
/// The name of one peer, which no two operators write alike.
const ENDPOINT: &str = "CORE_PEER_GOSSIP_EXTERNALENDPOINT";
const BUILDER_CONFIG: &str = "CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG";

fn path(file: &str) -> String {
    format!("operators/{file}.yaml")
}

fn spec(file: &str) -> Value {
    objects(&path(file)).remove(0)["spec"].take()
}

/// What the operator's types do not know of an object.
fn unknown(text: &str) -> Vec<String> {
    let object: Value = serde_saphyr::from_str(text).unwrap();
    match object["kind"].as_str().unwrap() {
        "FabricPeer" => known::<Resource<Bevel, FabricPeer>>(text),
        "FabricOrdererNode" => known::<Resource<Bevel, FabricOrdererNode>>(text),
        "IBPPeer" => known::<Resource<Labs, IbpPeer>>(text),
        "IBPOrderer" => known::<Resource<Labs, IbpOrderer>>(text),
        other => vec![format!("kind {other}")],
    }
}

fn word(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Leaves of a configuration, by the variable that would override them.
fn leaves(value: &Value, name: &str, found: &mut BTreeMap<String, String>) {
    match value.as_object() {
        Some(keys) => keys.iter().for_each(|(key, value)| {
            leaves(value, &format!("{name}_{}", key.to_uppercase()), found)
        }),
        None => assert_eq!(
            found.insert(name.to_owned(), word(value)),
            None,
            "{name} twice"
        ),
    }
}

/// The prefix of the process's variables, and every setting of Fabric that the file carries.
fn carried(file: &str) -> (&'static str, BTreeMap<String, String>) {
    let spec = spec(file);
    let prefix = if file.ends_with("peer") {
        "CORE"
    } else {
        "ORDERER"
    };
    let mut found = BTreeMap::new();
    leaves(
        spec.get("configoverride")
            .unwrap_or(&Value::Object(serde_json::Map::new())),
        prefix,
        &mut found,
    );
    for variable in spec["env"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|v| v.get("value").is_some())
    {
        assert_eq!(
            found.insert(word(&variable["name"]), word(&variable["value"])),
            None,
            "{file}: {} twice",
            variable["name"]
        );
    }
    // A field of Bevel's that becomes this variable.
    if let Some(enabled) = spec.get("channelParticipationEnabled") {
        found.insert(
            "ORDERER_CHANNELPARTICIPATION_ENABLED".to_owned(),
            word(enabled),
        );
    }
    (prefix, found)
}

fn values(prefix: &str) -> BTreeMap<String, String> {
    let name = if prefix == "CORE" {
        "values/peer.env"
    } else {
        "values/orderer.env"
    };
    let lines = text(name);
    let pairs = lines
        .lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| l.split_once('='));
    pairs
        .map(|(variable, value)| (variable.to_owned(), value.to_owned()))
        .collect()
}

/// Lines with a value that no comment stands before.
fn unexplained(text: &str) -> Vec<&str> {
    let (mut reason, mut found) = (false, Vec::new());
    for line in text.lines().skip_while(|l| *l != "spec:") {
        let line = line.trim();
        if !line.starts_with('#') && !line.ends_with(':') && !reason {
            found.push(line);
        }
        reason = line.starts_with('#');
    }
    found
}

#[test]
fn every_resource_is_one_that_its_operator_knows() {
    assert_eq!(
        std::fs::read_dir(folder().join("operators"))
            .unwrap()
            .count(),
        FILES.len()
    );
    for file in FILES {
        assert_eq!(unknown(&text(&path(file))), Vec::<String>::new(), "{file}");
    }
    // The check finds what is misspelt: a field, a word, an interface, a key of core.yaml, and a
    // field that is missing.
    for (file, right, wrong) in [
        ("bevel-peer", "useLeaderElection:", "useLeadersElection:"),
        ("bevel-peer", "stateDb: leveldb", "stateDb: goleveldb"),
        ("bevel-orderer", "v1alpha1", "v1"),
        ("bevel-orderer", "genesis: \"\"", ""),
        (
            "fabric-operator-peer",
            "pullRetryThreshold:",
            "pullRetryTreshold:",
        ),
        ("fabric-operator-peer", "caport: \"443\"", "caport: 443"),
        (
            "fabric-operator-orderer",
            "ordererType: etcdraft",
            "ordererType: BFT",
        ),
    ] {
        let source = text(&path(file));
        assert!(source.contains(right), "{file}: {right}");
        assert_eq!(
            unknown(&source.replacen(right, wrong, 1)).len(),
            1,
            "{file}: {wrong}"
        );
    }
}

#[test]
fn every_setting_is_one_of_fabric_and_has_the_value_that_is_given_everywhere() {
    for file in FILES {
        let (prefix, carried) = carried(file);
        let (sample, values, source) = (sample(prefix), values(prefix), text(&path(file)));
        for (variable, value) in &carried {
            let default = setting(
                &sample,
                variable
                    .strip_prefix(prefix)
                    .unwrap()
                    .strip_prefix('_')
                    .unwrap(),
            );
            let default =
                default.unwrap_or_else(|| panic!("{file}: {variable} is no setting of Fabric"));
            match values.get(variable) {
                Some(expected) => assert_eq!(value, expected, "{file}: {variable}"),
                // What the operator's own configuration lacks is what Fabric's sample says. The
                // builders are judged below.
                None if variable == "CORE_CHAINCODE_EXTERNALBUILDERS" => {}
                None => assert_eq!(*value, word(default), "{file}: {variable}"),
            }
        }
        // What is not carried, the operator sets itself, and the file says so.
        for (variable, value) in values
            .iter()
            .filter(|(v, _)| !carried.contains_key(*v) && *v != ENDPOINT)
        {
            let said = source
                .lines()
                .any(|l| l.starts_with('#') && l.contains(&format!("`{variable}={value}`")));
            assert!(said, "{file}: neither {variable} nor a word about it");
        }
    }
}

#[test]
fn every_value_has_a_reason() {
    for file in FILES {
        assert_eq!(
            unexplained(&text(&path(file))),
            Vec::<&str>::new(),
            "{file}"
        );
    }
    assert_eq!(unexplained("spec:\n  # Why.\n  a: 1\n  b: 2\n"), ["b: 2"]);
}

#[test]
fn others_find_the_peer_by_a_name_that_leads_to_it() {
    let bevel = spec("bevel-peer");
    let endpoint = word(&bevel["gossip"]["externalEndpoint"]);
    assert_eq!(endpoint, word(&bevel["externalEndpoint"]));
    let (host, port) = endpoint.split_once(':').unwrap();
    assert!(
        bevel["hosts"].as_array().unwrap().iter().any(|h| h == host),
        "the TLS certificate holds {host}"
    );
    assert!(
        bevel["istio"]["hosts"]
            .as_array()
            .unwrap()
            .iter()
            .any(|h| h == host)
            && word(&bevel["istio"]["port"]) == port
    );
    // The other operator makes the ingress's name of three words.
    let object = objects(&path("fabric-operator-peer")).remove(0);
    let (metadata, labs) = (&object["metadata"], &object["spec"]);
    let name = format!(
        "{}-{}-peer.{}:443",
        word(&metadata["namespace"]),
        word(&metadata["name"]),
        word(&labs["domain"])
    );
    assert_eq!(word(&labs["peerExternalEndpoint"]), name);
}

fn file_of(archive: &[u8], name: &str) -> Vec<u8> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    let mut file = archive
        .entries()
        .unwrap()
        .map(Result::unwrap)
        .find(|e| e.path().unwrap() == Path::new(name))
        .unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_builder_fills_the_connection_that_the_package_leaves_open() {
    let package = file_of(
        &file_of(
            &medveil_fabric_net::package("medveil_00").unwrap().bytes,
            "code.tar.gz",
        ),
        "connection.json",
    );
    let package: BTreeMap<String, Value> = serde_json::from_slice(&package).unwrap();
    let open: Vec<&str> = package
        .values()
        .filter_map(|v| v.as_str()?.strip_prefix("{{.")?.strip_suffix("}}"))
        .collect();
    let service = objects("kubernetes/chaincode.yaml")
        .into_iter()
        .find(|o| o["kind"] == "Service")
        .unwrap();
    let address = format!(
        "{}:{}",
        word(&service["metadata"]["name"]),
        word(&service["spec"]["ports"][0]["port"])
    );

    let labs = spec("fabric-operator-peer");
    let filled: Vec<&str> = labs["chaincodeBuilderConfig"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert!(
        open.len() == 4 && filled.len() == 4 && open.iter().all(|o| filled.contains(o)),
        "{open:?}, {filled:?}"
    );
    assert_eq!(word(&labs["chaincodeBuilderConfig"]["address"]), address);
    // Bevel's peer takes the same from a secret whose form the file tells.
    let bevel = spec("bevel-peer");
    assert!(
        bevel["env"]
            .as_array()
            .unwrap()
            .iter()
            .any(|v| v["name"] == BUILDER_CONFIG && v.get("valueFrom").is_some())
    );
    let source = text(&path("bevel-peer"));
    let head: Vec<&str> = source.lines().take_while(|l| l.starts_with('#')).collect();
    assert!(
        open.iter()
            .map(|o| format!("`{o}`"))
            .chain([format!("`{address}`")])
            .all(|o| head.iter().any(|l| l.contains(&o)))
    );

    for builders in [
        &bevel["externalBuilders"],
        &labs["configoverride"]["chaincode"]["externalBuilders"],
    ] {
        let ours = sample("CORE")["chaincode"]["externalBuilders"].take();
        assert_eq!(builders, &ours, "the one of Fabric's image");
    }
}

#[test]
fn releases_are_those_that_the_operator_and_the_tests_know() {
    for file in ["bevel-peer", "bevel-orderer"] {
        assert_eq!(word(&spec(file)["tag"]), medveil_fabric_net::FABRIC_VERSION);
    }
    for (file, tag) in [
        ("fabric-operator-peer", "peerTag"),
        ("fabric-operator-orderer", "ordererTag"),
    ] {
        let spec = spec(file);
        let version = word(&spec["version"]);
        assert_eq!(version, word(&spec["images"][tag]), "{file}");
        // Any other is read as one that lacks settings which are given here.
        assert!(
            version
                .strip_prefix("2.5.")
                .is_some_and(|patch| patch.parse::<u32>().is_ok_and(|p| p >= 1)),
            "{file}: {version}"
        );
    }
}
