//! Modes, atomic writes, vaults: each defence broken once.

use super::*;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(7)
}
fn phrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).unwrap()
}
fn vault(dir: &Path) -> Vault {
    if dir.exists() {
        set_mode(dir, 0o700);
    }
    Vault::create(dir, &phrase("correct horse"), Stretch::LEAST, &mut rng()).unwrap()
}
fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn p7_secret_files_are_0600_and_wider_modes_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    write_secret_file(&path, b"secret").unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(read_secret_file(&path, 6).unwrap().as_slice(), b"secret");
    for wide in [0o640, 0o604, 0o644, 0o660, 0o610, 0o601, 0o666] {
        set_mode(&path, wide);
        assert!(
            matches!(read_secret_file(&path, 100), Err(CustodyError::Mode { mode, .. }) if mode == wide)
        );
    }
    set_mode(&path, 0o400);
    assert!(read_secret_file(&path, 100).is_ok());
    assert!(matches!(
        read_secret_file(&path, 5),
        Err(CustodyError::TooLong { .. })
    ));
    assert!(matches!(
        read_secret_file(dir.path(), 5),
        Err(CustodyError::NotAFile(_) | CustodyError::Mode { .. })
    ));
    assert!(read_secret_file(&dir.path().join("none"), 5).is_err_and(|e| e.is_not_found()));
}

#[test]
fn p7_a_secret_folder_that_others_enter_is_refused_with_advice_that_works() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("a/b");
    secret_dir(&inner).unwrap();
    assert_eq!((mode(&dir.path().join("a")), mode(&inner)), (0o700, 0o700));
    for wide in [0o777, 0o755, 0o750, 0o710, 0o702] {
        set_mode(&inner, wide);
        let refused = secret_dir(&inner).unwrap_err();
        assert!(matches!(refused, CustodyError::FolderMode { mode, .. } if mode == wide));
        assert!(refused.to_string().ends_with("(chmod 700)"), "{refused}");
        set_mode(&inner, 0o700);
        secret_dir(&inner).unwrap();
    }
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    assert!(matches!(
        secret_dir(&file),
        Err(CustodyError::NotAFolder(_))
    ));
}

/// The mask is the process's, so a process of its own makes the folders.
#[test]
fn p7_new_folders_are_their_owners_whatever_the_mask() {
    const PLACE: &str = "MEDVEIL_TEST_FOLDER";
    if let Some(place) = std::env::var_os(PLACE) {
        return secret_dir(Path::new(&place)).unwrap();
    }
    for mask in ["0000", "0022", "0277", "0777"] {
        let dir = tempfile::tempdir().unwrap();
        let name = "p7_new_folders_are_their_owners_whatever_the_mask";
        let status = std::process::Command::new("sh")
            .args([
                "-c",
                &format!("umask {mask}; exec \"$0\" --exact tests::{name}"),
            ])
            .arg(std::env::current_exe().unwrap())
            .env(PLACE, dir.path().join("a/b"))
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "mask {mask}");
        for made in ["a", "a/b"] {
            assert_eq!(mode(&dir.path().join(made)), 0o700, "mask {mask}, {made}");
        }
    }
}

/// Shorter than what `read_to_end` reads into a buffer of its own, and longer.
#[test]
fn secrets_of_any_length_are_read_whole_into_room_for_them_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    for len in [0, 1, 31, 32, 33, 4096, 100_000] {
        let secret: Vec<u8> = (0..len).map(|i| i as u8).collect();
        write_secret_file(&path, &secret).unwrap();
        let read = read_secret_file(&path, 100_000).unwrap();
        assert_eq!((read.as_slice(), read.capacity()), (&secret[..], len + 1));
    }
}

