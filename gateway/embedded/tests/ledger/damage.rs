//! Damage at seeded places of every file: found before anything is written, and mended by what the
//! error says.

use medveil_embedded::testing::*;
use medveil_embedded::*;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A ledger with public values, values that two organisations hold and values that one holds.
pub fn filled(seed: u64, blocks: usize) -> World {
    let world = World::new(seed);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    for n in 0..blocks {
        let (key, value) = (format!("k{n}"), format!("sealed {n} ").repeat(200));
        let own = [
            "store",
            "_implicit_org_HospitalA",
            &key,
            &format!("public-{n}"),
        ];
        let (stored, by) = match n % 3 {
            0 => (
                &["store", "hospitals", &key][..],
                &["HospitalA", "HospitalB"][..],
            ),
            _ => (&own[..], &MAJORITY[..]),
        };
        submit(&a, private(stored, by, value.as_bytes())).unwrap();
        submit(&a, call(&["put", &key, &value], &MAJORITY)).unwrap();
    }
    drop((ledger, a));
    world
}

/// The files of a folder but the lock and what repairs leave, with their bytes.
pub fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(root).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type().unwrap().is_dir() && name != "damaged" {
            found.extend(files(&path));
        } else if path.is_file() && name != "lock" && name != "repairs.log" {
            found.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    found
}

/// Puts files back as they were.
pub fn restore(root: &Path, kept: &BTreeMap<PathBuf, Vec<u8>>) {
    let _ = std::fs::remove_dir_all(root.join("damaged"));
    let _ = std::fs::remove_file(root.join("repairs.log"));
    for (path, bytes) in kept {
        std::fs::write(path, bytes).unwrap();
    }
}

/// One more block.
pub fn put(world: &World, root: &Path, key: &str) {
    let ledger = EmbeddedLedger::open(root, world.options()).unwrap();
    let a = world.client_of(&ledger, "HospitalA");
    submit(&a, call(&["put", key, "v"], &MAJORITY)).unwrap();
}

pub fn is_clean(world: &World) -> bool {
    let chaincode: MakeChaincode = Arc::new(|_, _| Ok(Arc::new(run)));
    let report = medveil_audit::files::audit(&world.root(), &chaincode, None);
    report.is_ok_and(|report| report.is_clean())
}

/// Whether opening finds damage; then nothing was written.
pub fn is_found(world: &World) -> bool {
    let before = files(&world.root());
    match world.try_open(world.options()) {
        Ok(_) => false,
        Err(OpenError::Damage(_)) => {
            assert!(
                files(&world.root()) == before,
                "a damaged ledger was written to"
            );
            true
        }
        Err(other) => panic!("{other:?}"),
    }
}

pub fn repair(world: &World, from: Option<&Path>) -> Result<Repaired, RepairError> {
    EmbeddedLedger::repair(&world.root(), from, &|_| Ok(()), world.options())
}

/// Flips a bit at 40 places. Gives how often it was found; what was not found changes nothing.
fn flip(world: &World, name: &str, copy: &Path, rng: &mut ChaCha20Rng) -> usize {
    let path = world.root().join(name);
    let kept = files(&world.root());
    let mut found = 0;
    for _ in 0..40 {
        let mut bytes = kept[&path].clone();
        let at = rng.next_u64() as usize % bytes.len();
        bytes[at] ^= 1 << (rng.next_u32() % 8);
        std::fs::write(&path, &bytes).unwrap();
        match is_found(world) {
            true => {
                found += 1;
                if found % 10 == 1 {
                    let repaired = repair(world, Some(copy));
                    let repaired = repaired.unwrap_or_else(|e| panic!("{name} {at}: {e:?}"));
                    assert!(!repaired.mended.is_empty() && repaired.lost.is_empty());
                    assert!(!is_found(world) && is_clean(world), "{name} {at}");
                }
            }
            // Pages that are not in use, and forms that say the same: what comes next is right.
            false => {
                put(world, &world.root(), "next");
                assert!(!is_found(world) && is_clean(world), "{name} {at}");
            }
        }
        restore(&world.root(), &kept);
    }
    assert!(!is_found(world));
    found
}

