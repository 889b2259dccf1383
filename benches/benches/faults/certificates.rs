//! Certificates that end while they are in use, and are renewed: a client's, and the one that a peer
//! shows. The network's own authorities issue them.

use crate::load::Load;
use crate::network::{Network, within};
use crate::visitor::Visitor;
use crate::{inject, org};
use anyhow::{Context, Result, ensure};
use medveil_ledger::{Clock, SystemClock};
use rand_chacha::ChaCha20Rng;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SerialNumber,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The name of an authority or of somebody whom it certified, as Fabric's cryptogen writes it.
fn name(domain: &str, common: &str, unit: Option<&str>) -> Result<DistinguishedName> {
    let mut name = DistinguishedName::new();
    let parts = [
        (DnType::CountryName, "US"),
        (DnType::StateOrProvinceName, "California"),
        (DnType::LocalityName, "San Francisco"),
    ];
    let last = match unit {
        Some(unit) => (DnType::OrganizationalUnitName, unit),
        None => (DnType::OrganizationName, domain),
    };
    for (kind, text) in parts
        .into_iter()
        .chain([last, (DnType::CommonName, common)])
    {
        name.push(kind, DnValue::PrintableString(text.try_into()?));
    }
    Ok(name)
}

/// An authority of the network: `ca` certifies people and peers, `tlsca` what peers show.
struct Authority {
    domain: String,
    params: CertificateParams,
    key: KeyPair,
}

impl Authority {
    fn new(network: &Network, msp: &str, kind: &str) -> Result<Self> {
        let own = match kind {
            "ca" => network.layout().authority(&org(msp)?),
            _ => network.layout().tls_authority(&org(msp)?),
        };
        let domain = format!("{}.medveil", msp.to_lowercase());
        let key = std::fs::read_to_string(own.with_file_name("priv_sk"))?;
        let mut params = CertificateParams::default();
        params.distinguished_name = name(&domain, &format!("{kind}.{domain}"), None)?;
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Ok(Authority {
            domain,
            params,
            key: KeyPair::from_pem(&key)?,
        })
    }

    /// Certifies a key for so long.
    fn certify(&self, key: &KeyPair, unit: &str, hosts: &[&str], life: Duration) -> Result<String> {
        let mut params = CertificateParams::new(
            hosts
                .iter()
                .map(|h| (*h).to_owned())
                .collect::<Vec<String>>(),
        )?;
        let common = format!("{unit}.{}", self.domain);
        params.distinguished_name = name(&self.domain, &common, Some(unit))?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        if !hosts.is_empty() {
            params.extended_key_usages = vec![
                ExtendedKeyUsagePurpose::ServerAuth,
                ExtendedKeyUsagePurpose::ClientAuth,
            ];
        }
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        let now = Duration::from_millis(SystemClock.now_ms());
        params.serial_number = Some(SerialNumber::from(u64::try_from(now.as_nanos())?));
        params.not_before = epoch + (now - Duration::from_secs(300));
        params.not_after = epoch + (now + life);
        let issuer = Issuer::from_params(&self.params, &self.key);
        Ok(params.signed_by(key, &issuer)?.pem())
    }
}

/// How long a certificate of these faults lives.
fn life() -> Duration {
    Duration::from_millis(within(5000..24_000).end)
}

const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// An MSP folder of a new client, who is one for so long.
fn client(network: &Network, msp: &str, life: Duration) -> Result<PathBuf> {
    let key = KeyPair::generate()?;
    let authority = Authority::new(network, msp, "ca")?;
    let certificate = authority.certify(&key, "client", &[], life)?;
    let folder = tempfile::tempdir_in(network.root())?.keep();
    for (place, text) in [
        ("signcerts", certificate),
        ("keystore", key.serialize_pem()),
    ] {
        let place = folder.join(place);
        std::fs::create_dir(&place)?;
        std::fs::write(place.join("one.pem"), text)?;
    }
    Ok(folder)
}

/// A client writes until its certificate ends; then it is refused, joins with a new one and goes on
/// with the same home.
pub fn of_a_client(network: &Network, load: &mut Load, rng: &mut ChaCha20Rng) -> Result<Instant> {
    let msp = inject::org_but(&["University", "EthicsBoard"], rng);
    let life = life();
    let ends = SystemClock.now_ms() + u64::try_from(life.as_millis())?;
    let short = client(network, msp, life)?;
    let mut visitor = Visitor::new(network, msp, Some(&short))?;
    let clock = || Arc::new(SystemClock);
    let mut number = 0;
    // A certificate's end is of whole seconds.
    while SystemClock.now_ms() + 1500 < ends {
        let refused = visitor.write(number, clock())?.err();
        if let Some(kind) = refused {
            // One that was long on its way met the end.
            let in_time = SystemClock.now_ms() + 1000 < ends;
            ensure!(!in_time, "before the certificate's end: {kind:?}");
            break;
        }
        number += 1;
    }
    while SystemClock.now_ms() < ends + 1500 {
        std::thread::sleep(Duration::from_millis(100));
    }
    let kind = visitor.is_refused(number, clock(), "after the certificate's end")?;
    eprintln!("  a client of {msp}: {number} writes, then {kind:?}");
    ensure!(number > 0, "no write was in time");
    let ended = Instant::now();
    visitor.join(Some(&client(network, msp, YEAR)?))?;
    visitor.writes(number, clock(), "with a new certificate")?;
    load.also(msp, visitor.acknowledged);
    Ok(ended)
}

/// What a peer shows ends: who is connected goes on or comes back when it is renewed.
pub fn of_a_peer(network: &Network, load: &mut Load, rng: &mut ChaCha20Rng) -> Result<Instant> {
    let msp = inject::any_org(rng);
    let tls = network.layout().host(&org(msp)?, "peer0").join("tls");
    let (shown, key) = (tls.join("server.crt"), tls.join("server.key"));
    let before = std::fs::read(&shown)?;
    let authority = Authority::new(network, msp, "tlsca")?;
    let key = KeyPair::from_pem(&std::fs::read_to_string(key)?)?;
    // It is to be up for a while before that.
    let life = life() + Duration::from_secs(10);
    let short = authority.certify(&key, "peer", &["localhost", "127.0.0.1"], life)?;
    let ends = SystemClock.now_ms() + u64::try_from(life.as_millis())?;
    show(network, msp, &shown, short.as_bytes())?;
    let in_time = load.goes_on();
    while SystemClock.now_ms() < ends + 1500 {
        std::thread::sleep(Duration::from_millis(100));
    }
    // A client that connects now sees what has ended.
    load.kill(network, msp)?;
    let total = load.total(msp);
    std::thread::sleep(Duration::from_secs(3));
    let through = load.total(msp) - total;
    eprintln!("  peer of {msp} with a certificate that ended: {through} writes of its clients");
    let ended = Instant::now();
    show(network, msp, &shown, &before)?;
    in_time.context("before the certificate's end")?;
    ensure!(through == 0, "a client took a certificate that had ended");
    Ok(ended)
}

/// A peer shows another certificate from now on.
fn show(network: &Network, msp: &str, place: &Path, certificate: &[u8]) -> Result<()> {
    std::fs::write(place, certificate)?;
    network.kill(&format!("peer-{msp}"))?;
    network.restart()
}
