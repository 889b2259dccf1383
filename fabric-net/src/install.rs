//! Fabric's binaries: built once by the Go client from a pinned module, or the user's own.

use crate::Progress;
use crate::error::{At, InputError, Missing, NetError};
use crate::process::run;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Fabric release that `install` builds.
pub const FABRIC_VERSION: &str = "3.1.1";
const GO_MOD: &str = include_str!("../tools/go.mod");
const GO_SUM: &str = include_str!("../tools/go.sum");
/// The programs that a network needs.
const PROGRAMS: [&str; 5] = ["peer", "orderer", "configtxgen", "cryptogen", "osnadmin"];
/// The configuration files that ship with them.
const SAMPLES: [&str; 2] = ["core.yaml", "orderer.yaml"];

/// Where Fabric's programs and its sample configuration are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    bin: PathBuf,
    config: PathBuf,
    /// Such as 3.1.1.
    pub version: String,
}

impl Binaries {
    /// Where one of Fabric's programs is.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// A sample configuration file's text.
    ///
    /// **Errors**: the file cannot be read.
    pub fn sample(&self, name: &str) -> Result<String, NetError> {
        let path = self.config.join(name);
        std::fs::read_to_string(&path).at(&path)
    }

    /// The cache of this user: `$XDG_CACHE_HOME` or `~/.cache`.
    ///
    /// **Errors**: neither is set.
    pub fn cache() -> Result<PathBuf, NetError> {
        let base = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|p| p.is_absolute());
        let base = base
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
        let base = base.ok_or(Missing::CacheFolder)?;
        // Another pinned module is another place.
        let pin = hex::encode(&Sha256::digest(GO_MOD.as_bytes())[..4]);
        Ok(base
            .join("medveil")
            .join(format!("fabric-{FABRIC_VERSION}-{pin}")))
    }

    /// Binaries that were installed before.
    ///
    /// **Errors**: there are none.
    pub fn installed() -> Result<Self, NetError> {
        let root = Binaries::cache()?;
        let found = Binaries {
            bin: root.join("bin"),
            config: root.join("config"),
            version: FABRIC_VERSION.to_owned(),
        };
        if found.is_complete() {
            return Ok(found);
        }
        Err(Missing::Fabric.into())
    }

    /// The user's own binaries: a folder with the programs, its `config` folder beside it or inside
    /// it.
    ///
    /// **Errors**: a program or file is missing, or peer and orderer are not of one release, or it
    /// is neither 3.1 nor 2.5.
    pub fn own(dir: &Path) -> Result<Self, NetError> {
        // Programs are started in other folders.
        let dir = &std::path::absolute(dir).at(dir)?;
        let bin = if dir.join("bin").is_dir() {
            dir.join("bin")
        } else {
            dir.to_owned()
        };
        let candidates = [dir.join("config"), bin.join("../config"), bin.clone()];
        let config = candidates
            .into_iter()
            .find(|c| SAMPLES.iter().all(|s| c.join(s).is_file()));
        let config = config.ok_or_else(|| Missing::SampleConfiguration {
            folder: dir.to_owned(),
        })?;
        let found = Binaries {
            bin,
            config,
            version: String::new(),
        };
        if !found.is_complete() {
            return Err(NetError::from(Missing::Programs {
                folder: found.bin,
                programs: PROGRAMS.join(", "),
            }));
        }
        let version = found.release()?;
        Ok(Binaries { version, ..found })
    }

    /// The one release that the programs say they are of.
    ///
    /// **Errors**: peer and orderer are of two, or it is neither 3.1 nor 2.5.
    fn release(&self) -> Result<String, NetError> {
        let peer = version_of(&self.program("peer"))?;
        let orderer = version_of(&self.program("orderer"))?;
        if orderer != peer {
            return Err(InputError::MixedReleases { peer, orderer }.into());
        }
        if peer.starts_with("3.1") || peer.starts_with("2.5") {
            Ok(peer)
        } else {
            Err(InputError::UnsupportedRelease(peer).into())
        }
    }

    /// Whether it is a 2.5 release: no channel capability V3_0 and no SmartBFT.
    pub fn is_2_5(&self) -> bool {
        self.version.starts_with("2.5")
    }

    fn is_complete(&self) -> bool {
        PROGRAMS.iter().all(|p| self.program(p).is_file())
            && SAMPLES.iter().all(|s| self.config.join(s).is_file())
    }
}

