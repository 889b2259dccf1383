//! A damaged ledger from outside: every command says so, ends with 8 and writes nothing, and what it
//! tells the operator to do works.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The exit code of a command, and what it said.
fn medveil(folder: &Path, line: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_medveil"));
    command.current_dir(folder).args(line.split_whitespace());
    command.env("MEDVEIL_PASSPHRASE", "correct horse battery");
    let done = command.stdin(Stdio::null()).output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (done.status.code().unwrap(), said)
}

fn run(folder: &Path, line: &str) -> String {
    let (code, said) = medveil(folder, line);
    assert_eq!(code, 0, "{line}: {said}");
    said
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => drop(found.insert(path.clone(), std::fs::read(&path).unwrap())),
        }
    }
    found
}

/// Copies a folder into an empty place; modes stay.
fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp")
        .args(["-a", "--"])
        .args([from, to])
        .status();
    assert!(done.unwrap().success());
}

const COMMANDS: &[&str] = &[
    "ledger blocks",
    "ledger events",
    "ledger tick --as HospitalA",
    "keys publish --as HospitalA",
    "circuit list",
];

/// A home with a ledger in order, and a copy of it.
struct Scene {
    folder: tempfile::TempDir,
    ledger: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), "consortium init");
        run(folder.path(), "ledger blocks");
        let ledger = folder.path().join("medveil-home/ledger");
        copy(
            &folder.path().join("medveil-home"),
            &folder.path().join("copy"),
        );
        Scene { folder, ledger }
    }

    fn at(&self) -> &Path {
        self.folder.path()
    }

    /// Damages a file, tries commands, and does what they say. Whether that needed the copy.
    fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>), commands: &[&str]) -> bool {
        let path = self.ledger.join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        change(&mut bytes);
        match bytes.is_empty() {
            true => std::fs::remove_file(&path).unwrap(),
            false => std::fs::write(&path, &bytes).unwrap(),
        }
        let damaged = files(&self.ledger);
        for line in commands {
            let (code, said) = medveil(self.at(), line);
            assert_eq!(code, 8, "{name}: {line}: {said}");
            assert!(
                said.contains("`medveil ledger repair`"),
                "{name}: {line}: {said}"
            );
            assert!(files(&self.ledger) == damaged, "{name}: {line}");
        }
        let (code, said) = medveil(self.at(), "ledger repair");
        if code != 0 {
            assert_eq!(code, 8, "{name}: {said}");
            assert!(said.contains("`--from FOLDER`"), "{name}: {said}");
            assert!(files(&self.ledger) == damaged, "{name}");
            run(self.at(), "ledger repair --from copy");
        }
        run(self.at(), "ledger blocks");
        run(self.at(), "ledger audit");
        assert!(self.ledger.join("repairs.log").is_file());
        assert!(run(self.at(), "ledger repair").contains("nothing is damaged"));
        std::fs::remove_dir_all(&self.ledger).unwrap();
        copy(&self.at().join("copy/ledger"), &self.ledger);
        code != 0
    }
}

#[test]
fn f_every_command_refuses_a_damaged_ledger_and_its_advice_works() {
    let scene = Scene::new();
    let chain = std::fs::metadata(scene.ledger.join("chain")).unwrap().len() as usize;
    let mut needed_copy = Vec::new();
    for (name, at) in [
        ("chain", 8),
        ("chain", chain / 2),
        ("chain", chain - 9),
        ("orgs/HospitalA/state.redb", 3),
        ("orgs/HospitalA/private.redb", 3),
        ("orgs/HospitalA/peer.pem", 200),
        ("orgs/HospitalA/peer.key", 5),
        ("orgs/HospitalA/authority.pem", 100),
    ] {
        if scene.damage(name, |bytes| bytes[at] ^= 1, COMMANDS) {
            needed_copy.push(name);
        }
    }
    // Blocks and a key are nowhere else.
    let nowhere = ["chain", "chain", "chain", "orgs/HospitalA/peer.key"];
    assert_eq!(needed_copy, nowhere);
    let (code, said) = medveil(scene.at(), "ledger repair --from nowhere");
    assert_eq!(code, 4, "{said}");
}

