//! What operators are given must be right: objects that Kubernetes knows, settings that Fabric
//! knows, options that the program has, links that lead somewhere, and a reason for every value.
#![allow(clippy::unwrap_used)]

mod operators;
mod resources;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::CronJob;
use k8s_openapi::api::core::v1::{ConfigMap, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("production")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

/// Keys of the source that the type does not know, or values that it holds otherwise.
fn lost(source: &Value, kept: &Value, at: &str, found: &mut Vec<String>) {
    match (source, kept) {
        (Value::Object(s), Value::Object(k)) => {
            for (key, value) in s {
                let at = format!("{at}/{key}");
                match k.get(key) {
                    Some(kept) => lost(value, kept, &at, found),
                    // What is empty may be left out.
                    None if value.as_array().is_some_and(Vec::is_empty) => {}
                    None => found.push(at),
                }
            }
        }
        (Value::Array(s), Value::Array(k)) if s.len() == k.len() => {
            s.iter()
                .zip(k)
                .enumerate()
                .for_each(|(i, (s, k))| lost(s, k, &format!("{at}/{i}"), found));
        }
        (s, k) if s == k => {}
        _ => found.push(at.to_owned()),
    }
}

fn known<T: DeserializeOwned + Serialize>(text: &str) -> Vec<String> {
    let typed: T = match serde_saphyr::from_str(text) {
        Ok(typed) => typed,
        Err(e) => return vec![e.to_string()],
    };
    let mut found = Vec::new();
    lost(
        &serde_saphyr::from_str(text).unwrap(),
        &serde_json::to_value(typed).unwrap(),
        "",
        &mut found,
    );
    found
}

/// What Kubernetes' own schema does not know of an object.
fn unknown(text: &str) -> Vec<String> {
    let object: Value = serde_saphyr::from_str(text).unwrap();
    match object["kind"].as_str().unwrap() {
        "ConfigMap" => known::<ConfigMap>(text),
        "CronJob" => known::<CronJob>(text),
        "Deployment" => known::<Deployment>(text),
        "NetworkPolicy" => known::<NetworkPolicy>(text),
        "PodDisruptionBudget" => known::<PodDisruptionBudget>(text),
        "Service" => known::<Service>(text),
        "ServiceAccount" => known::<ServiceAccount>(text),
        other => vec![format!("kind {other}")],
    }
}

fn parts(name: &str) -> Vec<String> {
    text(name).split("\n---\n").map(str::to_owned).collect()
}

fn objects(name: &str) -> Vec<Value> {
    parts(name)
        .iter()
        .map(|part| serde_saphyr::from_str(part).unwrap())
        .collect()
}

#[test]
fn every_object_is_one_that_kubernetes_knows() {
    let mut kinds = 0;
    for entry in std::fs::read_dir(folder().join("kubernetes")).unwrap() {
        let name = format!(
            "kubernetes/{}",
            entry.unwrap().file_name().to_string_lossy()
        );
        for object in parts(&name) {
            assert_eq!(unknown(&object), Vec::<String>::new(), "{name}: {object}");
            kinds += 1;
        }
    }
    assert_eq!(kinds, 7);
    // The check finds what is misspelt.
    let deployment = parts("kubernetes/chaincode.yaml")
        .into_iter()
        .find(|o| o.contains("kind: Deployment"))
        .unwrap();
    assert_eq!(
        unknown(&deployment.replace("readOnlyRootFilesystem", "readOnlyRootFileSystem")).len(),
        1
    );
}

#[test]
fn every_variable_and_option_is_one_of_the_programs() {
    let source = |path: &str| {
        let path = folder().join("../../verifier-chaincode").join(path);
        std::fs::read_to_string(path).unwrap()
    };
    let program = source("shim/src/program.rs") + &source("src/options.rs");
    let config = objects("kubernetes/chaincode.yaml")
        .into_iter()
        .find(|o| o["kind"] == "ConfigMap")
        .unwrap();
    for key in config["data"].as_object().unwrap().keys() {
        assert!(program.contains(&format!("env = \"{key}\"")), "{key}");
    }
    let args = std::fs::read_to_string(folder().join("../../gateway/src/cli/args.rs")).unwrap();
    let job = &objects("kubernetes/audit.yaml")[0]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        ["containers"][0]["args"];
    for option in job
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .filter_map(|a| a.strip_prefix("--"))
    {
        let field = format!("{}:", option.replace('-', "_"));
        assert!(
            args.contains(&format!("pub {field}"))
                || args.contains(&format!("long = \"{option}\""))
                || args.contains(&format!("r#{field}")),
            "{option}"
        );
    }
}

/// Fabric's own sample of the configuration whose variables begin so.
fn sample(prefix: &str) -> Value {
    let name = if prefix == "CORE" {
        "core.yaml"
    } else {
        "orderer.yaml"
    };
    serde_saphyr::from_str(
        &medveil_fabric_net::Binaries::installed()
            .unwrap()
            .sample(name)
            .unwrap(),
    )
    .unwrap()
}

/// The key that a variable overrides, as Fabric finds it: parts between underscores, in any case.
fn setting<'a>(sample: &'a Value, variable: &str) -> Option<&'a Value> {
    variable.split('_').try_fold(sample, |at, part| {
        at.as_object()?
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(part))
            .map(|(_, v)| v)
    })
}

/// Every variable overrides a key of Fabric's own sample, and says why it does.
fn check_values(name: &str, prefix: &str) {
    let (sample, text) = (sample(prefix), text(name));
    let (mut reason, mut checked) = (false, 0);
    for line in text.lines() {
        let Some((variable, value)) = line.split_once('=').filter(|_| !line.starts_with('#'))
        else {
            reason = line.starts_with('#');
            continue;
        };
        assert!(
            reason && !value.is_empty(),
            "{name}: {variable} without a reason"
        );
        let key = variable
            .strip_prefix(prefix)
            .and_then(|v| v.strip_prefix('_'))
            .unwrap();
        assert!(
            setting(&sample, key).is_some(),
            "{name}: {variable} is no setting of Fabric"
        );
        (reason, checked) = (false, checked + 1);
    }
    assert!(checked >= 5);
}

#[test]
fn every_value_is_a_setting_of_fabric_and_has_a_reason() {
    check_values("values/peer.env", "CORE");
    check_values("values/orderer.env", "ORDERER");
}

#[test]
fn every_link_leads_somewhere() {
    for name in ["README.md", "ORDERING.md", "BACKUP.md", "ROTATION.md"] {
        for target in text(name)
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target)
        {
            assert!(folder().join(target).exists(), "{name}: {target}");
        }
    }
}