#[test]
fn p7_a_process_that_forbids_dumps_has_none() {
    const CHILD: &str = "MEDVEIL_TEST_DUMPS";
    if std::env::var_os(CHILD).is_some() {
        forbid_dumps().unwrap();
        // A dump is asked for; the parent looks for it.
        std::process::abort();
    }
    let dir = tempfile::tempdir().unwrap();
    let name = "p7_a_process_that_forbids_dumps_has_none";
    let output = std::process::Command::new("sh")
        .args([
            "-c",
            &format!("ulimit -c unlimited; exec \"$0\" --exact tests::{name}"),
        ])
        .arg(std::env::current_exe().unwrap())
        .current_dir(dir.path())
        .env(CHILD, "1")
        .output()
        .unwrap();
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(output.status.signal(), Some(6));
    assert!(
        !output.status.core_dumped(),
        "the system says that it dumped"
    );
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn writes_replace_as_a_whole_and_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    create_secret_file(&path, b"one").unwrap();
    assert!(matches!(
        create_secret_file(&path, b"two"),
        Err(CustodyError::Exists(_))
    ));
    write_secret_file(&path, b"three").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"three");
    write_file(&dir.path().join("open"), b"x").unwrap();
    assert_eq!(mode(&dir.path().join("open")), 0o644);
    assert!(write_secret_file(&dir.path().join("no/where"), b"x").is_err());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn vault_keeps_secrets_and_changes_its_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("v");
    assert!(!Vault::exists(&home));
    let open = vault(&home);
    open.put("holder-master", b"secret bytes", &mut rng())
        .unwrap();
    open.create_secret("b.1", b"other", &mut rng()).unwrap();
    assert!(matches!(
        open.create_secret("b.1", b"again", &mut rng()),
        Err(CustodyError::Exists(_))
    ));
    assert_eq!(open.names().unwrap(), ["b.1", "holder-master"]);
    assert!(Vault::exists(&home) && open.has("b.1") && !open.has("c"));
    open.change_passphrase(&phrase("battery staple"), Stretch::LEAST, &mut rng())
        .unwrap();
    assert!(matches!(
        Vault::open(&home, &phrase("correct horse")),
        Err(CustodyError::Locked(_))
    ));
    let again = Vault::open(&home, &phrase("battery staple")).unwrap();
    assert_eq!(
        again.get("holder-master").unwrap().as_slice(),
        b"secret bytes"
    );
    again.remove("b.1").unwrap();
    assert!(again.get("b.1").is_err_and(|e| e.is_not_found()));
    assert!(matches!(
        Vault::create(&home, &phrase("correct horse"), Stretch::LEAST, &mut rng()),
        Err(CustodyError::Exists(_))
    ));
}

#[test]
fn p7_every_changed_byte_of_a_secret_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let open = vault(dir.path());
    open.put("a", b"0123456789", &mut rng()).unwrap();
    let path = dir.path().join("a.secret");
    let good = fs::read(&path).unwrap();
    assert!(!good.windows(10).any(|w| w == b"0123456789"));
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        write_secret_file(&path, &bad).unwrap();
        assert!(open.get("a").is_err(), "byte {at}");
        write_secret_file(&path, &good[..at]).unwrap();
        assert!(open.get("a").is_err(), "cut at {at}");
    }
}

#[test]
fn p7_renamed_and_foreign_secrets_do_not_open() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("1"), dir.path().join("2"));
    let (first, mut other_rng) = (vault(&one), ChaCha20Rng::seed_from_u64(8));
    let second = Vault::create(
        &two,
        &phrase("correct horse"),
        Stretch::LEAST,
        &mut other_rng,
    )
    .unwrap();
    first.put("a", b"x", &mut rng()).unwrap();
    fs::rename(one.join("a.secret"), one.join("b.secret")).unwrap();
    assert!(matches!(first.get("b"), Err(CustodyError::Changed(_))));
    fs::rename(one.join("b.secret"), two.join("a.secret")).unwrap();
    assert!(matches!(second.get("a"), Err(CustodyError::Changed(_))));
}

#[test]
fn b5_changed_vault_files_are_refused_before_they_cost_anything() {
    let dir = tempfile::tempdir().unwrap();
    let _ = vault(dir.path());
    let path = dir.path().join("vault.json");
    let good = String::from_utf8(fs::read(&path).unwrap()).unwrap();
    let cases = [
        good.replace("8192", "4294967295"),
        good.replace("8192", "8"),
        good.replace("medveil-vault-1", "medveil-vault-2"),
        good.replace("\"salt\": \"", "\"salt\": \"00"),
        good.replace("\"format\"", "\"extra\": 1, \"format\""),
        good[..good.len() / 2].to_owned(),
        String::new(),
    ];
    for bad in cases {
        write_secret_file(&path, bad.as_bytes()).unwrap();
        assert!(
            matches!(
                Vault::open(dir.path(), &phrase("correct horse")),
                Err(CustodyError::Format { .. })
            ),
            "{bad}"
        );
    }
    let stronger = good.replace("\"passes\": 1", "\"passes\": 2");
    write_secret_file(&path, stronger.as_bytes()).unwrap();
    assert!(matches!(
        Vault::open(dir.path(), &phrase("correct horse")),
        Err(CustodyError::Locked(_))
    ));
}