/// Copies a file over another one.
fn put(from: &Path, to: &Path) {
    std::fs::write(to, std::fs::read(from).unwrap()).unwrap();
}

/// What a home keeps of its consortium is compared with the ledger before anything else.
#[test]
fn f_a_home_that_contradicts_its_ledger_is_refused_with_the_file_s_name() {
    let scene = Scene::new();
    run(scene.at(), "--home other consortium init");
    let (home, other) = (scene.at().join("medveil-home"), scene.at().join("other"));
    let change = |name: &str, from: &str, to: &str| {
        let path = home.join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{name}: {text}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    };
    let changes: [(&str, &dyn Fn(&str)); 9] = [
        ("consortium.json", &|name| change(name, ":11", ":10")),
        ("consortium.json", &|name| {
            change(name, "Hospital A", "Hospital Z")
        }),
        ("consortium.json", &|name| {
            put(&other.join(name), &home.join(name))
        }),
        ("collections.json", &|name| {
            change(name, "HospitalB", "EthicsBoard")
        }),
        ("collections.json", &|name| {
            std::fs::remove_file(home.join(name)).unwrap()
        }),
        ("sharing-groups.json", &|name| {
            change(name, "HospitalB", "EthicsBoard")
        }),
        ("msp/HospitalA/ca.pem", &|name| {
            put(&other.join(name), &home.join(name))
        }),
        ("msp/HospitalA/ca.pem", &|name| {
            std::fs::remove_file(home.join(name)).unwrap()
        }),
        ("msp/HospitalA/client.pem", &|name| {
            put(&home.join("msp/HospitalA/admin.pem"), &home.join(name))
        }),
    ];
    for (name, change) in changes {
        let kept = std::fs::read(home.join(name)).unwrap();
        change(name);
        let before = files(&home);
        for line in [
            "ledger blocks",
            "ledger audit",
            "keys list",
            "keys publish --rotate --as HospitalA",
            "consortium trust --as EthicsBoard --out trust.json",
        ] {
            let (code, said) = medveil(scene.at(), line);
            assert_eq!(code, 8, "{name}: {line}: {said}");
            let says = said.contains(name) && said.contains("from a backup");
            assert!(says, "{name}: {line}: {said}");
        }
        assert!(
            files(&home) == before && !scene.at().join("trust.json").exists(),
            "{name}"
        );
        std::fs::write(home.join(name), kept).unwrap();
    }
    run(
        scene.at(),
        "consortium trust --as EthicsBoard --out trust.json",
    );
    run(scene.at(), "keys publish --rotate --as HospitalA");
}

/// Another consortium's ledger is taken neither as the own one nor from a copy; the own one is.
#[test]
fn f_a_repair_takes_nothing_of_another_consortium() {
    let scene = Scene::new();
    run(scene.at(), "--home other consortium init");
    let (home, other) = (scene.at().join("medveil-home"), scene.at().join("other"));
    let refused = |what: &str| {
        let before = files(&home);
        for line in [
            "ledger blocks",
            "ledger repair",
            "ledger repair --from other",
        ] {
            let (code, said) = medveil(scene.at(), line);
            assert_eq!(code, 8, "{what}: {line}: {said}");
            assert!(files(&home) == before, "{what}: {line}: {said}");
        }
    };
    let mended = |from: &str| {
        run(scene.at(), "ledger repair --from copy");
        run(scene.at(), "ledger audit");
        let chain = std::fs::read(scene.at().join("copy/ledger/chain")).unwrap();
        assert!(
            std::fs::read(scene.ledger.join("chain")).unwrap() == chain,
            "{from}"
        );
    };
    put(&other.join("ledger/chain"), &scene.ledger.join("chain"));
    refused("its chain");
    mended("its chain");
    // With no head left here, authorities tell; where these are its too, the home's own files do.
    put(&other.join("ledger/chain"), &scene.ledger.join("chain"));
    let own = home.join("ledger");
    std::fs::rename(&own, scene.at().join("own")).unwrap();
    copy(&other.join("ledger"), &own);
    refused("its whole ledger");
    std::fs::remove_dir_all(&own).unwrap();
    std::fs::rename(scene.at().join("own"), &own).unwrap();
    mended("the whole ledger");
    // The own ledger stands, and another home's files around it.
    put(
        &other.join("consortium.json"),
        &home.join("consortium.json"),
    );
    refused("its consortium file");
}