/// What a program prints for `version`; a binary built by the Go client says `latest`, and then its
/// module tells.
fn version_of(program: &Path) -> Result<String, NetError> {
    let printed = run(Command::new(program).arg("version"))?;
    let version = printed
        .lines()
        .find_map(|l| l.trim().strip_prefix("Version:"))
        .map(|v| v.trim().trim_start_matches('v').to_owned());
    match version {
        Some(version) if version != "latest" && !version.is_empty() => Ok(version),
        _ => version_of_module(program),
    }
}

fn version_of_module(program: &Path) -> Result<String, NetError> {
    let printed = run(Command::new("go").args(["version", "-m"]).arg(program))?;
    let known = [("435a7f1a780a", "3.1.1"), ("7c3876255bf0", "2.5.9")];
    let found = known
        .iter()
        .find(|(commit, _)| printed.contains(commit))
        .map(|(_, version)| (*version).to_owned());
    found.ok_or_else(|| InputError::UnknownRelease(program.to_owned()).into())
}

/// Builds Fabric's programs with the Go client, from the pinned module with its checksums; does
/// nothing where they are there.
///
/// **Errors**: no Go client, no way to the module proxy, or the build fails.
///
/// **Cost**: a minute or a few, once; 160 MB.
pub fn install(progress: Progress<'_>) -> Result<Binaries, NetError> {
    let root = Binaries::cache()?;
    if let Ok(found) = Binaries::installed() {
        progress(&format!(
            "Fabric {FABRIC_VERSION} is installed in {}",
            root.display()
        ));
        return Ok(found);
    }
    let go = Command::new("go").arg("version").output();
    if !go.is_ok_and(|o| o.status.success()) {
        return Err(Missing::GoClient.into());
    }
    if let Some(cache) = root.parent() {
        std::fs::create_dir_all(cache).at(cache)?;
    }
    // One at a time: whoever waited finds it installed.
    let lock = beside(&root, ".lock");
    let file = File::create(&lock).at(&lock)?;
    file.lock().at(&lock)?;
    if let Ok(found) = Binaries::installed() {
        return Ok(found);
    }
    let partial = beside(&root, ".partial");
    discard(&partial)?;
    progress(&format!(
        "building Fabric {FABRIC_VERSION} with the Go client: a minute or a few, once"
    ));
    build(&partial)?;
    // Under its own name it is whole; what is there already is what an earlier version left half
    // made.
    discard(&root)?;
    std::fs::rename(&partial, &root).at(&root)?;
    progress(&format!("installed in {}", root.display()));
    Binaries::installed()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}{suffix}"))
}

fn discard(dir: &Path) -> Result<(), NetError> {
    if dir.exists() {
        std::fs::remove_dir_all(dir).at(dir)
    } else {
        Ok(())
    }
}

fn build(root: &Path) -> Result<(), NetError> {
    let (source, bin, config) = (root.join("module"), root.join("bin"), root.join("config"));
    for dir in [&source, &bin, &config] {
        std::fs::create_dir_all(dir).at(dir)?;
    }
    for (name, text) in [("go.mod", GO_MOD), ("go.sum", GO_SUM)] {
        std::fs::write(source.join(name), text).at(&source)?;
    }
    let mut build = Command::new("go");
    // The checksums of every module are pinned beside it.
    build
        .args(["install", "-trimpath", "-mod=readonly", "tool"])
        .env("GOBIN", &bin)
        .env("GOFLAGS", "")
        .current_dir(&source);
    run(&mut build)?;
    let mut list = Command::new("go");
    list.args([
        "list",
        "-m",
        "-f",
        "{{.Dir}}",
        "github.com/hyperledger/fabric",
    ])
    .env("GOFLAGS", "")
    .current_dir(&source);
    let module = PathBuf::from(run(&mut list)?.trim());
    for sample in SAMPLES {
        let from = module.join("sampleconfig").join(sample);
        let text = std::fs::read(&from).at(&from)?;
        std::fs::write(config.join(sample), text).at(&config)?;
    }
    Ok(())
}