#[test]
fn names_that_are_paths_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let open = vault(dir.path());
    for bad in ["", "../a", "a/b", ".a", "A", "a b", "ä", &"x".repeat(65)] {
        assert!(
            matches!(open.put(bad, b"x", &mut rng()), Err(CustodyError::Name)),
            "{bad}"
        );
    }
}

#[test]
fn passphrases_come_from_private_files_and_variables() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("phrase");
    let file = PassphraseSource::File(path.clone());
    write_secret_file(&path, b"correct horse\r\nsecond line\n").unwrap();
    assert_eq!(file.get("x").unwrap().as_bytes(), b"correct horse");
    write_secret_file(&path, b"short").unwrap();
    assert!(matches!(
        file.get_new("x"),
        Err(CustodyError::Passphrase(_))
    ));
    for bad in [b"\nx".as_slice(), b"", b"\xff\xfe"] {
        write_secret_file(&path, bad).unwrap();
        assert!(file.get("x").is_err());
    }
    set_mode(&path, 0o644);
    assert!(matches!(file.get("x"), Err(CustodyError::Mode { .. })));
    let nowhere = PassphraseSource::File("nowhere".into());
    let error = nowhere.get("x").err().unwrap();
    assert_eq!(error.to_string(), "passphrase file nowhere");
    assert!(error.is_not_found());
    assert!(
        PassphraseSource::Env("MEDVEIL_TEST_NO_SUCH_VARIABLE".to_owned())
            .get("x")
            .is_err()
    );
    assert!(PassphraseSource::Env("PATH".to_owned()).get("x").is_ok());
    assert!(matches!(
        Passphrase::new("x".repeat(1025)),
        Err(CustodyError::Passphrase(_))
    ));
}

/// Does not compile when one of the types can be printed: then two implementations fit and the call
/// is ambiguous.
macro_rules! assert_no_debug {
    ($($secret:ty),*) => {$(
        const _: fn() = || {
            trait Printable<Which> { fn check() {} }
            impl<T: ?Sized> Printable<()> for T {}
            struct IsDebug;
            impl<T: ?Sized + std::fmt::Debug> Printable<IsDebug> for T {}
            let _ = <$secret as Printable<_>>::check;
        };
    )*};
}

assert_no_debug!(
    Passphrase,
    Vault,
    crate::sealing::SealingSecret,
    crate::sealing::BodyKey,
    medveil_source::PseudonymKey,
    medveil_source::Row,
    medveil_source::KeptRows,
    medveil_source::Cohort
);

#[test]
fn f_a_file_in_parts_has_its_name_when_it_is_whole() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let (part, name) = (dir.path().join("part"), dir.path().join("name"));
    write_secret_file(&name, b"old").unwrap();
    let mut parts = SecretParts::begin(&part).unwrap();
    parts.append(b"left by").unwrap();
    // A process that stops here leaves the old one, and its part to the next.
    drop(parts);
    assert_eq!(fs::read(&name).unwrap(), b"old");
    let mut parts = SecretParts::begin(&part).unwrap();
    parts.append(b"new ").unwrap();
    parts.append(b"one").unwrap();
    parts.finish(&name).unwrap();
    assert_eq!(&read_secret_file(&name, 100).unwrap()[..], b"new one");
    assert_eq!(
        fs::metadata(&name).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(!part.exists());

    std::os::unix::fs::symlink(&name, &part).unwrap();
    for taken in [part.as_path(), dir.path()] {
        let refused = SecretParts::begin(taken).err();
        assert!(matches!(refused, Some(CustodyError::NotAFile(_))));
    }
    assert_eq!(fs::read(&name).unwrap(), b"new one");
}

#[test]
fn f_a_file_is_written_behind_links_and_in_place_of_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let (file, link) = (dir.path().join("file"), dir.path().join("link"));
    write_file(&file, b"old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    write_file(&link, b"new").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    for taken in [dir.path(), Path::new("/dev/null")] {
        let refused = write_file(taken, b"x");
        assert!(
            matches!(refused, Err(CustodyError::NotAFile(_))),
            "{refused:?}"
        );
    }
    let nowhere = dir.path().join("no-folder/file");
    let refused = write_file(&nowhere, b"x").unwrap_err();
    assert!(refused.is_not_found() && refused.to_string().ends_with("no-folder"));
}