/// What others may enter or read is told as what it is, and the advice works.
#[test]
fn p7_a_home_that_others_may_enter_or_read_is_refused_by_every_command() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new();
    let home = scene.at().join("medveil-home");
    run(
        scene.at(),
        "visa request --schema ethics --as University/alice --out request",
    );
    let set = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let commands = [
        "ledger blocks",
        "ledger audit",
        "ledger repair",
        "ledger repair --from copy",
        "keys list",
        "visa list --as University/alice",
        "consortium init",
        "quickstart",
    ];
    for (name, wide) in [
        ("", 0o755),
        ("ledger", 0o755),
        ("ledger/orgs/HospitalA", 0o710),
        ("ledger/orgs/HospitalA/private.redb", 0o644),
        ("ledger/orgs/HospitalA/peer.key", 0o644),
        ("private", 0o701),
        ("private/University/people/alice", 0o777),
        ("private/University/people/alice/vault.json", 0o604),
        ("private/HospitalA/office/msp-ca.secret", 0o640),
    ] {
        let path = home.join(name);
        set(&path, wide);
        let narrow = if path.is_dir() { 0o700 } else { 0o600 };
        for line in commands {
            let (code, said) = medveil(scene.at(), line);
            assert_eq!(code, 2, "{name}: {line}: {said}");
            let advice = format!("(chmod {narrow:o})");
            let says = said.contains(
                path.to_str()
                    .unwrap()
                    .trim_end_matches('/')
                    .rsplit_once("medveil-home")
                    .unwrap()
                    .1,
            );
            assert!(says && said.contains(&advice), "{name}: {line}: {said}");
        }
        set(&path, narrow);
        for line in &commands[..6] {
            run(scene.at(), line);
        }
    }
}

/// The mask is the process's, so that a shell sets it.
#[test]
fn p7_nothing_in_a_home_is_for_others_whatever_the_mask() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let script = "umask 0; for c in 'consortium init' 'ledger blocks' 'keys publish --as HospitalA'; do \"$0\" $c || exit 1; done";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_medveil")]);
    command.env("MEDVEIL_PASSPHRASE", "correct horse battery");
    command.current_dir(folder.path()).stdin(Stdio::null());
    assert!(command.output().unwrap().status.success());
    let home = folder.path().join("medveil-home");
    for path in files(&home).keys() {
        let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_public = name.ends_with(".pem") || name.ends_with(".json") && name != "vault.json";
        let expected = if is_public || name == "chain" {
            0o644
        } else {
            0o600
        };
        assert_eq!(mode, expected, "{}", path.display());
    }
    run(folder.path(), "ledger blocks");
}

/// A ledger whose chain is gone is no place for another, and an audit tells what to do.
#[test]
fn f_a_chain_that_is_gone_or_has_no_beginning_is_damage() {
    let scene = Scene::new();
    let commands = &[
        "ledger blocks",
        "ledger audit",
        "ledger tick --as HospitalA",
    ];
    assert!(scene.damage("chain", Vec::clear, commands));
    assert!(scene.damage("chain", |bytes| bytes[60] ^= 4, commands));
    let founding = scene.at().join("medveil-home/consortium.json");
    let consortium = std::fs::read(&founding).unwrap();
    for gone in [false, true] {
        std::fs::remove_file(scene.ledger.join("chain")).unwrap();
        if gone {
            std::fs::remove_file(&founding).unwrap();
        }
        let (code, said) = medveil(scene.at(), "consortium init");
        assert_eq!(code, 8, "{said}");
        std::fs::write(&founding, &consortium).unwrap();
        run(scene.at(), "ledger repair --from copy");
    }
}
