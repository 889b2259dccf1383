//! A signed proposal: who asks which chaincode for what.
//!
//! Source: Fabric's proposal format. The transaction id is SHA-256 over nonce and creator, in hex.

use crate::backend::Transaction;
use crate::msp::{Certificate, Identity, MspError, SignError};
use fabric_shim_protos::common::{ChannelHeader, Header, SignatureHeader};
use fabric_shim_protos::peer::{
    ChaincodeHeaderExtension, ChaincodeId, ChaincodeInput, ChaincodeInvocationSpec,
    ChaincodeProposalPayload, ChaincodeSpec, Proposal, SignedProposal,
};
use prost::Message;
use sha2::{Digest, Sha256};

/// `HeaderType.ENDORSER_TRANSACTION`.
const ENDORSER_TRANSACTION: i32 = 3;

/// A signed proposal and what is compared with the answer to it.
pub(super) struct Flight {
    pub(super) chaincode: String,
    pub(super) tx_id: String,
    pub(super) signed: SignedProposal,
    pub(super) header: Header,
    /// The proposal's payload without the transient map: what enters the transaction.
    pub(super) public_payload: Vec<u8>,
    pub(super) timestamp_ms: u64,
}

/// Why no proposal could be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProposalError {
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
    Ok(verifier_chaincode::identity::to_creator(
        identity.msp_id(),
        pem.as_bytes(),
    ))
}

/// Where a proposal goes.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) channel: &'a str,
    pub(super) chaincode: &'a str,
}

/// Makes and signs a proposal.
pub(super) fn propose(
    identity: &Identity,
    target: Target<'_>,
    transaction: &Transaction,
    nonce: [u8; 24],
    timestamp_ms: u64,
) -> Result<Flight, ProposalError> {
    let creator = creator_bytes(identity)?;
    let tx_id = hex::encode(
        Sha256::new()
            .chain_update(nonce)
            .chain_update(&creator)
            .finalize(),
    );
    let id = ChaincodeId {
        name: target.chaincode.to_owned(),
        ..ChaincodeId::default()
    };
    let extension = ChaincodeHeaderExtension {
        chaincode_id: Some(id.clone()),
    };
    let seconds = i64::try_from(timestamp_ms / 1000).unwrap_or(i64::MAX);
    // Below a thousand million, so the cast is exact.
    let nanos = (timestamp_ms % 1000 * 1_000_000) as i32;
    let channel = ChannelHeader {
        r#type: ENDORSER_TRANSACTION,
        channel_id: target.channel.to_owned(),
        tx_id: tx_id.clone(),
        timestamp: Some(prost_types::Timestamp { seconds, nanos }),
        extension: extension.encode_to_vec(),
        ..ChannelHeader::default()
    };
    let signature = SignatureHeader {
        creator,
        nonce: nonce.to_vec(),
    };
    let header = Header {
        channel_header: channel.encode_to_vec(),
        signature_header: signature.encode_to_vec(),
    };
    let input = ChaincodeInput {
        args: transaction.args.clone(),
        ..ChaincodeInput::default()
    };
    let spec = ChaincodeInvocationSpec {
        chaincode_spec: Some(ChaincodeSpec {
            chaincode_id: Some(id),
            input: Some(input),
            ..ChaincodeSpec::default()
        }),
    };
    let public = ChaincodeProposalPayload {
        input: spec.encode_to_vec(),
        transient_map: Default::default(),
    };
    let transient_map = transaction.transient.clone().into_iter().collect();
    let payload = ChaincodeProposalPayload {
        transient_map,
        ..public.clone()
    };
    let proposal = Proposal {
        header: header.encode_to_vec(),
        payload: payload.encode_to_vec(),
        extension: Vec::new(),
    };
    let proposal_bytes = proposal.encode_to_vec();
    let signature = identity.sign(&proposal_bytes)?;
    let signed = SignedProposal {
        proposal_bytes,
        signature,
    };
    Ok(Flight {
        chaincode: target.chaincode.to_owned(),
        tx_id,
        signed,
        header,
        public_payload: public.encode_to_vec(),
        timestamp_ms,
    })
}
