//! What a repair takes, from where, and what it refuses to take.

use crate::damage::{files, filled, is_clean, is_found, put, repair, restore};
use medveil_embedded::testing::*;
use medveil_embedded::*;
use std::path::Path;

fn said(repaired: &Repaired) -> Vec<String> {
    let said = repaired.mended.iter();
    said.map(|m| format!("{}: {}", m.place, m.what)).collect()
}

/// Changes a byte in the middle of a block of the chain.
fn damage_block(world: &World, root: &Path, number: u64) {
    let mut chain = Chain::open(&world.backup("blocks").join("chain")).unwrap();
    let block = borsh::to_vec(&chain.block(number).unwrap()).unwrap();
    let path = root.join("chain");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = memchr::memmem::find(&bytes, &block).unwrap();
    bytes[at + block.len() / 2] ^= 1;
    std::fs::write(&path, bytes).unwrap();
}

#[test]
fn f_a_sound_ledger_is_left_alone() {
    let world = filled(83, 2);
    let repaired = repair(&world, None).unwrap();
    assert_eq!(said(&repaired), Vec::<String>::new());
    assert_eq!((repaired.height, repaired.lost.len()), (4, 0));
    assert!(!world.root().join("repairs.log").exists() && is_clean(&world));
}

#[test]
fn f_a_block_comes_from_a_copy_and_from_nothing_else() {
    let world = filled(84, 3);
    let copy = world.backup("copy");
    put(&world, &world.root(), "later");
    damage_block(&world, &world.root(), 2);
    let kept = files(&world.root());
    assert!(is_found(&world));
    let refused = repair(&world, None);
    let Err(RepairError::NoSource { part, from: None }) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(part, "block 2");
    assert!(files(&world.root()) == kept);
    // The copy is older and has the block; the newest one is still here.
    let repaired = repair(&world, Some(&copy)).unwrap();
    assert_eq!(repaired.height, 7);
    let from = copy.display().to_string();
    assert_eq!(
        said(&repaired)[0],
        format!("chain: block 2 taken from {from}")
    );
    let log = std::fs::read_to_string(world.root().join("repairs.log")).unwrap();
    assert!(log.contains("block 2 taken from") && log.lines().count() == 2);
    assert!(!is_found(&world) && is_clean(&world));
    let aside = said(&repaired)[1].clone();
    let aside = aside.strip_prefix("chain: chain kept in ").unwrap();
    assert!(std::fs::read(aside).unwrap() == kept[&world.root().join("chain")]);
}

#[test]
fn f_a_copy_that_was_not_signed_here_gives_nothing() {
    let world = filled(85, 3);
    let forked = world.backup("forked");
    put(&world, &world.root(), "here");
    put(&world, &forked, "there");
    put(&world, &forked, "and-there");
    let another = filled(86, 3);
    let other = another.backup("other");
    damage_block(&world, &world.root(), 6);
    let kept = files(&world.root());
    // The same members signed the fork's last block, and another one here.
    for from in [&forked, &other] {
        let refused = repair(&world, Some(from));
        let is_refused = matches!(
            refused,
            Err(RepairError::Foreign { .. } | RepairError::NoSource { .. })
        );
        assert!(is_refused, "{refused:?}");
        assert!(files(&world.root()) == kept);
    }
    assert!(matches!(
        repair(&world, Some(&world.dir.path().join("none"))),
        Err(RepairError::NoCopy(_))
    ));
}

