//! A signed proposal: who asks which chaincode for what.
//!
//! Source: Fabric's proposal format. The transaction id is SHA-256 over nonce and creator, in hex.

use crate::proto::{
    ChaincodeHeaderExtension, ChaincodeId, ChaincodeInput, ChaincodeInvocationSpec,
    ChaincodeProposalPayload, ChaincodeSpec, ChannelHeader, Header, Proposal, SignatureHeader,
    SignedProposal,
};
use medveil_ledger::Transaction;
use medveil_msp::{Certificate, Identity, MspError, SignError};
use prost::Message;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// `HeaderType.ENDORSER_TRANSACTION`.
const ENDORSER_TRANSACTION: i32 = 3;

/// A signed proposal and what is compared with the answer to it.
pub struct ProposedTransaction {
    pub chaincode: String,
    pub tx_id: String,
    pub signed: SignedProposal,
    pub header: Header,
    /// The proposal's payload without the transient map: what enters the transaction.
    pub public_payload: Vec<u8>,
    pub timestamp_ms: u64,
}

/// Why no proposal could be made.
#[derive(Debug, thiserror::Error)]
pub enum ProposalError {
    #[error(transparent)]
    Identity(#[from] MspError),
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Who signs, as Fabric reads it.
///
/// **Errors**: the identity's certificate is not one.
pub fn creator_bytes(identity: &Identity) -> Result<Vec<u8>, MspError> {
    let pem = Certificate::from_der(&identity.creator().certificate)?.to_pem();
    Ok(medveil_contract::identity::to_creator(
        identity.msp_id(),
        pem.as_bytes(),
    ))
}

/// Where a proposal goes.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    pub channel: &'a str,
    pub chaincode: &'a str,
}

/// Makes and signs a proposal.
///
/// **Errors**: the identity's certificate is not one, or its key cannot sign.
pub fn propose(
    identity: &Identity,
    target: Target<'_>,
    transaction: &Transaction,
    nonce: [u8; 24],
    timestamp_ms: u64,
) -> Result<ProposedTransaction, ProposalError> {
    let creator = creator_bytes(identity)?;
    let id = Sha256::new().chain_update(nonce).chain_update(&creator);
    let tx_id = hex::encode(id.finalize());
    let signature = SignatureHeader {
        creator,
        nonce: nonce.to_vec(),
    };
    let header = Header {
        channel_header: channel_header(target, &tx_id, timestamp_ms).encode_to_vec(),
        signature_header: signature.encode_to_vec(),
    };
    let public = ChaincodeProposalPayload {
        input: invocation(target.chaincode, &transaction.args).encode_to_vec(),
        transient_map: BTreeMap::new(),
    };
    let public_payload = public.encode_to_vec();
    let payload = ChaincodeProposalPayload {
        transient_map: transaction.transient.clone(),
        ..public
    };
    let proposal = Proposal {
        header: header.encode_to_vec(),
        payload: payload.encode_to_vec(),
        extension: Vec::new(),
    };
    let proposal_bytes = proposal.encode_to_vec();
    let signature = identity.sign(&proposal_bytes)?;
    Ok(ProposedTransaction {
        chaincode: target.chaincode.to_owned(),
        tx_id,
        signed: SignedProposal {
            proposal_bytes,
            signature,
        },
        header,
        public_payload,
        timestamp_ms,
    })
}

fn channel_header(target: Target<'_>, tx_id: &str, timestamp_ms: u64) -> ChannelHeader {
    let extension = ChaincodeHeaderExtension {
        chaincode_id: Some(chaincode_id(target.chaincode)),
    };
    let seconds = i64::try_from(timestamp_ms / 1000).unwrap_or(i64::MAX);
    // Below a thousand million, so the cast is exact.
    let nanos = (timestamp_ms % 1000 * 1_000_000) as i32;
    ChannelHeader {
        kind: ENDORSER_TRANSACTION,
        channel_id: target.channel.to_owned(),
        tx_id: tx_id.to_owned(),
        timestamp: Some(prost_types::Timestamp { seconds, nanos }),
        extension: extension.encode_to_vec(),
        ..ChannelHeader::default()
    }
}

fn invocation(chaincode: &str, args: &[Vec<u8>]) -> ChaincodeInvocationSpec {
    let input = ChaincodeInput {
        args: args.to_vec(),
        ..ChaincodeInput::default()
    };
    ChaincodeInvocationSpec {
        chaincode_spec: Some(ChaincodeSpec {
            chaincode_id: Some(chaincode_id(chaincode)),
            input: Some(input),
            ..ChaincodeSpec::default()
        }),
    }
}

fn chaincode_id(name: &str) -> ChaincodeId {
    ChaincodeId {
        name: name.to_owned(),
        ..ChaincodeId::default()
    }
}
