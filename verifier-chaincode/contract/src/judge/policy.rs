//! Compiles a policy and reads its committee. What the text means is decided here and nowhere else.

use super::JudgeError;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::PolicyRoot;
use medveil_circuits::policy;
use medveil_collections_config::MspId;
use std::collections::BTreeSet;

/// What the contract keeps of a compiled policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    pub root: PolicyRoot,
    /// SHA-256 of the document.
    pub document: Digest,
    /// Circuit tier: 1 or 4 visas.
    pub tier: u8,
    /// The organisations that decide.
    pub committee: Vec<MspId>,
    /// Visa schema and issuer group of every visa that it asks for.
    pub groups: BTreeSet<(&'static str, String)>,
    /// Approvals that it takes.
    pub quorum: u32,
    /// Length of a period, where the policy says so.
    ///
    /// **Units**: days.
    pub period_days: Option<u32>,
}

/// Compiles canonical policy JSON.
///
/// **Errors**: everything that is wrong with it, each with its path.
pub fn compile(canonical: &str) -> Result<Compiled, JudgeError> {
    let program = policy::compile(canonical)?;
    let dac = program.dac();
    let mut committee = Vec::with_capacity(dac.members.len());
    for member in &dac.members {
        committee.push(MspId::new(member).map_err(|e| JudgeError::part("dac", e))?);
    }
    let alternatives = program.document().alternatives.iter();
    let visas = alternatives.flat_map(|alternative| &alternative.visas);
    Ok(Compiled {
        groups: visas.map(|v| (v.schema.name(), v.group.clone())).collect(),
        root: program.root(),
        document: Digest::of(canonical.as_bytes()),
        tier: program.tier(),
        committee,
        quorum: dac.quorum,
        period_days: program.period_days(),
    })
}
