use medveil_collections_config::*;
use medveil_fabric_net::*;
use std::path::PathBuf;
#[test]
fn adhoc() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::new(&dir.path().join("net"));
    let b = Binaries::installed().unwrap();
    let orgs = ["HospitalA", "University"];
    let lock = NetworkLock::take(&layout).unwrap();
    let t = Topology::new(
        orgs.iter().map(|o| MspId::new(*o).unwrap()).collect(),
        1,
        "medveil-channel",
    )
    .unwrap();
    let state = up(&lock, &t, &b, &mut |s| eprintln!("{s}")).unwrap();
    let text = r#"{"format":"medveil-consortium-1","name":"T","nonce":"000102030405060708090a0b0c0d0e0f","members":[{"msp_id":"HospitalA","name":"A"},{"msp_id":"University","name":"U"}],"issuers":[]}"#;
    let consortium = Consortium::from_json(text).unwrap();
    let groups = SharingGroups::from_json(r#"{"format":"medveil-sharing-groups-1","groups":[{"name":"shared","members":["HospitalA","University"]}]}"#, &consortium).unwrap();
    let collections = CollectionsConfig::derive(&consortium, &groups).unwrap();
    let program = PathBuf::from(std::env::var("PROGRAM").unwrap());
    let c = consortium.to_canonical();
    let d = |dev| Deployment {
        program: program.clone(),
        chaincode: "medveil",
        consortium: &c,
        collections: &collections,
        allow_insecure_dev_keys: dev,
    };
    let env = environment(&layout, &state, &MspId::new("HospitalA").unwrap(), &b).unwrap();
    let peer = |args: &[&str]| {
        let o = std::process::Command::new(b.program("peer"))
            .args(args)
            .envs(env.iter().cloned())
            .output()
            .unwrap();
        eprintln!(
            "{args:?}: {} {}",
            String::from_utf8_lossy(&o.stdout),
            String::from_utf8_lossy(&o.stderr)
        );
    };
    peer(&[
        "lifecycle",
        "chaincode",
        "querycommitted",
        "-C",
        "medveil-channel",
        "-O",
        "json",
    ]);
    let one = deploy(&lock, &b, &d(true), &mut |s| eprintln!("{s}"));
    if let Err(e) = &one {
        eprintln!("{e}");
    }
    eprintln!("{one:?}");
    peer(&[
        "lifecycle",
        "chaincode",
        "querycommitted",
        "-C",
        "medveil-channel",
        "-O",
        "json",
    ]);
    peer(&[
        "lifecycle",
        "chaincode",
        "querycommitted",
        "-C",
        "medveil-channel",
        "-n",
        "medveil",
        "-O",
        "json",
    ]);
    eprintln!(
        "{:?}",
        deploy(&lock, &b, &d(true), &mut |s| eprintln!("{s}"))
    );
    eprintln!(
        "{:?}",
        deploy(&lock, &b, &d(false), &mut |s| eprintln!("{s}"))
    );
    // A command that committed and was killed before it wrote that down.
    let mut state = NetState::read(&layout).unwrap();
    let mut pending = state.contract.clone().unwrap();
    stop(&lock).unwrap();
    eprintln!(
        "start: {:?}",
        start(&lock, &b, &mut |s| eprintln!("{s}")).map(|s| s.pending)
    );
    state = NetState::read(&layout).unwrap();
    pending.services = state.contract.clone().unwrap().services;
    state.contract.as_mut().unwrap().sequence = 0;
    state.pending = Some(pending);
    std::fs::copy(
        layout.collections(),
        layout.root().join("collections.next.json"),
    )
    .unwrap();
    std::fs::write(layout.state(), serde_json::to_string(&state).unwrap()).unwrap();
    let s = start(&lock, &b, &mut |s| eprintln!("{s}")).unwrap();
    eprintln!("promoted: {:?} {}", s.pending, s.contract.unwrap().sequence);
    remove(&lock).unwrap();
}