#[test]
fn f_a_bit_that_flips_anywhere_is_found_and_mended() {
    let world = filled(80, 6);
    let copy = world.backup("copy");
    let mut rng = ChaCha20Rng::seed_from_u64(80);
    assert_eq!(flip(&world, "chain", &copy, &mut rng), 40);
    for (name, least) in [
        ("state.redb", 5),
        ("private.redb", 1),
        ("authority.pem", 40),
        ("peer.pem", 30),
        ("peer.key", 30),
    ] {
        let found = flip(&world, &format!("orgs/HospitalA/{name}"), &copy, &mut rng);
        assert!(found >= least, "{name}: {found}");
    }
}

/// Places that are in use: each key and value, looked for in the file.
#[test]
fn f_a_changed_record_of_a_store_is_found() {
    let world = filled(81, 4);
    let kept = files(&world.root());
    for (name, needle) in [
        ("orgs/HospitalA/state.redb", "sealed 2"),
        ("orgs/HospitalB/state.redb", "k3"),
        ("orgs/HospitalA/private.redb", "sealed 1"),
        ("orgs/HospitalB/private.redb", "sealed 3"),
    ] {
        let path = world.root().join(name);
        let at = memchr::memmem::find(&kept[&path], needle.as_bytes()).unwrap();
        let mut bytes = kept[&path].clone();
        bytes[at] ^= 2;
        std::fs::write(&path, bytes).unwrap();
        // Older versions of a page stay in the file until it is used again.
        assert!(is_found(&world) || is_clean(&world), "{name}");
        restore(&world.root(), &kept);
        let mut bytes = kept[&path].clone();
        let all: Vec<usize> = memchr::memmem::find_iter(&kept[&path], needle.as_bytes()).collect();
        for at in all {
            bytes[at] ^= 2;
        }
        std::fs::write(&path, bytes).unwrap();
        assert!(is_found(&world), "{name}");
        restore(&world.root(), &kept);
    }
}

#[test]
fn f_files_that_are_gone_empty_or_cut_are_found() {
    let world = filled(82, 2);
    let kept = files(&world.root());
    let copy = world.backup("copy");
    for path in kept.keys() {
        let name = path.strip_prefix(world.root()).unwrap().display();
        for change in ["gone", "empty", "half"] {
            match change {
                "gone" => std::fs::remove_file(path).unwrap(),
                "empty" => std::fs::write(path, b"").unwrap(),
                _ => std::fs::write(path, &kept[path][..kept[path].len() / 2]).unwrap(),
            }
            assert!(is_found(&world), "{name} {change}");
            repair(&world, Some(&copy)).unwrap_or_else(|e| panic!("{name} {change}: {e:?}"));
            assert!(!is_found(&world) && is_clean(&world), "{name} {change}");
            restore(&world.root(), &kept);
        }
    }
}

/// Puts what is no file in the place of one.
fn replace(path: &Path, by: &str) {
    let _ = std::fs::remove_file(path);
    match by {
        "a device" => std::os::unix::fs::symlink("/dev/zero", path).unwrap(),
        "a link to itself" => std::os::unix::fs::symlink(path, path).unwrap(),
        "a folder" => std::fs::create_dir(path).unwrap(),
        _ => {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        }
    }
}

#[test]
fn m11_what_is_no_file_is_damage_and_nobody_reads_it_for_ever() {
    let world = filled(87, 1);
    let kept = files(&world.root());
    let copy = world.backup("copy");
    let all = ["a device", "a pipe", "a folder", "a link to itself"];
    let names = ["peer.pem", "peer.key", "authority.pem", "state.redb"];
    let own = names.map(|name| format!("orgs/HospitalA/{name}"));
    for (n, name) in own.iter().map(String::as_str).chain(["chain"]).enumerate() {
        for by in [all[n % 4], all[(n + 2) % 4]] {
            replace(&world.root().join(name), by);
            assert!(is_found(&world), "{name} {by}");
            repair(&world, Some(&copy)).unwrap_or_else(|e| panic!("{name} {by}: {e:?}"));
            assert!(!is_found(&world), "{name} {by}");
            restore(&world.root(), &kept);
        }
    }
    // In the copy as well.
    let key = world.root().join("orgs/HospitalA/peer.key");
    std::fs::remove_file(&key).unwrap();
    for by in all {
        let copy = world.backup(by);
        let key = copy.join("orgs/HospitalA/peer.key");
        replace(&key, by);
        replace(&copy.join("orgs/HospitalA/peer.pem"), by);
        assert!(repair(&world, Some(&copy)).is_err(), "{by}");
    }
}
