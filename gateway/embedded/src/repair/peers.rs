//! Mending what organisations' peers are known by: authority and certificate from the chain, a key
//! from the copy where it is the certificate's.

use super::RepairError;
use super::journal::Journal;
use crate::chain::Chain;
use crate::layout::{Layout, OpenError};
use crate::open::{check_peer, head_of, identity, load_peer, peer_key};
use medveil_collections_config::MspId;
use medveil_custody::{CustodyError, SecretBytes, create_secret_file, write_file};
use medveil_embedded_wire::{Envelope, Genesis, Rules};
use medveil_msp::{Certificate, Msp};
use zeroize::Zeroizing;

/// Mends what is damaged of every organisation's peer, once all that it needs was found.
pub(super) fn mend(
    layout: &Layout,
    from: Option<&Layout>,
    now_ms: u64,
    journal: &mut Journal<'_>,
) -> Result<(), RepairError> {
    let mut chain = Chain::open(&layout.chain()).map_err(OpenError::from)?;
    let genesis = Genesis::from_bytes(chain.genesis()).map_err(OpenError::from)?;
    let rules = genesis.rules().map_err(OpenError::from)?;
    let mut damaged = Vec::new();
    for msp_id in rules.msps.ids() {
        let known = load_peer(layout, msp_id);
        if known.is_ok_and(|peer| check_peer(&peer, &rules, now_ms).is_ok()) {
            continue;
        }
        let org = Org {
            layout,
            from,
            rules: &rules,
            msp_id,
            now_ms,
        };
        let (pem, key) = org.find(&mut chain)?;
        damaged.push((org, pem, key));
    }
    for msp in rules.msps.iter() {
        mend_authority(layout, msp, journal)?;
    }
    for (org, pem, key) in damaged {
        org.write(&pem, &key, journal)?;
    }
    Ok(())
}

fn mend_authority(
    layout: &Layout,
    msp: &Msp,
    journal: &mut Journal<'_>,
) -> Result<(), RepairError> {
    let (path, pem) = (layout.authority(msp.msp_id()), msp.root().to_pem());
    if layout.text(&path).is_ok_and(|kept| kept == pem) {
        return Ok(());
    }
    let msp_id = msp.msp_id();
    journal.put_aside(msp_id, &path)?;
    journal.note(msp_id.as_str(), "authority.pem taken from the genesis")?;
    write_file(&path, pem.as_bytes()).map_err(|e| OpenError::from(e).into())
}

struct Org<'a> {
    layout: &'a Layout,
    from: Option<&'a Layout>,
    rules: &'a Rules,
    msp_id: &'a MspId,
    now_ms: u64,
}

impl Org<'_> {
    /// Finds a certificate and a key that belong together and are a peer's on this channel.
    fn find(&self, chain: &mut Chain) -> Result<(String, SecretBytes), RepairError> {
        if let Err(e @ OpenError::Custody(CustodyError::Mode { .. })) =
            peer_key(self.layout, self.msp_id)
        {
            // It is here, and others may read it.
            return Err(e.into());
        }
        let mut certificates = self.certificates();
        let keys = self.keys();
        let pair = match self.pair(&certificates, &keys) {
            Some(pair) => Some(pair),
            None => {
                certificates = self.on_chain(chain)?;
                self.pair(&certificates, &keys)
            }
        };
        if let Some((pem, key)) = pair {
            return Ok((pem, Zeroizing::new(key.to_vec())));
        }
        if let Some(Err(e @ OpenError::Custody(_))) = self.from.map(|l| peer_key(l, self.msp_id)) {
            // The copy's key is there, and others may read it.
            return Err(e.into());
        }
        Err(RepairError::NoSource {
            part: format!("{}: key and certificate of its peer", self.msp_id),
            from: self.from.map(|from| from.root().to_owned()),
        })
    }

    fn pair<'k>(&self, pems: &[String], keys: &'k [SecretBytes]) -> Option<(String, &'k [u8])> {
        let mut pairs = pems.iter().flat_map(|p| keys.iter().map(move |k| (p, k)));
        let fits = |(pem, key): &(&String, &SecretBytes)| {
            let peer = identity(self.msp_id, pem, key);
            peer.is_ok_and(|peer| check_peer(&peer, self.rules, self.now_ms).is_ok())
        };
        let found = pairs.find(fits);
        found.map(|(pem, key)| (pem.clone(), key.as_slice()))
    }

    /// Certificates from files.
    fn certificates(&self) -> Vec<String> {
        let layouts = [Some(self.layout), self.from];
        let read = |l: &Layout| l.text(&l.peer_certificate(self.msp_id)).ok();
        let mut found: Vec<String> = layouts.into_iter().flatten().filter_map(read).collect();
        let head = head_of(self.layout, self.msp_id).ok().flatten();
        found.extend(head.and_then(|head| to_pem(&head.signer.certificate)));
        found
    }

    fn keys(&self) -> Vec<SecretBytes> {
        let layouts = [Some(self.layout), self.from].into_iter().flatten();
        let keys = layouts.filter_map(|layout| peer_key(layout, self.msp_id).ok());
        keys.collect()
    }

    /// Certificates that endorsed on the chain in the organisation's name.
    fn on_chain(&self, chain: &mut Chain) -> Result<Vec<String>, RepairError> {
        let mut found: Vec<Vec<u8>> = Vec::new();
        for number in 0..chain.height() {
            let block = chain.block(number).map_err(OpenError::from)?;
            for bytes in &block.envelopes {
                let Ok(envelope) = Envelope::from_bytes(bytes) else {
                    continue;
                };
                let endorsers = envelope.endorsements.into_iter().map(|e| e.endorser);
                for endorser in endorsers.filter(|e| e.msp_id == *self.msp_id) {
                    if !found.contains(&endorser.certificate) {
                        found.push(endorser.certificate);
                    }
                }
            }
        }
        Ok(found.iter().filter_map(|der| to_pem(der)).collect())
    }

    fn write(&self, pem: &str, key: &[u8], journal: &mut Journal<'_>) -> Result<(), RepairError> {
        let name = self.msp_id.as_str();
        let path = self.layout.peer_certificate(self.msp_id);
        if self.layout.text(&path).ok().as_deref() != Some(pem) {
            journal.put_aside(self.msp_id, &path)?;
            journal.note(name, "peer.pem made anew from the certificate in use")?;
            write_file(&path, pem.as_bytes()).map_err(OpenError::from)?;
        }
        let kept = peer_key(self.layout, self.msp_id);
        if kept.is_ok_and(|kept| kept.as_slice() == key) {
            return Ok(());
        }
        let path = self.layout.peer_key(self.msp_id);
        journal.put_aside(self.msp_id, &path)?;
        journal.note(name, "peer.key taken from the copy")?;
        let text = Zeroizing::new(hex::encode(key));
        create_secret_file(&path, text.as_bytes()).map_err(|e| OpenError::from(e).into())
    }
}

fn to_pem(der: &[u8]) -> Option<String> {
    Some(Certificate::from_der(der).ok()?.to_pem())
}
