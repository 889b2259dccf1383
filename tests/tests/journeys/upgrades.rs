//! N: the contract is replaced on a network that serves. Whatever goes wrong on the way, what was
//! deployed before serves on, and asking again goes on where it stopped.

use crate::world::{Net, binaries, org, program, wait};
use medveil_collections_config::{CollectionsConfig, SharingGroups, error_chain};
use medveil_fabric_net::{Contract, Deployment, NetError, NetworkLock};
use medveil_gateway::journey::net::{ContractDeployed, DeployOptions, NetworkError};
use medveil_gateway::journey::{join, net};
use medveil_gateway::progress::Quiet;
use medveil_ledger::Transaction;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const ORGS: [&str; 4] = ["HospitalA", "HospitalB", "University", "EthicsBoard"];
const HOSPITALS: (&str, &[&str]) = ("hospitals", &["HospitalA", "HospitalB"]);
const RESEARCH: (&str, &[&str]) = ("research", &["HospitalA", "HospitalB", "University"]);
const ETHICS: (&str, &[&str]) = ("ethics", &["HospitalA", "EthicsBoard"]);
const TEACHING: (&str, &[&str]) = ("teaching", &["HospitalB", "University"]);

struct Upgrades {
    net: Net,
    folder: tempfile::TempDir,
}

impl Upgrades {
    fn contract(&self) -> Contract {
        self.net.state().contract.unwrap()
    }

    fn groups(&self, groups: &[(&str, &[&str])]) -> PathBuf {
        let groups: Vec<_> = groups
            .iter()
            .map(|(name, members)| serde_json::json!({"name": name, "members": members}))
            .collect();
        let path = self.folder.path().join("groups.json");
        std::fs::write(
            &path,
            serde_json::json!({"format": "medveil-sharing-groups-1", "groups": groups}).to_string(),
        )
        .unwrap();
        path
    }

    /// `net deploy` with these sharing groups.
    fn deploy(&self, groups: &[(&str, &[&str])]) -> Result<ContractDeployed, NetworkError> {
        let (chaincode, groups) = (program("medveil-chaincode"), self.groups(groups));
        let options = DeployOptions {
            program: Some(&chaincode),
            groups: Some(&groups),
            refuse_dev_keys: false,
        };
        wait(net::deploy(
            &Quiet,
            self.net.layout(),
            &binaries(),
            &options,
        ))
    }

    /// Another program in the contract's place, with these sharing groups.
    fn deploy_program(
        &self,
        program: PathBuf,
        groups: &[(&str, &[&str])],
    ) -> Result<u64, NetError> {
        let (consortium, _) = self.net.consortium();
        let groups = SharingGroups::from_json(
            &std::fs::read_to_string(self.groups(groups)).unwrap(),
            &consortium,
        )
        .unwrap();
        let collections = CollectionsConfig::derive(&consortium, &groups).unwrap();
        let consortium = consortium.to_canonical();
        let (chaincode, collections) = ("medveil", &collections);
        let deployment = Deployment {
            program,
            chaincode,
            consortium: &consortium,
            collections,
            allow_insecure_dev_keys: true,
        };
        let lock = NetworkLock::take(self.net.layout())?;
        medveil_fabric_net::deploy(&lock, &binaries(), &deployment, &mut |_| {}).map(|d| d.sequence)
    }

    /// Every organisation's peer answers a call with what its own process says.
    fn serves(&self, word: &str) {
        let (consortium, collections) = self.net.consortium();
        let client = net::client(
            self.net.layout(),
            &self.net.state(),
            &consortium,
            collections,
        )
        .unwrap();
        for name in ORGS {
            let identity = join::identity(
                &org(name),
                &self.net.layout().user(&org(name), "User1").join("msp"),
            )
            .unwrap();
            let query = Transaction::query(vec![word.as_bytes().to_vec()]);
            wait(client.evaluate(&identity, &query)).unwrap();
        }
    }

    /// Exactly the processes of the deployed contract run: nothing of one that failed, or of the
    /// one before.
    fn only_the_deployed_runs(&self) {
        let known: Vec<i32> = self
            .contract()
            .services
            .iter()
            .map(|s| s.process.unwrap().pid)
            .collect();
        assert!(
            self.contract()
                .services
                .iter()
                .all(|s| s.process.unwrap().is_alive())
        );
        let copies = self.net.layout().root().join("contracts");
        let is_contract = |pid: &i32| {
            std::fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe.starts_with(&copies))
        };
        let all = std::fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
        let mut found: Vec<i32> = all.filter(is_contract).collect();
        found.sort_unstable();
        let mut expected = known;
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
}

/// A program that has a label and does not serve.
fn broken(folder: &Path) -> PathBuf {
    let path = folder.join("broken");
    std::fs::write(&path, "#!/bin/sh\nif [ \"$1\" = label ]; then echo medveil_broken; exit 0; fi\necho it cannot serve >&2\nexit 1\n")
        .unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn upgrades_that_succeed_are_refused_or_fail() {
    let folder = tempfile::tempdir().unwrap();
    let upgrades = Upgrades {
        net: Net::new(&folder.path().join("net"), 1),
        folder,
    };
    let first = upgrades.contract();
    assert!(
        first.program.starts_with(upgrades.net.layout().root()),
        "it runs from the network's own copy"
    );

    // One more collection: the same program, another definition.
    let step = upgrades.deploy(&[HOSPITALS, RESEARCH, ETHICS]).unwrap();
    assert_eq!(step.sequence, 2);
    assert_eq!(upgrades.contract().package_id, first.package_id);
    upgrades.serves("GetDay");
    upgrades.only_the_deployed_runs();

    // A collection less is refused before anything is done.
    let before = upgrades.net.state();
    let refused = upgrades.deploy(&[HOSPITALS, RESEARCH]).unwrap_err();
    let said = error_chain(&refused);
    assert!(said.contains("cannot be removed by an upgrade"), "{said}");
    assert_eq!(upgrades.net.state(), before);
    upgrades.serves("GetDay");

    // A program that ends at once.
    let said = upgrades
        .deploy_program(
            broken(upgrades.folder.path()),
            &[HOSPITALS, RESEARCH, ETHICS],
        )
        .unwrap_err()
        .to_string();
    assert!(said.contains("it cannot serve"), "{said}");
    assert_eq!(upgrades.contract(), before.contract.unwrap());
    upgrades.serves("GetDay");
    upgrades.only_the_deployed_runs();

    // Nobody orders the approvals.
    upgrades.net.kill("orderer0");
    let more = [HOSPITALS, RESEARCH, ETHICS, TEACHING];
    upgrades.deploy(&more).unwrap_err();
    assert_eq!(upgrades.contract().sequence, 2);
    upgrades.serves("GetDay");
    upgrades.only_the_deployed_runs();
    upgrades.net.restart();
    assert_eq!(
        upgrades.deploy(&more).unwrap().sequence,
        3,
        "asking again goes on"
    );
    // The four groups, and the requests.
    assert_eq!(upgrades.net.consortium().1.as_slice().len(), 5);
    upgrades.serves("GetDay");

    // Another program, and back to the one whose package the peers have already.
    assert_eq!(
        upgrades
            .deploy_program(program("probe-chaincode"), &more)
            .unwrap(),
        4
    );
    upgrades.serves("noop");
    upgrades.only_the_deployed_runs();
    assert_eq!(upgrades.deploy(&more).unwrap().sequence, 5);
    upgrades.serves("GetDay");
    assert_eq!(
        upgrades.deploy(&more).unwrap().sequence,
        5,
        "nothing is left to do"
    );
    upgrades.only_the_deployed_runs();
}
