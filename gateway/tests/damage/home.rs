//! Files of a home beside its ledger: damaged, gone, of another consortium, or open to others.

use super::*;

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

/// What the home has had from its beginning, damaged, gone or with a folder in its place.
#[test]
fn f_own_files_that_are_damaged_or_gone_are_damage() {
    let scene = Scene::new();
    let home = scene.at().join("medveil-home");
    let say = |what: &str, lines: &[&str]| {
        for line in lines {
            let (code, said) = medveil(scene.at(), line);
            assert_eq!(code, 8, "{what}: {line}: {said}");
        }
        std::fs::remove_dir_all(&home).unwrap();
        copy(&scene.at().join("copy"), &home);
    };
    let write = "keys publish --as HospitalA";
    std::fs::write(home.join("msp/HospitalA/client.pem"), "no certificate").unwrap();
    say("certificate", &[write]);
    std::fs::remove_file(home.join("collections.json")).unwrap();
    say("collections", &["ledger blocks", write]);
    std::fs::remove_dir_all(&scene.ledger).unwrap();
    let all = [
        "ledger blocks",
        "ledger audit",
        "ledger repair",
        "consortium init",
        write,
    ];
    say("ledger", &all);
    for name in [
        "msp/HospitalA/client.pem",
        "collections.json",
        "ledger/lock",
    ] {
        std::fs::remove_file(home.join(name)).unwrap();
        // Of the right mode: a wide one would be told first.
        let mut folder = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(home.join(name)).unwrap();
        say(name, &[write]);
    }
}
