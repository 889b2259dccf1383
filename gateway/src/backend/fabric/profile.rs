//! Where an organisation's peers are and how to know them: the part of a home that makes it a
//! Fabric client.

use crate::custody::{read_secret_file, secret_dir, write_secret_file};
use crate::error::{Context, GatewayError};
use collections_config::MspId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The value of `format`.
pub const FORMAT: &str = "medveil-fabric-1";
const STAGE: &str = "fabric profile";
/// Longest private key of a TLS certificate.
///
/// **Units**: bytes.
const MAX_TLS_KEY: u64 = 64 * 1024;

/// The organisations that this home acts for, and their peers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    format: String,
    /// Channel name.
    pub channel: String,
    /// Name of the contract on the channel.
    pub chaincode: String,
    /// Hash of the header of the channel's first block, in hex: says which network this is.
    pub genesis: String,
    /// Organisations that act here.
    pub organisations: Vec<OrgPeers>,
}

/// One organisation's peers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrgPeers {
    /// The organisation.
    pub msp_id: String,
    /// Its peers; the first that answers is used.
    pub peers: Vec<PeerEndpoint>,
    /// The authorities of their TLS certificates, PEM.
    pub tls_authority: String,
    /// What the client shows them, where they ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client: Option<TlsClient>,
}

/// A client's TLS certificate and its key. The profile names the certificate; the key lies beside
/// it in a file of its own, mode 0600 and without a passphrase, like a peer's: it opens connections
/// and signs nothing that a ledger records.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsClient {
    certificate: String,
    #[serde(skip)]
    key: Zeroizing<String>,
    /// The first certificate, DER.
    #[serde(skip)]
    der: Vec<u8>,
}

/// Never the key.
impl fmt::Debug for TlsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsClient")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

impl TlsClient {
    /// Joins a certificate (PEM, with the authorities below it that the peer does not know) and its
    /// key (PEM).
    ///
    /// **Errors**: no certificate in PEM. Whether the key fits is for the caller to know.
    pub fn new(certificate: String, key: Zeroizing<String>) -> Result<Self, GatewayError> {
        let block = x509_parser::pem::parse_x509_pem(certificate.as_bytes())
            .ok()
            .filter(|(_, block)| block.label == "CERTIFICATE");
        let (_, block) = block.ok_or_else(|| {
            GatewayError::input(STAGE, "expected a client's TLS certificate in PEM")
        })?;
        Ok(TlsClient {
            certificate,
            key,
            der: block.contents,
        })
    }

    /// The certificate, PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The certificate, DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The key, PEM.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// SHA-256 of the certificate: what the channel header of a request to a peer that asks for
    /// certificates binds it to (`tls_cert_hash`).
    pub fn certificate_hash(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }
}

impl OrgPeers {
    /// Where the home whose profile lies at `profile` keeps the key of this organisation's TLS
    /// certificate.
    fn tls_key(&self, profile: &Path) -> PathBuf {
        profile
            .with_file_name("msp")
            .join(&self.msp_id)
            .join("tls-client.key")
    }

    /// Puts the key of its TLS certificate beside the profile, where it has one.
    ///
    /// **Errors**: the file system refused.
    pub fn keep_tls_key(&self, profile: &Path) -> Result<(), GatewayError> {
        let Some(client) = &self.tls_client else {
            return Ok(());
        };
        let path = self.tls_key(profile);
        secret_dir(path.parent().unwrap_or(profile))?;
        Ok(write_secret_file(&path, client.key.as_bytes())?)
    }

    fn with_tls_key(mut self, profile: &Path) -> Result<Self, GatewayError> {
        // The name becomes part of a path, and the profile is a file that people may edit.
        MspId::new(&*self.msp_id).input(STAGE)?;
        if let Some(client) = self.tls_client.take() {
            let bytes = read_secret_file(&self.tls_key(profile), MAX_TLS_KEY)?;
            let key = std::str::from_utf8(&bytes)
                .map_err(|_| GatewayError::input(STAGE, "expected a key in PEM"))?;
            self.tls_client = Some(TlsClient::new(
                client.certificate,
                Zeroizing::new(key.to_owned()),
            )?);
        }
        Ok(self)
    }
}

/// Where one peer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerEndpoint {
    /// `host:port`.
    pub address: String,
    /// The name in its TLS certificate, where that is not the host of the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_name: Option<String>,
}

impl Profile {
    /// A profile of no organisation yet.
    pub fn new(channel: &str, chaincode: &str, genesis: &str) -> Self {
        let text = str::to_owned;
        Profile {
            format: text(FORMAT),
            channel: text(channel),
            chaincode: text(chaincode),
            genesis: text(genesis),
            organisations: Vec::new(),
        }
    }

