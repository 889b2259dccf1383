//! Keys of others: checked once, then mapped, and checked again when anything about them changed.

use medveil_circuits::testing::Factors;
use medveil_prover::{KeyStoreError, ZkeyCache, setup};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

struct World {
    folder: tempfile::TempDir,
    cache: ZkeyCache,
    key: PathBuf,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = ZkeyCache::open(&folder.path().join("cache")).unwrap();
        let key = folder.path().join("key.zkey");
        let (_, made) = setup::<Factors>(&mut ChaCha20Rng::seed_from_u64(1)).unwrap();
        fs::write(&key, made.zkey().bytes()).unwrap();
        World { folder, cache, key }
    }

    /// Whether the key was checked, and that it is the file's.
    fn checked(&self) -> bool {
        let mut told = false;
        let found = self.cache.key(&self.key, || told = true).unwrap();
        assert_eq!(found.is_new, told);
        assert_eq!(found.key.bytes(), fs::read(&self.key).unwrap());
        told
    }

    fn kept(&self, ending: &str) -> Vec<PathBuf> {
        let all = fs::read_dir(self.folder.path().join("cache")).unwrap();
        let all = all.map(|entry| entry.unwrap().path());
        all.filter(|path| path.to_string_lossy().ends_with(ending))
            .collect()
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_foreign_key_is_checked_once() {
    let world = World::new();
    assert!(world.checked());
    assert!(!world.checked());
    assert_eq!(mode(&world.folder.path().join("cache")), 0o700);
    let [kept] = &world.kept(".zkey")[..] else {
        panic!("one key");
    };
    assert_eq!(mode(kept), 0o400);
    // The same bytes under another name are known by their digest.
    let other = world.folder.path().join("other.zkey");
    fs::copy(&world.key, &other).unwrap();
    let found = world.cache.key(&other, || ()).unwrap();
    assert!(!found.is_new);
    assert_eq!(world.kept(".zkey").len(), 1);
}

#[test]
fn a_foreign_key_that_changed_is_checked_again() {
    let world = World::new();
    assert!(world.checked());
    let (_, other) = setup::<Factors>(&mut ChaCha20Rng::seed_from_u64(2)).unwrap();
    fs::write(&world.key, other.zkey().bytes()).unwrap();
    assert!(world.checked());
    assert!(!world.checked());
    assert_eq!(world.kept(".zkey").len(), 2);
}

#[test]
fn a_kept_key_that_changed_is_made_anew() {
    let world = World::new();
    assert!(world.checked());
    let kept = world.kept(".zkey").remove(0);
    let damage = |change: &dyn Fn()| {
        change();
        assert!(
            world.checked(),
            "another file than the one that was checked"
        );
        assert!(!world.checked());
    };
    damage(&|| {
        fs::set_permissions(&kept, fs::Permissions::from_mode(0o600)).unwrap();
        let mut bytes = fs::read(&kept).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&kept, bytes).unwrap();
    });
    damage(&|| fs::remove_file(&kept).unwrap());
    damage(&|| fs::remove_file(world.kept(".entry").remove(0)).unwrap());
    damage(&|| fs::write(world.kept(".entry").remove(0), "none").unwrap());
    // What says which file is which is no more than a hint.
    for seen in world.kept(".seen") {
        fs::write(seen, "none").unwrap();
    }
    assert!(!world.cache.key(&world.key, || ()).unwrap().is_new);
}

#[test]
fn what_is_no_key_is_refused_and_leaves_nothing() {
    let world = World::new();
    let whole = fs::read(&world.key).unwrap();
    let mut off = whole.clone();
    // The last byte of H: the point is not on the curve any more.
    let at = off.len() - 64 - 4 - 12 - 1;
    off[at] ^= 1;
    for bytes in [&whole[..whole.len() - 1], &off, b"zkey"] {
        fs::write(&world.key, bytes).unwrap();
        let refused = world.cache.key(&world.key, || ()).err().unwrap();
        assert!(matches!(refused, KeyStoreError::Format { .. }), "{refused}");
        assert!(world.kept("").is_empty(), "{:?}", world.kept(""));
    }
    let none = world.cache.key(&world.folder.path().join("none"), || ());
    assert!(matches!(none.err().unwrap(), KeyStoreError::Io { .. }));
    let folder = world.cache.key(world.folder.path(), || ());
    assert!(matches!(folder.err().unwrap(), KeyStoreError::Io { .. }));
}
