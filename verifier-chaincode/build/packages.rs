//! Which packages the program resolves to: our crates' dependencies under the features that the
//! program turns on, and from there on what the lock file says.
//!
//! The lock file merges the dependencies of a package under all features that the workspace uses,
//! so a few packages count that this program alone would not need. Requirements do not count, only
//! what they resolve to.

use super::Files;
use std::collections::{BTreeMap, BTreeSet};
use toml_edit::{DocumentMut, Item, TableLike};

pub type Failure = Box<dyn std::error::Error>;

/// One of our crates.
struct Manifest {
    /// What decides how it is compiled, beside its dependencies.
    package: String,
    dependencies: BTreeMap<String, Dependency>,
    features: BTreeMap<String, Vec<String>>,
}

#[derive(Default)]
struct Dependency {
    optional: bool,
    default_features: bool,
    features: BTreeSet<String>,
}

/// Features of our crates that the program turns on, by crate.
type Enabled = BTreeMap<String, BTreeSet<String>>;

/// What counts of the manifests of these folders and of the lock file, as texts by name.
///
/// **Errors**: a file that is not there or not of its form.
pub fn of(files: &Files, folders: &[&str]) -> Result<BTreeMap<String, String>, Failure> {
    let workspace = document(files, "Cargo.toml")?;
    let mut ours = BTreeMap::new();
    for folder in folders {
        let document = document(files, &format!("{folder}/Cargo.toml"))?;
        let (name, manifest) = manifest(&document, &workspace)?;
        ours.insert(name, manifest);
    }
    let enabled = enabled_features(&ours);
    let mut texts = BTreeMap::new();
    for (name, manifest) in &ours {
        texts.insert(format!("{name}: manifest"), manifest.text(&enabled[name]));
    }
    let lock = Lock::read(&document(files, "Cargo.lock")?)?;
    texts.insert(
        "Cargo.lock: packages".to_owned(),
        lock.closure(&ours, &enabled)?,
    );
    Ok(texts)
}

fn document(files: &Files, name: &str) -> Result<DocumentMut, Failure> {
    let bytes = files
        .get(name)
        .ok_or_else(|| format!("{name}: expected this file"))?;
    let text = std::str::from_utf8(bytes).map_err(|e| format!("{name}: {e}"))?;
    Ok(text.parse().map_err(|e| format!("{name}: {e}"))?)
}

fn manifest(
    document: &DocumentMut,
    workspace: &DocumentMut,
) -> Result<(String, Manifest), Failure> {
    let package = table(document.get("package")).ok_or("expected [package]")?;
    let name = text(package.get("name")).ok_or("expected the name of a package")?;
    if document.contains_key("target") {
        return Err(format!("{name}: expected no dependencies of some targets alone").into());
    }
    let shared = table(workspace.get("workspace")).ok_or("expected [workspace]")?;
    let shared_package = table(shared.get("package"));
    let mut lines = String::new();
    for key in ["edition", "version"] {
        let own = text(package.get(key));
        let value = own.or_else(|| text(shared_package?.get(key)));
        lines.push_str(&format!("{key} {}\n", value.unwrap_or_default()));
    }
    let shared_dependencies = table(shared.get("dependencies"));
    let dependency = |(name, item): (&str, &Item)| {
        let shared = shared_dependencies.and_then(|all| all.get(name));
        (name.to_owned(), dependency(item, shared))
    };
    let features = entries(document.get("features"));
    let manifest = Manifest {
        package: lines,
        dependencies: entries(document.get("dependencies"))
            .map(dependency)
            .collect(),
        features: features
            .map(|(name, list)| (name.to_owned(), texts(Some(list))))
            .collect(),
    };
    Ok((name.to_owned(), manifest))
}

/// A dependency as a crate names it, on top of what the workspace says of it.
fn dependency(own: &Item, shared: Option<&Item>) -> Dependency {
    let own = table(Some(own));
    let inherits = own.is_some_and(|own| flag(own.get("workspace"), false));
    let shared = shared
        .filter(|_| inherits)
        .and_then(|item| table(Some(item)));
    let get = |key: &str| own.and_then(|own| own.get(key));
    let shared_get = |key: &str| shared.and_then(|shared| shared.get(key));
    let mut features: BTreeSet<String> = texts(get("features")).into_iter().collect();
    features.extend(texts(shared_get("features")));
    Dependency {
        optional: flag(get("optional"), false),
        default_features: flag(
            get("default-features").or_else(|| shared_get("default-features")),
            true,
        ),
        features,
    }
}

/// Turns features on until nothing changes, beginning with every crate's own dependencies.
fn enabled_features(ours: &BTreeMap<String, Manifest>) -> Enabled {
    let mut enabled: Enabled = ours
        .keys()
        .map(|name| (name.clone(), BTreeSet::new()))
        .collect();
    loop {
        let before = enabled.clone();
        for (name, manifest) in ours {
            for (target, features) in manifest.asks(&before[name]) {
                if let Some(on) = enabled.get_mut(&target) {
                    on.extend(features);
                }
            }
            let implied: Vec<String> = before[name]
                .iter()
                .flat_map(|feature| manifest.features.get(feature).into_iter().flatten())
                .cloned()
                .collect();
            enabled.entry(name.clone()).or_default().extend(implied);
        }
        if enabled == before {
            return enabled;
        }
    }
}

