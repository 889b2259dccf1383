//! These messages are Fabric's: the generated ones read them and write the same bytes.

use super::*;
use crate::testing::{Draft, Mark, Net, block, private, public};
use fabric_shim_protos::{common, msp, peer};
use prost::Message;

/// Reads bytes as both forms of a message; each must write them again.
fn both<O, G>(bytes: &[u8]) -> (O, G)
where
    O: Message + Default + std::fmt::Debug,
    G: Message + Default + std::fmt::Debug,
{
    let (own, generated) = (O::decode(bytes).unwrap(), G::decode(bytes).unwrap());
    assert_eq!(own.encode_to_vec(), bytes, "{own:?}");
    assert_eq!(generated.encode_to_vec(), bytes, "{generated:?}");
    (own, generated)
}

fn draft(net: &Net) -> Draft {
    let collection = "_implicit_org_HospitalA";
    let parts = vec![
        public(&[("read", Some((1, 2)))], &[("k", "v")]),
        private(collection, &[(1, None)], &[(2, 3)]),
    ];
    let mut draft = net.draft(parts);
    draft.event = Some(("told".to_owned(), b"{}".to_vec()));
    draft.answer = b"done".to_vec();
    draft
}

#[test]
fn transactions_have_fabrics_bytes() {
    let net = Net::new();
    let envelope = net.seal(&draft(&net));
    let (envelope, _) = both::<Envelope, common::Envelope>(&envelope);
    let (payload, _) = both::<Payload, common::Payload>(&envelope.payload);
    let header = payload.header.unwrap();
    let (channel, _) = both::<ChannelHeader, common::ChannelHeader>(&header.channel_header);
    both::<ChaincodeHeaderExtension, peer::ChaincodeHeaderExtension>(&channel.extension);
    let (signature, _) = both::<SignatureHeader, common::SignatureHeader>(&header.signature_header);
    both::<SerializedIdentity, msp::SerializedIdentity>(&signature.creator);
    let transaction = Transaction::decode(payload.data.as_slice()).unwrap();
    let action = transaction.actions[0].payload.as_slice();
    let action = ChaincodeActionPayload::decode(action).unwrap();
    let (proposal, _) = both::<ChaincodeProposalPayload, peer::ChaincodeProposalPayload>(
        &action.chaincode_proposal_payload,
    );
    both::<ChaincodeInvocationSpec, peer::ChaincodeInvocationSpec>(&proposal.input);
    let endorsed = action.action.unwrap();
    let endorsement = endorsed.endorsements[0].encode_to_vec();
    both::<Endorsement, peer::Endorsement>(&endorsement);
    let (response, _) = both::<ProposalResponsePayload, peer::ProposalResponsePayload>(
        &endorsed.proposal_response_payload,
    );
    let (action, _) = both::<ChaincodeAction, peer::ChaincodeAction>(&response.extension);
    both::<ChaincodeEvent, peer::ChaincodeEvent>(&action.events);
}

#[test]
fn blocks_have_fabrics_bytes() {
    let net = Net::new();
    let orderer = net.orderer();
    let marks = [Mark::By(&orderer), Mark::Consenter(7, &orderer)];
    let bytes = block(5, &[1; 32], &[(net.seal(&draft(&net)), 0)], &marks);
    let (own, _) = both::<Block, common::Block>(&bytes);
    let signatures = &own.metadata.unwrap().metadata[0];
    let (metadata, _) = both::<Metadata, common::Metadata>(signatures);
    let by_number = &metadata.signatures[1].identifier_header;
    both::<IdentifierHeader, common::IdentifierHeader>(by_number);
}

#[test]
fn policies_are_read_as_fabric_writes_them() {
    use common::signature_policy::{NOutOf, Type};
    let signed_by = |index| common::SignaturePolicy {
        r#type: Some(Type::SignedBy(index)),
    };
    let rule = common::SignaturePolicy {
        r#type: Some(Type::NOutOf(NOutOf {
            n: 1,
            rules: vec![signed_by(0), signed_by(1)],
        })),
    };
    let role = common::MspRole {
        msp_identifier: "HospitalA".to_owned(),
        role: common::msp_role::MspRoleType::Peer as i32,
    };
    let principal = common::MspPrincipal {
        principal: role.encode_to_vec(),
        ..common::MspPrincipal::default()
    };
    let envelope = common::SignaturePolicyEnvelope {
        version: 0,
        rule: Some(rule),
        identities: vec![principal.clone(), principal],
    };
    let (own, _) =
        both::<SignaturePolicyEnvelope, common::SignaturePolicyEnvelope>(&envelope.encode_to_vec());
    both::<MspRole, common::MspRole>(&own.identities[0].principal);
    let Some(SignatureRule::OutOf(of)) = own.rule.unwrap().rule else {
        panic!("expected one of two")
    };
    assert_eq!((of.n, of.rules.len()), (1, 2));
}
