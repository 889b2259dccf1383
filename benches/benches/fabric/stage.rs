//! A network that leaves nothing behind, and what the benches need of it.

use anyhow::{Context, Result};
use medveil_collections_config::{CollectionsConfig, Consortium, MspId, SharingGroups};
use medveil_fabric_client::FabricClient;
use medveil_fabric_net::{Binaries, Deployment, Layout, NetState, NetworkLock};
use medveil_gateway::journey::net::{DeployOptions, NetworkOptions};
use medveil_gateway::journey::{join, net};
use medveil_gateway::progress::Quiet;
use medveil_msp::Identity;
use std::path::PathBuf;
use std::time::Instant;
use tempfile::TempDir;

pub const ORGS: [&str; 4] = ["HospitalA", "HospitalB", "University", "EthicsBoard"];

pub fn org(name: &str) -> Result<MspId> {
    MspId::new(name).context("an MSP id")
}

fn program(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let path = here
        .parent()
        .and_then(|p| p.parent())
        .context("a target folder")?
        .join(name);
    anyhow::ensure!(
        path.is_file(),
        "{} is not built: run cargo build first",
        path.display()
    );
    Ok(path)
}

pub struct Stage {
    pub layout: Layout,
    pub folder: TempDir,
    /// From nothing until peers and orderers are ready, and from there until the chaincode can be
    /// called.
    pub seconds: [f64; 2],
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = NetworkLock::take_existing(&self.layout)
            .and_then(|lock| medveil_fabric_net::remove(&lock));
    }
}

impl Stage {
    fn new(deploy: impl FnOnce(&Layout, &Binaries) -> Result<()>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let layout = Layout::new(&folder.path().join("net"));
        let own = std::env::var_os("MEDVEIL_FABRIC").map(std::path::PathBuf::from);
        let binaries = net::binaries(own.as_deref())?;
        let begun = Instant::now();
        let options = NetworkOptions {
            consortium: None,
            groups: None,
            orderers: Some(3),
            no_time_check: false,
        };
        net::up(&Quiet, &layout, &binaries, &options)?;
        let up = begun.elapsed().as_secs_f64();
        let mut stage = Stage {
            layout,
            folder,
            seconds: [up, 0.0],
        };
        deploy(&stage.layout, &binaries)?;
        stage.seconds[1] = begun.elapsed().as_secs_f64() - up;
        Ok(stage)
    }

    /// With the contract.
    pub fn contract() -> Result<Self> {
        let program = program("medveil-chaincode")?;
        Stage::new(|layout, binaries| {
            let options = DeployOptions {
                program: Some(&program),
                groups: None,
                refuse_dev_keys: false,
            };
            crate::wait(net::deploy(&Quiet, layout, binaries, &options))?;
            Ok(())
        })
    }

    /// With a chaincode that does nothing, or verifies proofs and does nothing else.
    pub fn probe() -> Result<Self> {
        let program = program("probe-chaincode")?;
        Stage::new(|layout, binaries| {
            let (consortium, collections) = members(layout)?;
            let consortium = consortium.to_canonical();
            let deployment = Deployment {
                program,
                chaincode: "medveil",
                consortium: &consortium,
                collections: &collections,
                allow_insecure_dev_keys: true,
            };
            let lock = NetworkLock::take(layout)?;
            medveil_fabric_net::deploy(&lock, binaries, &deployment, &mut |_| {})?;
            Ok(())
        })
    }

    /// A client of the network, and HospitalA's identity.
    pub fn client(&self) -> Result<(FabricClient, Identity)> {
        let (consortium, collections) = members(&self.layout)?;
        let client = net::client(
            &self.layout,
            &NetState::read(&self.layout)?,
            &consortium,
            collections,
        )?;
        Ok((client, self.identity("HospitalA", "User1")?))
    }

    /// A user of an organisation.
    pub fn identity(&self, name: &str, user: &str) -> Result<Identity> {
        Ok(join::identity(
            &org(name)?,
            &self.layout.user(&org(name)?, user).join("msp"),
        )?)
    }

    pub fn consortium(&self) -> Result<Consortium> {
        Ok(members(&self.layout)?.0)
    }

    /// Resident memory of each process.
    pub fn memory(&self) -> Result<Vec<(String, f64)>> {
        let of = |pid: i32| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status
                .lines()
                .find_map(|l| l.strip_prefix("VmRSS:"))
                .unwrap_or_default();
            line.trim()
                .trim_end_matches(" kB")
                .parse::<f64>()
                .unwrap_or_default()
                / 1024.0
        };
        let processes = NetState::read(&self.layout)?.processes();
        Ok(processes
            .into_iter()
            .map(|(name, running, _)| (name, of(running.map_or(0, |r| r.pid))))
            .collect())
    }
}

fn members(layout: &Layout) -> Result<(Consortium, CollectionsConfig)> {
    let consortium = Consortium::from_canonical(&std::fs::read(layout.consortium())?)?;
    let groups = SharingGroups::from_json(&std::fs::read_to_string(layout.groups())?, &consortium)?;
    let collections = CollectionsConfig::derive(&consortium, &groups)?;
    Ok((consortium, collections))
}
