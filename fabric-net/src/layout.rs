//! Where everything of a network lies: one folder, nothing outside it.

use medveil_collections_config::MspId;
use std::path::{Path, PathBuf};

/// The folder of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
}

/// Domain of the orderers' organisation.
pub(crate) const ORDERER_DOMAIN: &str = "orderer.medveil";

/// Domain of an organisation: its MSP id in lower case, with hyphens for what no host name holds.
pub(crate) fn domain(msp_id: &MspId) -> String {
    let host: String = msp_id
        .as_str()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    format!("{host}.medveil")
}

impl Layout {
    /// A network at this folder, made absolute: processes have other working folders.
    pub fn new(root: &Path) -> Self {
        Layout {
            root: std::path::absolute(root).unwrap_or_else(|_| root.to_owned()),
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }
    /// The folder by the one name that leads to it without links, as far as it exists.
    pub(crate) fn real(&self) -> PathBuf {
        let of_parent = || {
            Some(
                std::fs::canonicalize(self.root.parent()?)
                    .ok()?
                    .join(self.root.file_name()?),
            )
        };
        std::fs::canonicalize(&self.root)
            .ok()
            .or_else(of_parent)
            .unwrap_or_else(|| self.root.clone())
    }
    fn beside(&self, suffix: &str) -> PathBuf {
        let root = self.real();
        let name = root.file_name().unwrap_or_default().to_string_lossy();
        root.with_file_name(format!("{name}{suffix}"))
    }
    /// Held by the command that works on the network; beside the folder, which may not be there.
    pub(crate) fn lock(&self) -> PathBuf {
        self.beside(".lock")
    }
    /// What is being removed.
    pub(crate) fn aside(&self) -> PathBuf {
        self.beside(".removed")
    }
    /// Ports and processes.
    pub fn state(&self) -> PathBuf {
        self.root.join("net.json")
    }
    /// Consortium file of the network, as it was deployed.
    pub fn consortium(&self) -> PathBuf {
        self.root.join("consortium.json")
    }
    pub fn groups(&self) -> PathBuf {
        self.root.join("sharing-groups.json")
    }
    pub fn collections(&self) -> PathBuf {
        self.root.join("collections.json")
    }
    /// Collections of a definition that is not committed yet.
    pub(crate) fn next_collections(&self) -> PathBuf {
        self.root.join("collections.next.json")
    }
    /// Programs of contracts, by label and digest: copies, because what they were copied from is
    /// built anew.
    pub(crate) fn contracts(&self) -> PathBuf {
        self.root.join("contracts")
    }
    pub(crate) fn config(&self) -> PathBuf {
        self.root.join("config")
    }
    pub(crate) fn crypto(&self) -> PathBuf {
        self.root.join("crypto")
    }
    /// Configuration file of a peer or an orderer, by the process's name.
    pub fn configuration(&self, name: &str) -> PathBuf {
        self.config().join(if name.starts_with("orderer") {
            "orderer.yaml"
        } else {
            "core.yaml"
        })
    }
    /// Environment of a peer or an orderer, by the process's name: it stands above the
    /// configuration file.
    pub fn environment(&self, name: &str) -> PathBuf {
        self.config().join(format!("{name}.env"))
    }
    /// The channel's first block.
    pub fn genesis(&self) -> PathBuf {
        self.root.join("genesis.block")
    }
    /// What a home needs to join as this organisation.
    pub fn join(&self, msp_id: &MspId) -> PathBuf {
        self.root.join("joins").join(format!("{msp_id}.json"))
    }
    pub(crate) fn package(&self) -> PathBuf {
        self.root.join("chaincode.tar.gz")
    }
    /// Log of a process.
    pub fn log(&self, name: &str) -> PathBuf {
        self.root.join("logs").join(format!("{name}.log"))
    }
    pub(crate) fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }
    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.root.join("data").join(name)
    }
    pub(crate) fn builder(&self) -> PathBuf {
        self.root.join("builder")
    }
    pub(crate) fn connection(&self, msp_id: &MspId) -> PathBuf {
        self.config()
            .join(format!("{}.connection.json", msp_id.as_str()))
    }
    /// What a peer took over from that file when a package was installed, and reads each time it
    /// connects. Source: Fabric's external builders, which keep what `release` wrote.
    pub(crate) fn built_connection(&self, msp_id: &MspId, package_id: &str) -> PathBuf {
        let builds = self
            .data(&format!("peer-{msp_id}"))
            .join("externalbuilder/builds");
        builds
            .join(package_id.replace(':', "-"))
            .join("release/chaincode/server/connection.json")
    }

    fn organisation(&self, msp_id: &MspId) -> PathBuf {
        self.crypto().join("peerOrganizations").join(domain(msp_id))
    }
    /// MSP folder of an organisation: what others know of it.
    pub fn msp(&self, msp_id: &MspId) -> PathBuf {
        self.organisation(msp_id).join("msp")
    }
    /// A host of an organisation: `peer0` or `chaincode`; holds `msp` and `tls`.
    pub fn host(&self, msp_id: &MspId, name: &str) -> PathBuf {
        let domain = domain(msp_id);
        self.organisation(msp_id)
            .join("peers")
            .join(format!("{name}.{domain}"))
    }
    /// A user of an organisation: `Admin` or `User1`; holds `msp` and `tls`.
    pub fn user(&self, msp_id: &MspId, name: &str) -> PathBuf {
        let domain = domain(msp_id);
        self.organisation(msp_id)
            .join("users")
            .join(format!("{name}@{domain}"))
    }
    /// The authority of an organisation's TLS certificates.
    pub fn tls_authority(&self, msp_id: &MspId) -> PathBuf {
        let domain = domain(msp_id);
        self.organisation(msp_id)
            .join("tlsca")
            .join(format!("tlsca.{domain}-cert.pem"))
    }
    /// The certificate of an organisation's authority.
    pub fn authority(&self, msp_id: &MspId) -> PathBuf {
        let domain = domain(msp_id);
        self.organisation(msp_id)
            .join("ca")
            .join(format!("ca.{domain}-cert.pem"))
    }

    fn orderers(&self) -> PathBuf {
        self.crypto()
            .join("ordererOrganizations")
            .join(ORDERER_DOMAIN)
    }
    pub(crate) fn orderer_msp(&self) -> PathBuf {
        self.orderers().join("msp")
    }
    pub(crate) fn orderer(&self, index: usize) -> PathBuf {
        self.orderers()
            .join("orderers")
            .join(format!("orderer{index}.{ORDERER_DOMAIN}"))
    }
    pub(crate) fn orderer_admin(&self) -> PathBuf {
        self.orderers()
            .join("users")
            .join(format!("Admin@{ORDERER_DOMAIN}"))
    }
    pub(crate) fn orderer_tls_authority(&self) -> PathBuf {
        self.orderers()
            .join("tlsca")
            .join(format!("tlsca.{ORDERER_DOMAIN}-cert.pem"))
    }
}