/// The chain file of another ledger: heads say so, and without them authorities.
#[test]
fn f_another_ledger_s_chain_is_not_mended_into_this_one() {
    let world = filled(93, 2);
    let copy = world.backup("copy");
    let another = filled(94, 2);
    let other = another.backup("other");
    let stores = |root: &Path| ORGS.map(|org| root.join(format!("orgs/{org}/state.redb")));
    std::fs::copy(other.join("chain"), world.root().join("chain")).unwrap();
    for without_heads in [false, true] {
        if without_heads {
            for path in stores(&world.root()) {
                std::fs::remove_file(path).unwrap();
            }
        }
        let kept = files(&world.root());
        for from in [None, Some(&*other)] {
            let refused = repair(&world, from).unwrap_err();
            let is_told = matches!(
                refused,
                RepairError::Contradicts { .. } | RepairError::Foreign { .. }
            );
            assert!(is_told, "{refused:?}");
            assert!(files(&world.root()) == kept && !world.root().join("repairs.log").exists());
        }
    }
    for (path, from) in stores(&world.root()).iter().zip(stores(&copy)) {
        std::fs::copy(from, path).unwrap();
    }
    // What is known outside of the folder is heard as well.
    let nobody = |_: &_| Err("not the ledger of this home".into());
    let refused = EmbeddedLedger::repair(&world.root(), Some(&copy), &nobody, world.options());
    assert!(
        matches!(refused, Err(RepairError::Foreign { .. })),
        "{refused:?}"
    );
    assert_eq!(repair(&world, Some(&copy)).unwrap().height, 4);
    assert!(!is_found(&world) && is_clean(&world));
}

#[test]
fn f_without_heads_here_a_majority_of_the_copy_must_vouch() {
    let world = filled(87, 2);
    let copy = world.backup("copy");
    damage_block(&world, &world.root(), 1);
    for org in ORGS {
        std::fs::remove_file(world.root().join(format!("orgs/{org}/state.redb"))).unwrap();
    }
    let (kept, there) = (files(&world.root()), files(&copy));
    let remove = |orgs: &[&str]| {
        for org in orgs {
            std::fs::remove_file(copy.join(format!("orgs/{org}/state.redb"))).unwrap();
        }
    };
    // Two of four are no majority.
    remove(&ORGS[..2]);
    let refused = repair(&world, Some(&copy));
    assert!(
        matches!(refused, Err(RepairError::NoSource { .. })),
        "{refused:?}"
    );
    assert!(files(&world.root()) == kept);
    restore(&copy, &there);
    remove(&ORGS[..1]);
    let repaired = repair(&world, Some(&copy)).unwrap();
    assert_eq!((repaired.height, repaired.lost.len()), (4, 0));
    assert!(!is_found(&world) && is_clean(&world));
}

#[test]
fn f_a_chain_that_is_gone_is_no_reason_to_found_another() {
    let world = filled(88, 2);
    let copy = world.backup("copy");
    std::fs::remove_file(world.root().join("chain")).unwrap();
    assert!(is_found(&world));
    let known = EmbeddedLedger::genesis_at(&world.root());
    assert!(matches!(known, Err(OpenError::Damage(_))));
    let again = EmbeddedLedger::create(&world.root(), &world.genesis, &world.peers());
    assert!(matches!(again, Err(OpenError::Occupied(_))));
    assert!(matches!(
        repair(&world, None),
        Err(RepairError::NoSource { .. })
    ));
    assert_eq!(repair(&world, Some(&copy)).unwrap().height, 4);
    assert!(!is_found(&world) && is_clean(&world));
}