    /// Adds an organisation, or replaces what is known of it.
    pub fn put(&mut self, org: OrgPeers) {
        self.organisations.retain(|o| o.msp_id != org.msp_id);
        self.organisations.push(org);
    }

    /// An organisation's peers.
    pub fn org(&self, msp_id: &MspId) -> Option<&OrgPeers> {
        self.organisations
            .iter()
            .find(|o| o.msp_id == msp_id.as_str())
    }

    /// Reads a profile, and the keys of the TLS certificates that it names.
    ///
    /// **Errors**: no such file, or another format; a key that is missing or that others can read.
    pub fn read(path: &Path) -> Result<Self, GatewayError> {
        let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let text =
            std::fs::read_to_string(path).map_err(|e| GatewayError::not_found(STAGE, at(&e)))?;
        let mut profile: Profile =
            serde_json::from_str(&text).map_err(|e| GatewayError::input(STAGE, at(&e)))?;
        if profile.format != FORMAT {
            return Err(GatewayError::input(
                STAGE,
                at(&format!("expected format {FORMAT}")),
            ));
        }
        profile.organisations = profile
            .organisations
            .into_iter()
            .map(|org| org.with_tls_key(path))
            .collect::<Result<_, _>>()?;
        Ok(profile)
    }

    /// Its bytes, without any key.
    ///
    /// **Errors**: none in practice.
    pub fn to_json(&self) -> Result<Vec<u8>, GatewayError> {
        serde_json::to_vec_pretty(self).internal(STAGE)
    }
}

#[cfg(test)]
mod tests {
    use super::super::peer::PeerConnection;
    use super::*;
    use crate::msp::testing::{Ca, plain};
    use std::convert::Infallible;
    use std::future::{Ready, ready};
    use tonic::codegen::{Context as Polling, Poll, Service, http};
    use tonic::transport::server::TcpIncoming;
    use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};

    /// Answers every call with `UNIMPLEMENTED`: it was reached.
    #[derive(Clone)]
    struct Reached;

    impl tonic::server::NamedService for Reached {
        const NAME: &'static str = "gateway.Gateway";
    }

    impl<B> Service<http::Request<B>> for Reached {
        type Response = http::Response<tonic::body::Body>;
        type Error = Infallible;
        type Future = Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Polling<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }
        fn call(&mut self, _: http::Request<B>) -> Self::Future {
            ready(Ok(tonic::Status::unimplemented("reached").into_http()))
        }
    }

    /// A peer with `peer.tls.clientAuthRequired`.
    async fn strict_peer(tls: &Ca) -> PeerEndpoint {
        let name = |p: &mut rcgen::CertificateParams| {
            p.subject_alt_names = vec![rcgen::SanType::DnsName("localhost".try_into().unwrap())]
        };
        let own = tls.issue(&[], &name);
        let config = ServerTlsConfig::new()
            .identity(Identity::from_pem(own.certificate.to_pem(), own.key))
            .client_ca_root(Certificate::from_pem(tls.certificate().to_pem()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let serving = Server::builder()
            .tls_config(config)
            .unwrap()
            .add_service(Reached)
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(serving);
        PeerEndpoint {
            address,
            tls_name: Some("localhost".to_owned()),
        }
    }

    async fn code(org: &OrgPeers) -> tonic::Code {
        let called = match PeerConnection::connect(org, 0).await {
            Ok(peer) => peer.call::<(), ()>("/gateway.Gateway/Evaluate", ()).await,
            Err(failure) => Err(failure),
        };
        called.unwrap_err().code
    }

    #[tokio::test]
    async fn a_peer_that_asks_for_certificates_answers_who_shows_one_of_its_authority() {
        let tls = Ca::root("tls", &plain);
        let client = |ca: &Ca| {
            let leaf = ca.client();
            TlsClient::new(leaf.certificate.to_pem(), Zeroizing::new(leaf.key)).unwrap()
        };
        let peers = vec![strict_peer(&tls).await];
        let org = |tls_client| OrgPeers {
            msp_id: "University".to_owned(),
            peers: peers.clone(),
            tls_authority: tls.certificate().to_pem(),
            tls_client,
        };
        assert_eq!(
            code(&org(Some(client(&tls)))).await,
            tonic::Code::Unimplemented
        );
        for refused in [None, Some(client(&Ca::root("tls", &plain)))] {
            assert_ne!(code(&org(refused)).await, tonic::Code::Unimplemented);
        }
    }

    #[test]
    fn the_hash_that_binds_a_request_is_of_the_first_certificate() {
        let tls = Ca::root("tls", &plain);
        let leaf = tls.client();
        let chain = leaf.certificate.to_pem() + &tls.certificate().to_pem();
        let client = TlsClient::new(chain, Zeroizing::new(leaf.key)).unwrap();
        assert_eq!(
            client.certificate_hash(),
            <[u8; 32]>::from(Sha256::digest(leaf.certificate.der()))
        );
    }
}
