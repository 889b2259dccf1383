//! What a transaction says of itself, with nothing checked: what is needed to follow the state of a
//! channel, whoever wrote to it.

use crate::error::FormError;
use crate::proto::{
    ChaincodeAction, ChaincodeActionPayload, ChaincodeHeaderExtension, ChannelHeader, Envelope,
    Payload, ProposalResponsePayload, Transaction,
};
use crate::rwset::{Part, parts};
use prost::Message;

/// `HeaderType.CONFIG`.
pub const CONFIG: i32 = 1;
/// `HeaderType.ENDORSER_TRANSACTION`.
const ENDORSER_TRANSACTION: i32 = 3;

/// What a transaction says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Transaction id; empty in configurations.
    pub tx_id: String,
    /// The chaincode that it names; none for a configuration.
    pub chaincode: Option<String>,
    pub parts: Vec<Part>,
}

impl Outline {
    /// Reads an envelope.
    ///
    /// **Errors**: what was expected.
    pub fn read(bytes: &[u8]) -> Result<Self, FormError> {
        let (channel, data) = header(bytes)?;
        match channel.kind {
            CONFIG => Ok(Outline {
                tx_id: channel.tx_id,
                chaincode: None,
                parts: Vec::new(),
            }),
            ENDORSER_TRANSACTION => {
                let extension = ChaincodeHeaderExtension::decode(channel.extension.as_slice())
                    .map_err(|_| FormError("a chaincode header"))?;
                let chaincode = Some(
                    extension
                        .chaincode_id
                        .ok_or(FormError("a chaincode's name"))?
                        .name,
                );
                Ok(Outline {
                    tx_id: channel.tx_id,
                    chaincode,
                    parts: written_parts(&data)?,
                })
            }
            _ => Err(FormError("a configuration or a call")),
        }
    }

    /// The transaction id that an envelope names.
    pub fn tx_id(bytes: &[u8]) -> Option<String> {
        header(bytes).ok().map(|(channel, _)| channel.tx_id)
    }
}

/// An envelope's channel header and what it carries.
pub fn header(bytes: &[u8]) -> Result<(ChannelHeader, Vec<u8>), FormError> {
    let envelope = Envelope::decode(bytes).map_err(|_| FormError("an envelope"))?;
    let payload =
        Payload::decode(envelope.payload.as_slice()).map_err(|_| FormError("a payload"))?;
    let header = payload.header.ok_or(FormError("a header"))?;
    let channel = ChannelHeader::decode(header.channel_header.as_slice())
        .map_err(|_| FormError("a channel header"))?;
    Ok((channel, payload.data))
}

fn written_parts(data: &[u8]) -> Result<Vec<Part>, FormError> {
    let transaction = Transaction::decode(data).map_err(|_| FormError("a transaction"))?;
    let [action] = transaction.actions.as_slice() else {
        return Err(FormError("a transaction of one action"));
    };
    let action = ChaincodeActionPayload::decode(action.payload.as_slice())
        .map_err(|_| FormError("an action"))?;
    let endorsed = action.action.ok_or(FormError("an endorsed action"))?;
    let response = ProposalResponsePayload::decode(endorsed.proposal_response_payload.as_slice())
        .map_err(|_| FormError("an endorsed response"))?;
    let result = ChaincodeAction::decode(response.extension.as_slice())
        .map_err(|_| FormError("a chaincode action"))?;
    parts(&result.results)
}
