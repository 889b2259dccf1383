//! Networks of this machine in words.

use super::{Render, count};
use crate::journey::net::{
    ContractDeployed, NetCleaned, NetDown, NetEnvironment, NetInstalled, NetStatus, NetUp,
};
use medveil_collections_config::error_chain;

impl Render for NetInstalled {
    fn lines(&self) -> Vec<String> {
        let (version, folder) = (&self.version, self.folder.display());
        vec![format!("Fabric {version} is ready: {folder}")]
    }
}

impl Render for NetUp {
    fn lines(&self) -> Vec<String> {
        let consensus = match self.orderers {
            4 => "SmartBFT",
            _ => "Raft",
        };
        vec![format!(
            "Fabric {} with {} and {} ({consensus}) is up in {:.1} s: {}",
            self.fabric,
            count(self.peers as u64, "peer"),
            count(self.orderers as u64, "orderer"),
            self.seconds,
            self.net
        )]
    }
}

impl Render for ContractDeployed {
    fn lines(&self) -> Vec<String> {
        let what = match self.was_there {
            true => "was deployed before",
            false => "is deployed",
        };
        let (sequence, package) = (self.sequence, &self.package_id);
        let mut lines = vec![format!(
            "the contract {what}: definition {sequence}, package {package}"
        )];
        let first = self.joins.first();
        lines.extend(
            first.map(|file| format!("  join a home: medveil --home HOME consortium join {file}")),
        );
        lines
    }
}

impl Render for NetStatus {
    fn lines(&self) -> Vec<String> {
        let process = |s: &medveil_fabric_net::ProcessStatus| {
            let how = match s.pid {
                Some(pid) => format!("runs as {pid}"),
                None => "does not run".to_owned(),
            };
            format!("{:<24} port {:<6} {how}", s.name, s.port)
        };
        let mut lines: Vec<String> = self.process_list.iter().map(process).collect();
        lines.extend(self.time_check.map(|is_checked| {
            let checks = match is_checked {
                true => "refused",
                false => "taken: made with --no-time-check",
            };
            format!("proposals 15 minutes off are {checks}")
        }));
        lines.extend(self.damaged.as_ref().map(|e| error_chain(e)));
        lines.push(format!(
            "{} of {} processes run",
            self.running, self.processes
        ));
        lines
    }
}

/// Lines for a shell.
impl Render for NetEnvironment {
    fn lines(&self) -> Vec<String> {
        let quoted = |text: &str| text.replace('\'', "'\\''");
        let variables = self.variables.iter();
        let mut lines: Vec<String> = variables
            .map(|(key, value)| format!("export {key}='{}'", quoted(value)))
            .collect();
        lines.push(format!(
            "export PATH='{}':\"$PATH\"",
            quoted(&self.programs)
        ));
        lines
    }
}

impl Render for NetDown {
    fn lines(&self) -> Vec<String> {
        vec!["every process has ended; `medveil net up` goes on from what is on disk".to_owned()]
    }
}

impl Render for NetCleaned {
    fn lines(&self) -> Vec<String> {
        vec![format!("{} is removed", self.net)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_what_a_shell_reads() {
        let environment = NetEnvironment {
            variables: [("KEY".to_owned(), "it's".to_owned())].into(),
            programs: "/opt/fabric/bin".to_owned(),
        };
        assert_eq!(
            environment.lines(),
            [
                r"export KEY='it'\''s'",
                r#"export PATH='/opt/fabric/bin':"$PATH""#
            ]
        );
        let json = serde_json::to_value(&environment).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"KEY": "it's", "programs": "/opt/fabric/bin"})
        );
    }

    #[test]
    fn each_process_is_a_line_and_a_field() {
        let process = |name: &str, pid| medveil_fabric_net::ProcessStatus {
            name: name.to_owned(),
            pid,
            port: 7051,
        };
        let status = NetStatus {
            running: 1,
            processes: 2,
            pids: [
                ("orderer0".to_owned(), Some(5)),
                ("peer-Org".to_owned(), None),
            ]
            .into(),
            time_check: Some(true),
            process_list: vec![process("orderer0", Some(5)), process("peer-Org", None)],
            damaged: None,
        };
        assert_eq!(
            status.lines(),
            [
                "orderer0                 port 7051   runs as 5",
                "peer-Org                 port 7051   does not run",
                "proposals 15 minutes off are refused",
                "1 of 2 processes run",
            ]
        );
        let json = serde_json::to_value(&status).unwrap();
        let expected = serde_json::json!({
            "running": 1, "processes": 2, "orderer0": 5, "peer-Org": null, "time_check": true,
        });
        assert_eq!(json, expected);
    }
}