impl Manifest {
    /// The dependencies that are on under these features, each with the features it is asked for.
    fn asks(&self, on: &BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
        let named = |name: &str| {
            let by_feature = |feature: &String| {
                let dependency = feature.strip_prefix("dep:").unwrap_or(feature);
                dependency.split_once('/').map_or(dependency, |(d, _)| d) == name
            };
            on.iter().any(by_feature)
        };
        let used = self
            .dependencies
            .iter()
            .filter(|(name, d)| !d.optional || named(name));
        used.map(|(name, dependency)| {
            let mut features = dependency.features.clone();
            if dependency.default_features {
                features.insert("default".to_owned());
            }
            let ours = on.iter().filter_map(|feature| feature.split_once('/'));
            let ours = ours.filter(|(d, _)| d.trim_end_matches('?') == name);
            features.extend(ours.map(|(_, feature)| feature.to_owned()));
            (name.clone(), features)
        })
        .collect()
    }

    fn text(&self, on: &BTreeSet<String>) -> String {
        let mut text = self.package.clone();
        for feature in on {
            text.push_str(&format!("feature {feature}\n"));
        }
        for (name, features) in self.asks(on) {
            let features: Vec<String> = features.into_iter().collect();
            text.push_str(&format!("dependency {name} {}\n", features.join(",")));
        }
        text
    }
}

/// Name and version.
type Id = (String, String);

/// The lock file.
struct Lock(BTreeMap<Id, Package>);

struct Package {
    /// Source and checksum.
    origin: String,
    /// As the lock file names them: a name, with a version where several are locked.
    dependencies: Vec<String>,
}

impl Lock {
    fn read(document: &DocumentMut) -> Result<Self, Failure> {
        let packages = document.get("package").and_then(Item::as_array_of_tables);
        let mut lock = BTreeMap::new();
        for package in packages.ok_or("Cargo.lock: expected packages")? {
            let part = |key: &str| text(package.get(key)).unwrap_or_default().to_owned();
            let id = (part("name"), part("version"));
            let package = Package {
                origin: format!("{} {}", part("source"), part("checksum")),
                dependencies: texts(package.get("dependencies")),
            };
            lock.insert(id, package);
        }
        Ok(Lock(lock))
    }

    /// Every package that our crates lead to, one a line; our own count by their sources.
    fn closure(
        &self,
        ours: &BTreeMap<String, Manifest>,
        enabled: &Enabled,
    ) -> Result<String, Failure> {
        let mut waiting: Vec<&Id> = Vec::new();
        for (name, manifest) in ours {
            let (_, own) = self.one(name)?;
            for dependency in manifest
                .asks(&enabled[name])
                .keys()
                .filter(|d| !ours.contains_key(*d))
            {
                let named = |locked: &&String| locked.split(' ').next() == Some(dependency);
                let locked: Vec<&String> = own.dependencies.iter().filter(named).collect();
                if locked.is_empty() {
                    return Err(format!("Cargo.lock: expected {dependency} under {name}").into());
                }
                for named in locked {
                    waiting.push(self.one(named)?.0);
                }
            }
        }
        let mut found = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            if found.insert(id) {
                for dependency in &self.0[id].dependencies {
                    waiting.push(self.one(dependency)?.0);
                }
            }
        }
        let line = |id: &Id| format!("{} {} {}\n", id.0, id.1, self.0[id].origin);
        Ok(found.into_iter().map(line).collect())
    }

    /// The package that a dependency of the lock file names.
    fn one(&self, named: &str) -> Result<(&Id, &Package), Failure> {
        let mut parts = named.split(' ');
        let (name, version) = (parts.next(), parts.next());
        let is_named =
            |id: &Id| Some(id.0.as_str()) == name && version.is_none_or(|version| id.1 == version);
        let found = self.0.iter().find(|(id, _)| is_named(id));
        Ok(found.ok_or_else(|| format!("Cargo.lock: expected the package {named}"))?)
    }
}

fn table(item: Option<&Item>) -> Option<&dyn TableLike> {
    item.and_then(Item::as_table_like)
}

fn entries(item: Option<&Item>) -> impl Iterator<Item = (&str, &Item)> {
    table(item).into_iter().flat_map(TableLike::iter)
}

fn text(item: Option<&Item>) -> Option<&str> {
    item.and_then(Item::as_str)
}

fn texts(item: Option<&Item>) -> Vec<String> {
    let list = item.and_then(Item::as_array).into_iter().flatten();
    list.filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

fn flag(item: Option<&Item>, otherwise: bool) -> bool {
    item.and_then(Item::as_bool).unwrap_or(otherwise)
}
