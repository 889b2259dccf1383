//! Founding, step by step: each step may have been done by a run that was interrupted, and what is
//! done is read from the disk and the ledger.
//!
//! Identities come first, then the ledger that knows them, then the home's own files, the consortium
//! file last, because it says that all is there. Before there is a ledger nobody knows the
//! identities, so that a new run makes new ones; once there is one, they stay.

use super::{CERTIFICATE_YEARS, CHANNEL, ConsortiumError, ConsortiumFiles, FilesError, pem};
use crate::actor::Actor;
use crate::home::Home;
use crate::infile;
use crate::keyring::Keyring;
use crate::modes;
use crate::outfile;
use crate::session::{CHAINCODE, agreed};
use crate::startup;
use medveil_collections_config::{Consortium, MspId, Role};
use medveil_custody::{secret_dir, write_file};
use medveil_embedded::EmbeddedLedger;
use medveil_embedded_wire::Genesis;
use medveil_ledger::Clock;
use medveil_msp::{Founded, Validity};
use rand::{CryptoRng, RngCore};

/// The consortium that a home has, or that an interrupted run was founding in it.
///
/// **Errors**: the home's file or its ledger is damaged.
pub(super) fn begun(home: &Home) -> Result<Option<Consortium>, ConsortiumError> {
    let bytes = match EmbeddedLedger::genesis_at(&home.ledger())? {
        Some(genesis) => {
            agreed::check_with(home, &genesis)?;
            Some(genesis.consortium)
        }
        None if home.exists() => {
            let path = home.consortium();
            let read = infile::bytes(&path, infile::LONGEST_TEXT);
            Some(read.map_err(|source| FilesError::File { path, source })?)
        }
        None => None,
    };
    let read = |bytes: Vec<u8>| Consortium::from_canonical(&bytes);
    let consortium = bytes.map(read).transpose();
    Ok(consortium.map_err(FilesError::Consortium)?)
}

/// Makes everything but the Bootstrap, as far as it is not there.
///
/// **Errors**: there is another consortium already; the file system refused.
pub fn found(
    home: &Home,
    keyring: &Keyring,
    files: &ConsortiumFiles,
    clock: &dyn Clock,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), ConsortiumError> {
    let ConsortiumFiles {
        consortium,
        groups,
        collections,
    } = files;
    let other = || ConsortiumError::Exists(home.root().to_owned());
    if home.fabric().is_file() {
        return Err(other());
    }
    secret_dir(home.root())?;
    modes::check(home)?;
    outfile::sweep(home);
    match EmbeddedLedger::genesis_at(&home.ledger())? {
        Some(genesis) => {
            let is_it = genesis.consortium == consortium.to_canonical()
                && genesis.collections == collections.to_canonical();
            if !is_it {
                return Err(other());
            }
        }
        None if home.exists() => {
            return Err(startup::check_ledger(home)
                .err()
                .map_or_else(other, Into::into));
        }
        None => ledger(home, keyring, files, clock, rng)?,
    }
    if home.exists() {
        return Ok(());
    }
    write_file(&home.groups(), groups.as_bytes())?;
    write_file(&home.collections(), collections.to_json().as_bytes())?;
    Ok(write_file(&home.consortium(), &consortium.to_canonical())?)
}

/// Identities, and the ledger that knows them.
fn ledger(
    home: &Home,
    keyring: &Keyring,
    files: &ConsortiumFiles,
    clock: &dyn Clock,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), ConsortiumError> {
    let validity = Validity::years_from(clock.now_ms(), CERTIFICATE_YEARS);
    let (mut msps, mut peers) = (Vec::new(), Vec::new());
    for member in files.consortium.members() {
        let founded = Founded::new(&member.msp_id, validity, rng)?;
        keep(home, keyring, &member.msp_id, &founded, rng)?;
        msps.push(founded.authority.msp()?);
        peers.push(founded.peer);
    }
    let (consortium, collections) = (&files.consortium, &files.collections);
    let genesis = Genesis::new(CHANNEL, CHAINCODE, consortium, collections, msps);
    Ok(EmbeddedLedger::create(&home.ledger(), &genesis, &peers)?)
}

/// Certificates in the open, keys in the organisation's vault.
fn keep(
    home: &Home,
    keyring: &Keyring,
    org: &MspId,
    founded: &Founded,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), ConsortiumError> {
    let vault = keyring.open_or_create(&Actor::organisation(org.clone()), rng)?;
    secret_dir(&home.root().join("msp"))?;
    secret_dir(&home.root().join("msp").join(org.as_str()))?;
    vault.put("msp-ca", &founded.authority.key().to_bytes(), rng)?;
    let authority = founded.authority.certificate().to_pem();
    write_file(&home.authority(org), authority.as_bytes())?;
    let identities = [
        (Role::Admin, &founded.admin),
        (Role::Client, &founded.client),
    ];
    for (role, identity) in identities {
        let name = format!("msp-{}", role.as_str());
        vault.put(&name, &identity.export_key()?, rng)?;
        write_file(&home.certificate(org, role), pem(identity)?.as_bytes())?;
    }
    Ok(())
}
