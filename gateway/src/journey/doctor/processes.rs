//! Which processes of a network on this machine should run and do not.

use super::{Finding, Level};
use medveil_fabric_net::{Layout, NetState, Running};

/// Each process of a network. One that was stopped by `net down` is known as such, and a network
/// without a process is down as a whole; a contract that is to replace the deployed one runs only
/// while that goes on.
pub(super) fn check(layout: &Layout, state: &NetState) -> Vec<Finding> {
    let deployed = NetState {
        pending: None,
        ..state.clone()
    };
    let processes = deployed.processes();
    if processes.iter().all(|(_, process, _)| process.is_none()) {
        return vec![Finding {
            level: Level::Warning,
            at: layout.root().display().to_string(),
            found: "no process: the network is down".to_owned(),
            expected: "running processes".to_owned(),
            why: "`medveil net up` starts them",
        }];
    }
    let finding = |(name, process, port): (String, Option<Running>, u16)| {
        let is_alive = process.is_some_and(|p| p.is_alive());
        let how = if is_alive { "runs" } else { "does not run" };
        let log = layout.log(&name);
        Finding {
            level: if is_alive {
                Level::Good
            } else {
                Level::Problem
            },
            at: format!("process {name} (log {})", log.display()),
            found: how.to_owned(),
            expected: format!("a process that listens on port {port}"),
            why: "whoever needs it waits in vain: its log says why it ended, `medveil net up` starts it again",
        }
    };
    processes.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{Classify, Kind};
    use crate::journey::doctor::Diagnosis;
    use medveil_fabric_net::OrgState;
    use std::process::Command;
    use std::time::Duration;

    fn network(peers: [Option<Running>; 2]) -> NetState {
        let orgs = ["HospitalA", "HospitalB"].into_iter().zip(peers);
        let org = |(msp_id, peer): (&str, _)| OrgState {
            msp_id: msp_id.to_owned(),
            peer_port: 7051,
            listen_port: None,
            operations_port: 9443,
            peer,
        };
        NetState {
            channel: "medveil-channel".to_owned(),
            fabric: "3.1.1".to_owned(),
            orgs: orgs.map(org).collect(),
            orderers: Vec::new(),
            is_joined: true,
            is_time_checked: true,
            contract: None,
            pending: None,
        }
    }

    #[test]
    fn a_peer_that_died_is_a_problem_and_a_network_that_is_down_is_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let start = || {
            let log = folder.path().join("log");
            Running::spawn(Command::new("sleep").arg("600"), &log).unwrap()
        };
        let (alive, dead) = (start(), start());
        assert!(dead.stop(Duration::from_secs(10)));
        let check = |peers| Diagnosis::new(super::check(&layout, &network(peers)));
        let well = check([Some(alive), Some(alive)]);
        let died = check([Some(alive), Some(dead)]);
        // Stopped while the other runs is no better than dead.
        let stopped = check([Some(alive), None]);
        let down = check([None, None]);
        assert!(alive.stop(Duration::from_secs(10)));

        assert_eq!((well.problems, well.warnings, well.good()), (0, 0, 2));
        assert_eq!((died.problems, died.good()), (1, 1));
        let first = &died.findings[0];
        assert!(first.at.starts_with("process peer-HospitalB "), "{first:?}");
        assert!(first.why.contains("`medveil net up`"));
        assert!(well.verdict().is_ok());
        let error = died.verdict().unwrap_err();
        let said = "1 problem, 0 warnings, 1 setting in order";
        assert_eq!(error.to_string(), said);
        assert_eq!(error.kind(), Kind::Refused);
        assert_eq!(stopped.problems, 1);
        assert_eq!((down.problems, down.warnings), (0, 1));
    }
}
