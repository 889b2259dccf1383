//! What targets share with the generator of their corpus: organisations with keys, secrets, texts.

use medveil_circuits::schema::Schema;
use medveil_contract::testing::sharing;
use medveil_custody::sealing::SealingSecret;
use medveil_custody::{Passphrase, Stretch, Vault};
use medveil_msp::testing::{NOW, ORGS, msp};
use medveil_msp::{Founded, Identity, MspSet, Validity};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

pub use crate::targets::application::{JOIN_FILE, profile};
pub use crate::targets::embedded::sign as sign_embedded;
pub use crate::targets::source::{BUNDLE, CSV_SCHEMA};

/// The schema of the contract's fixture.
pub(crate) static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| Schema::from_json(sharing::SCHEMA).expect("the fixture's schema is valid"));

/// A folder for files of this process.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let process = std::process::id().to_string();
    let folder = std::env::temp_dir()
        .join("medveil-fuzz")
        .join(process)
        .join(name);
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    private(&folder);
    folder
}

/// Makes a folder its owner's alone, as folders of keys and vaults have to be.
pub fn private(folder: &Path) {
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700)).expect("a folder of ours");
}

/// Four organisations, the same in every process.
pub struct Orgs {
    pub founded: Vec<Founded>,
    pub msps: MspSet,
}

/// The organisations of the fixtures.
pub static FOUR: LazyLock<Orgs> = LazyLock::new(|| {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let validity = Validity::years_from(NOW, 10);
    let found = |name: &&str| Founded::new(&msp(name), validity, &mut rng);
    let founded: Vec<Founded> = ORGS
        .iter()
        .map(found)
        .map(|f| f.expect("certificates"))
        .collect();
    let roots = founded
        .iter()
        .map(|f| f.authority.msp().expect("an authority"));
    let msps = MspSet::new(roots.collect::<Vec<_>>()).expect("each organisation once");
    Orgs { founded, msps }
});

impl Orgs {
    /// An organisation's identity by its certificate.
    pub fn identity(&self, certificate: &[u8]) -> Option<&Identity> {
        let all = self
            .founded
            .iter()
            .flat_map(|f| [&f.admin, &f.client, &f.peer]);
        all.into_iter()
            .find(|who| who.creator().certificate == certificate)
    }
}

/// What bodies of the corpus are bound to.
pub const BODY_CONTEXT: &[u8] = b"request 1";
/// Bytes of a wrapped key.
pub const WRAPPED: usize = 80;

/// Who opens bodies.
pub fn sealing_secret() -> SealingSecret {
    SealingSecret::generate(&mut ChaCha20Rng::seed_from_u64(1))
}

/// What the vaults of the corpus are locked with.
pub fn passphrase() -> Passphrase {
    Passphrase::new("correct horse".to_owned()).expect("a passphrase")
}

/// The vault whose secrets are read, in a new folder.
pub fn vault(folder: &Path) -> Vault {
    private(folder);
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    Vault::create(folder, &passphrase(), Stretch::LEAST, rng).expect("a vault")
}
