//! Founding a consortium: files, organisations, ledger, Bootstrap; and the trust file for
//! outsiders.

use crate::backend::Clock;
use crate::backend::embedded::{EmbeddedLedger, Genesis};
use crate::backend::fabric::Profile;
use crate::bundle::trust::{LedgerKind, Trust, TrustParts};
use crate::channel::Private;
use crate::custody::{secret_dir, write_file};
use crate::desk::{CHAINCODE, Desk};
use crate::error::{Context, GatewayError};
use crate::home::{Actor, Home};
use crate::msp::{Certificate, Founded, Identity, Msp, Validity};
use crate::office::Offices;
use crate::output::Step;
use circuits::field::Digest;
use collections_config::{CollectionsConfig, Consortium, MspId, Role, SharingGroups};
use rand::{CryptoRng, RngCore};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use verifier_chaincode::call::{Bootstrap, Call, Parties};

/// Name of the channel of an embedded ledger.
pub const CHANNEL: &str = "medveil-channel";
const TEMPLATE: &str = include_str!("../../data/quickstart/consortium.json");
const TEMPLATE_GROUPS: &str = include_str!("../../data/quickstart/sharing-groups.json");
/// **Units**: years.
const CERTIFICATE_YEARS: u32 = 10;

fn text(path: &Path) -> Result<String, GatewayError> {
    std::fs::read_to_string(path)
        .map_err(|e| GatewayError::not_found("consortium", format!("{}: {e}", path.display())))
}

