//! Every answer of every command.

use super::{Entry, entry};
use crate::cli::quickstart::{ClaimRefused, Finished};
use crate::journey::{
    access, audit, circuit, claim, collections, consortium, dataset, day, doctor, events, groth16,
    issuer, join, keys, ledger, member, net, peers, policy, repair, verify, visa, witness,
};

/// Every answer of every command.
pub(super) fn all() -> Vec<Entry> {
    [founding(), trust(), data(), operation(), circuits()]
        .into_iter()
        .flatten()
        .collect()
}

fn founding() -> Vec<Entry> {
    vec![
        entry::<consortium::ConsortiumFounded>(),
        entry::<consortium::TrustWritten>(),
        entry::<join::ConsortiumJoined>(),
        entry::<circuit::CircuitProposed>(),
        entry::<circuit::CircuitApproved>(),
        entry::<circuit::CircuitActivated>(),
        entry::<circuit::CircuitList>(),
        entry::<day::Ticked>(),
        entry::<member::MemberEnrolled>(),
    ]
}

fn trust() -> Vec<Entry> {
    vec![
        entry::<issuer::IssuerMade>(),
        entry::<issuer::IssuerRegistered>(),
        entry::<issuer::VisaIssued>(),
        entry::<issuer::IssuedVisas>(),
        entry::<issuer::RegisteredIssuers>(),
        entry::<issuer::IssuerRetired>(),
        entry::<issuer::VisasRevoked>(),
        entry::<issuer::RevocationsPublished>(),
        entry::<visa::VisaRequested>(),
        entry::<visa::VisaImported>(),
        entry::<visa::VisaList>(),
        entry::<visa::VisaShown>(),
        entry::<keys::KeyList>(),
        entry::<keys::KeysImported>(),
        entry::<keys::KeyPublished>(),
        entry::<policy::PolicyChecked>(),
        entry::<policy::PolicyExplained>(),
        entry::<policy::PolicyPut>(),
    ]
}

fn data() -> Vec<Entry> {
    vec![
        entry::<dataset::DatasetRead>(),
        entry::<dataset::DatasetRegistered>(),
        entry::<dataset::SchemaDrafted>(),
        entry::<dataset::OmopWritten>(),
        entry::<dataset::SchemaChecked>(),
        entry::<dataset::DatasetInspected>(),
        entry::<dataset::DatasetCommitted>(),
        entry::<dataset::DatasetList>(),
        entry::<dataset::DatasetStored>(),
        entry::<access::AccessDecided>(),
        entry::<access::GrantClosed>(),
        entry::<access::AccessList>(),
        entry::<access::KeysHandedOver>(),
        entry::<access::DeliveryConfirmed>(),
        entry::<access::AccessShown>(),
        entry::<access::AskWritten>(),
        entry::<access::AskSubmitted>(),
        entry::<access::AccessRequested>(),
        entry::<access::AccessChecked>(),
        entry::<access::AccessAffirmed>(),
        entry::<claim::ClaimPublished>(),
        entry::<claim::ClaimDiscarded>(),
        entry::<claim::ClaimList>(),
        entry::<claim::ClaimProven>(),
        entry::<claim::ClaimBundled>(),
        entry::<verify::Verified>(),
    ]
}

fn operation() -> Vec<Entry> {
    vec![
        entry::<ledger::LedgerBlocks>(),
        entry::<ledger::LedgerTransaction>(),
        entry::<ledger::OutboxSettled>(),
        entry::<events::EventLine>(),
        entry::<events::BlockStartLine>(),
        entry::<events::UnreadableLine>(),
        entry::<events::Listened>(),
        entry::<audit::LedgerAudited>(),
        entry::<repair::LedgerRepaired>(),
        entry::<collections::CollectionsDerived>(),
        entry::<collections::CollectionsChecked>(),
        entry::<net::ContractDeployed>(),
        entry::<net::NetInstalled>(),
        entry::<net::NetUp>(),
        entry::<net::NetStatus>(),
        entry::<net::NetEnvironment>(),
        entry::<net::NetDown>(),
        entry::<net::NetCleaned>(),
        entry::<doctor::Diagnosis>(),
        entry::<peers::PeersCompared>(),
        entry::<ClaimRefused>(),
        entry::<Finished>(),
    ]
}

fn circuits() -> Vec<Entry> {
    vec![
        entry::<groth16::CircuitProven>(),
        entry::<groth16::CircuitVerified>(),
        entry::<groth16::KeyInfo>(),
        entry::<groth16::KeyExported>(),
        entry::<groth16::KeySetUp>(),
        entry::<groth16::KeyVerified>(),
        entry::<groth16::CircuitInfo>(),
        entry::<groth16::CircuitExported>(),
        entry::<groth16::WitnessChecked>(),
        entry::<witness::WitnessExported>(),
        entry::<groth16::PowersInfo>(),
    ]
}