/// Private values: those of a group from the other member, one's own from what is left of the store,
/// and from nowhere when it is gone.
#[test]
fn f_private_values_come_from_where_they_still_are() {
    let world = filled(89, 12);
    let path = world.root().join("orgs/HospitalA/private.redb");
    let copy = world.backup("copy");
    let kept = files(&world.root());
    // Every copy of one value's page.
    let mut bytes = kept[&path].clone();
    for at in memchr::memmem::find_iter(&kept[&path], b"sealed 5") {
        bytes[at] ^= 1;
    }
    std::fs::write(&path, bytes).unwrap();
    assert!(is_found(&world));
    let repaired = repair(&world, None).unwrap();
    assert!(repaired.lost.len() <= 3, "{:?}", repaired.lost);
    assert!(!is_found(&world));
    let ledger = world.open();
    let fetched = |n: usize| {
        let (key, a) = (format!("k{n}"), world.client_of(&ledger, "HospitalA"));
        ask(&a, &["fetch", "_implicit_org_HospitalA", &key])
    };
    assert_eq!(fetched(1).unwrap(), "sealed 1 ".repeat(200).into_bytes());
    drop(ledger);
    restore(&world.root(), &kept);
    // Gone: the four of the group are with the other hospital, eight are on no disk.
    std::fs::remove_file(&path).unwrap();
    assert!(is_found(&world));
    let repaired = repair(&world, None).unwrap();
    assert_eq!(repaired.lost.len(), 8);
    assert!(said(&repaired).contains(&"HospitalA: 4 of 12 private values found".to_owned()));
    assert!(!is_found(&world) && !is_clean(&world));
    // A copy that turns up later still helps.
    let repaired = repair(&world, Some(&copy)).unwrap();
    assert_eq!(repaired.lost, []);
    assert!(!is_found(&world) && is_clean(&world));
}

/// A repair that was killed has put a store aside, and may have begun to make it anew.
#[test]
fn f_a_repair_that_was_killed_goes_on() {
    let world = filled(92, 3);
    let path = world.root().join("orgs/HospitalA/private.redb");
    let aside = world.root().join("damaged/7/orgs/HospitalA");
    std::fs::create_dir_all(&aside).unwrap();
    std::fs::rename(&path, aside.join("private.redb")).unwrap();
    for begun in [false, true] {
        if begun {
            // Made anew, with nothing applied yet.
            std::fs::remove_file(&path).unwrap();
            drop(PrivateStore::open(&path).unwrap());
        }
        assert!(is_found(&world));
        assert_eq!(repair(&world, None).unwrap().lost, []);
        assert!(!is_found(&world) && is_clean(&world));
    }
    // Others were given nothing that they are no members of.
    let private = PrivateStore::look(&world.root().join("orgs/University/private.redb"));
    assert_eq!(private.unwrap().snapshot().unwrap().entries().unwrap(), []);
}

#[test]
fn f_old_copies_of_stores_are_refused_and_catch_up() {
    let world = filled(90, 2);
    let old = world.backup("old");
    put(&world, &world.root(), "one");
    put(&world, &world.root(), "two");
    let kept = files(&world.root());
    for store in ["state.redb", "private.redb"] {
        for org in ORGS {
            let name = format!("orgs/{org}/{store}");
            std::fs::copy(old.join(&name), world.root().join(&name)).unwrap();
            assert!(is_found(&world), "{name}");
            let repaired = repair(&world, None).unwrap();
            assert!(said(&repaired)[0].ends_with("blocks 4 to 5 applied"));
            assert!(repaired.lost.is_empty() && !is_found(&world) && is_clean(&world));
            restore(&world.root(), &kept);
        }
    }
}

#[test]
fn f_a_peer_s_certificate_comes_from_the_chain_and_its_key_from_a_copy() {
    let world = filled(91, 1);
    let copy = world.backup("copy");
    let org = |name: &str| world.root().join("orgs/HospitalA").join(name);
    std::fs::remove_file(org("peer.pem")).unwrap();
    std::fs::remove_file(org("state.redb")).unwrap();
    let repaired = repair(&world, None).unwrap();
    assert!(said(&repaired)[0].contains("peer.pem made anew"));
    assert!(!is_found(&world) && is_clean(&world));
    // Another organisation's key is not this one's.
    std::fs::copy(
        world.root().join("orgs/HospitalB/peer.key"),
        org("peer.key"),
    )
    .unwrap();
    assert!(is_found(&world));
    assert!(matches!(
        repair(&world, None),
        Err(RepairError::NoSource { .. })
    ));
    let repaired = repair(&world, Some(&copy)).unwrap();
    assert!(said(&repaired).iter().any(|s| s.contains("peer.key taken")));
    assert!(!is_found(&world) && is_clean(&world));
}