/// The files of a consortium, checked: from paths, or from the template with a fresh nonce.
///
/// **Errors**: every problem of each file.
pub fn files(
    consortium: Option<&Path>,
    groups: Option<&Path>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(Consortium, String, CollectionsConfig), GatewayError> {
    let consortium_text = match consortium {
        Some(path) => text(path)?,
        None => {
            let mut nonce = [0u8; 16];
            rng.fill_bytes(&mut nonce);
            TEMPLATE.replace("@NONCE@", &hex::encode(nonce))
        }
    };
    let consortium_file = Consortium::from_json(&consortium_text).input("consortium")?;
    let groups_text = match (groups, consortium) {
        (Some(path), _) => text(path)?,
        (None, None) => TEMPLATE_GROUPS.to_owned(),
        (None, Some(_)) => {
            return Err(GatewayError::input(
                "sharing groups",
                "a consortium file needs a sharing-groups file: give --groups FILE",
            ));
        }
    };
    let groups =
        SharingGroups::from_json(&groups_text, &consortium_file).input("sharing groups")?;
    let collections = CollectionsConfig::derive(&consortium_file, &groups).input("collections")?;
    Ok((consortium_file, groups_text, collections))
}

/// Makes everything but the Bootstrap: the consortium file is written last, because it says that
/// all is there.
///
/// **Errors**: there is a consortium already; the file system refused.
pub fn found(
    home: &Home,
    offices: &Offices,
    files: &(Consortium, String, CollectionsConfig),
    clock: &dyn Clock,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), GatewayError> {
    if home.exists() {
        return Err(GatewayError::input(
            "consortium",
            format!("{} holds a consortium already", home.root().display()),
        ));
    }
    let (consortium, groups, collections) = files;
    secret_dir(home.root())?;
    let validity = Validity::years_from(clock.now_ms(), CERTIFICATE_YEARS);
    let (mut msps, mut peers) = (Vec::new(), Vec::new());
    for member in consortium.members() {
        let founded = Founded::new(&member.msp_id, validity, rng).internal("certificates")?;
        keep(home, offices, &member.msp_id, &founded, rng)?;
        msps.push(founded.authority.msp().internal("certificates")?);
        peers.push(founded.peer);
    }
    let genesis = Genesis::new(CHANNEL, CHAINCODE, consortium, collections, msps);
    EmbeddedLedger::create(&home.ledger(), &genesis, &peers).internal("ledger")?;
    write_file(&home.groups(), groups.as_bytes())?;
    write_file(&home.collections(), collections.to_json().as_bytes())?;
    Ok(write_file(&home.consortium(), &consortium.to_canonical())?)
}

/// Certificates in the open, keys in the organisation's vault.
fn keep(
    home: &Home,
    offices: &Offices,
    org: &MspId,
    founded: &Founded,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), GatewayError> {
    let vault = offices.open_or_create(&Actor::organisation(org.clone()), rng)?;
    secret_dir(&home.root().join("msp"))?;
    secret_dir(&home.root().join("msp").join(org.as_str()))?;
    vault.put("msp-ca", founded.authority.key().to_bytes().as_slice(), rng)?;
    write_file(
        &home.authority(org),
        founded.authority.certificate().to_pem().as_bytes(),
    )?;
    for (role, identity) in [
        (Role::Admin, &founded.admin),
        (Role::Client, &founded.client),
    ] {
        vault.put(
            &format!("msp-{}", role.as_str()),
            identity.export_key().internal("identity")?.as_slice(),
            rng,
        )?;
        write_file(&home.certificate(org, role), pem(identity)?.as_bytes())?;
    }
    Ok(())
}

fn pem(identity: &Identity) -> Result<String, GatewayError> {
    let certificate =
        Certificate::from_der(&identity.creator().certificate).internal("certificates")?;
    Ok(certificate.to_pem())
}

/// Writes the consortium onto its ledger, once.
///
/// **Errors**: the contract refuses.
pub fn bootstrap(desk: &Desk) -> Result<Step, GatewayError> {
    let bytes = desk.consortium.to_canonical();
    let first = desk.consortium.members().first().map(|m| m.msp_id.clone());
    let first = first.ok_or_else(|| GatewayError::input("consortium", "no members"))?;
    let committed = desk.submit(
        &first,
        &Call::Bootstrap(Bootstrap { consortium: bytes }),
        Private::default(),
        &Parties::default(),
    )?;
    let names: Vec<String> = desk
        .consortium
        .members()
        .iter()
        .map(|m| format!("{} ({})", m.name, m.msp_id))
        .collect();
    Ok(Step::new("consortium.init")
        .line(format!("consortium of {}", names.join(", ")))
        .line("  each organisation has its own authority, keys, peer and private store")
        .field("members", names)
        .field("tx_id", committed.tx_id)
        .field("block", committed.block))
}

/// Writes the trust file: what an outsider needs, out of band, to verify bundles. Keys are those
/// that the organisation's own peer calls active.
///
/// **Errors**: the ledger cannot be read; the file system refused.
pub fn trust(desk: &Desk, org: &MspId, out: &Path) -> Result<Step, GatewayError> {
    let trust = trust_of(desk, org)?;
    write_file(out, trust.to_json().as_bytes())?;
    let fingerprint = trust.fingerprint();
    Ok(Step::new("consortium.trust")
        .line(format!(
            "trust file of {}: {}",
            desk.consortium.name(),
            out.display()
        ))
        .line(format!(
            "  fingerprint {fingerprint}: compare it over another way than the file came"
        ))
        .field("trust", out.display().to_string())
        .field("fingerprint", fingerprint.to_hex())
        .field("consortium", trust.consortium_id().to_string()))
}

/// The trust file of this home's consortium.
///
/// **Errors**: a certificate cannot be read; the ledger cannot be read.
pub fn trust_of(desk: &Desk, org: &MspId) -> Result<Trust, GatewayError> {
    let mut roots = Vec::new();
    for member in desk.consortium.members() {
        let pem = text(&desk.home.authority(&member.msp_id))?;
        roots.push(Msp::from_pem(member.msp_id.clone(), &pem).input("trust file")?);
    }
    let (ledger, channel, chaincode, genesis) = place(desk, &roots)?;
    let mut circuits: BTreeMap<String, BTreeSet<Digest>> = BTreeMap::new();
    for circuit in desk
        .circuits(org)?
        .into_iter()
        .filter(|c| c.standing == "active")
    {
        circuits
            .entry(circuit.circuit)
            .or_default()
            .insert(circuit.key);
    }
    Trust::new(TrustParts {
        ledger,
        channel: &channel,
        chaincode: &chaincode,
        consortium: &desk.consortium,
        genesis,
        roots: &roots,
        circuits,
    })
}

/// Which ledger, channel and chaincode this home works on, and the digest of its first block.
fn place(desk: &Desk, roots: &[Msp]) -> Result<(LedgerKind, String, String, Digest), GatewayError> {
    if desk.home.fabric().is_file() {
        let profile = Profile::read(&desk.home.fabric())?;
        let genesis = Digest::from_hex(&profile.genesis).input("fabric profile")?;
        return Ok((
            LedgerKind::Fabric,
            profile.channel,
            profile.chaincode,
            genesis,
        ));
    }
    let genesis = Genesis::new(
        CHANNEL,
        CHAINCODE,
        &desk.consortium,
        &desk.collections,
        roots.to_vec(),
    );
    Ok((
        LedgerKind::Embedded,
        CHANNEL.to_owned(),
        CHAINCODE.to_owned(),
        Digest::of(&genesis.to_bytes()),
    ))
}
