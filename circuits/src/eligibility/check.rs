//! The native reading of eligibility: clauses E1 to E21 of SPEC section 7, in an order in which
//! each can fail alone.

use ark_ff::AdditiveGroup;

use super::{Eligibility, EligibilityPrivate, EligibilityPublic, VisaWitness};
use crate::domain::{self, TreeKind};
use crate::eddsa;
use crate::field::{Felt, Fr};
use crate::indexed::{REVOCATION_DEPTH, verify_absence};
use crate::policy::code::ClauseHeader;
use crate::policy::{self, BlockCode, Header, SET_DEPTH};
use crate::poseidon;
use crate::registry::{self, ISSUER_DEPTH};
use crate::statement::{CircuitId, Statement, Unsatisfied, ensure};
use crate::visa::{self, Slot, VisaSchema, small};

impl<const TIER: usize> Statement for Eligibility<TIER> {
    const CIRCUIT: CircuitId = CircuitId {
        name: match TIER {
            1 => "eligibility-1",
            4 => "eligibility-4",
            _ => panic!("the tiers are 1 and 4"),
        },
        version: 2,
    };
    type Public = EligibilityPublic;
    type Private = EligibilityPrivate;

    fn check(public: &EligibilityPublic, private: &EligibilityPrivate) -> Result<(), Unsatisfied> {
        ensure(
            public.disclosure == Felt::ZERO,
            "E18",
            "nothing is disclosed",
        )?;
        check_policy(public, private)?;
        let header = check_header(private, TIER)?;
        check_request(public, private)?;
        check_secret(public, private)?;
        let on = usize::from(header.visas);
        for (visa, block) in private
            .visas
            .iter()
            .zip(&private.alternative.blocks)
            .take(on)
        {
            check_visa(public, private, visa, block)?;
            check_clauses(private, visa, block)?;
            check_study(private, header, visa)?;
        }
        check_anchor(private, header)?;
        check_institutions(private, on)?;
        check_different(private, header)?;
        check_path(private, header)
    }
}

/// E1. The policy root opens to the alternative.
fn check_policy(
    public: &EligibilityPublic,
    private: &EligibilityPrivate,
) -> Result<(), Unsatisfied> {
    let root = Felt(policy::root_of(&private.alternatives));
    ensure(
        root == public.policy_root.felt(),
        "E1",
        "the alternatives open the policy root",
    )?;
    let opened = private.alternatives.get(usize::from(private.position));
    ensure(
        opened == Some(&private.alternative.hash()),
        "E1",
        "the alternative is one of the policy's",
    )
}

/// E2. The header is this circuit's; visas that are off have blocks of zeros.
fn check_header(private: &EligibilityPrivate, tier: usize) -> Result<Header, Unsatisfied> {
    let header = Header::decode(private.alternative.header);
    let fits = |header: &Header| {
        usize::from(header.tier) == tier && (1..=tier).contains(&usize::from(header.visas))
    };
    let Some(header) = header.filter(fits) else {
        return Err(Unsatisfied {
            clause: "E2",
            reason: "the header is of this tier and version and has 1 to tier visas",
        });
    };
    let shape = private.alternative.blocks.len() == tier && private.visas.len() == tier;
    ensure(
        shape,
        "E2",
        "there are as many blocks and visas as the tier",
    )?;
    let off = &private.alternative.blocks[usize::from(header.visas)..];
    ensure(
        off.iter().all(|block| *block == BlockCode::default()),
        "E2",
        "blocks that are off are zeros",
    )?;
    Ok(header)
}

/// E15. The request opens.
fn check_request(
    public: &EligibilityPublic,
    private: &EligibilityPrivate,
) -> Result<(), Unsatisfied> {
    let [study, purpose, disease, region, submitter] = private.request.0;
    let hidden = poseidon::hash(domain::STUDY_BLIND, &[study, private.study_salt]);
    let request = poseidon::hash(
        domain::REQUEST,
        &[hidden, purpose, disease, region, submitter],
    );
    ensure(request == public.request.0, "E15", "the request opens")
}

/// E7, first half, and E16. One secret, not 0, and its nullifier.
fn check_secret(
    public: &EligibilityPublic,
    private: &EligibilityPrivate,
) -> Result<(), Unsatisfied> {
    ensure(private.secret != Fr::ZERO, "E7", "the secret is not 0")?;
    let nullifier = poseidon::hash(domain::NULLIFIER, &[private.secret, public.scope.0]);
    ensure(
        nullifier == public.nullifier.felt().0,
        "E16",
        "the nullifier is the secret's in this scope",
    )
}

/// E3 to E7 and E9 for one visa that is on.
fn check_visa(
    public: &EligibilityPublic,
    private: &EligibilityPrivate,
    visa: &VisaWitness,
    block: &BlockCode,
) -> Result<(), Unsatisfied> {
    let slots = &visa.slots;
    // E9. Typed slots fit their widths.
    ensure(
        slots.check_widths().is_ok(),
        "E9",
        "typed slots fit their widths",
    )?;
    // E3. Signature.
    ensure(
        eddsa::verify(&visa.key, slots.hash(), &visa.signature).is_ok(),
        "E3",
        "the issuer signed the visa",
    )?;
    check_issuer(public, visa, block)?;
    check_unrevoked(visa)?;
    check_days(public, visa)?;
    // E7. One secret.
    let commitment = visa::commitment(private.secret, visa.blind);
    ensure(
        slots.get(Slot::Holder) == commitment,
        "E7",
        "the visa is the holder's",
    )
}

/// E4. Issuer leaf: of this schema and group, active, in the registry.
fn check_issuer(
    public: &EligibilityPublic,
    visa: &VisaWitness,
    block: &BlockCode,
) -> Result<(), Unsatisfied> {
    ensure(
        visa.slots.get(Slot::Schema) == block.schema,
        "E4",
        "the visa is of the schema that the policy asks for",
    )?;
    let leaf = registry::LeafElements {
        key: visa.key,
        schema: block.schema,
        group: block.group,
        institution: visa.institution,
        registrant: visa.registrant,
        revocation_root: visa.revocation_root,
        status: Fr::from(u64::from(registry::ACTIVE)),
    };
    let member = visa.issuer_path.verify(
        TreeKind::Issuer,
        ISSUER_DEPTH,
        public.issuer_root.felt().0,
        leaf.hash(),
    );
    ensure(
        member.is_ok(),
        "E4",
        "the issuer is registered for the schema and group, and active",
    )
}

/// E5. Not revoked.
fn check_unrevoked(visa: &VisaWitness) -> Result<(), Unsatisfied> {
    let index = small(visa.slots.get(Slot::RevocationIndex)).unwrap_or(0);
    let fresh = visa.absence.path.depth() == REVOCATION_DEPTH
        && verify_absence(visa.revocation_root, index, &visa.absence).is_ok();
    ensure(index != 0 && fresh, "E5", "the visa is not revoked")
}

/// E6. Valid today.
fn check_days(public: &EligibilityPublic, visa: &VisaWitness) -> Result<(), Unsatisfied> {
    let day = |slot: Slot| small(visa.slots.get(slot)).unwrap_or(u64::MAX);
    let today = u64::from(public.day.0);
    let valid = today < 1 << visa::DAY_BITS
        && (1..=today).contains(&day(Slot::Asserted))
        && today < day(Slot::Expiry);
    ensure(valid, "E6", "the visa is valid on the day")
}

/// E10 and E11. Every clause is well formed and holds; conditions that no clause names are refused.
fn check_clauses(
    private: &EligibilityPrivate,
    visa: &VisaWitness,
    block: &BlockCode,
) -> Result<(), Unsatisfied> {
    let mut names_conditions = false;
    for clause in &block.clauses {
        let Some(header) = ClauseHeader::decode(clause.header) else {
            return Err(Unsatisfied {
                clause: "E10",
                reason: "no forbidden slot, and the operator fits its slot",
            });
        };
        ensure(
            clause.holds(header, &visa.slots, &private.request),
            "E11",
            "every clause of the policy holds",
        )?;
        names_conditions |= header.selector == Slot::Conditions && header.op != policy::Op::None;
    }
    let unconditional = visa.slots.get(Slot::Conditions) == Fr::ZERO;
    ensure(
        names_conditions || unconditional,
        "E11",
        "the visa has no conditions that the policy does not name",
    )
}

/// E12. Approvals are for the study of the request.
fn check_study(
    private: &EligibilityPrivate,
    header: Header,
    visa: &VisaWitness,
) -> Result<(), Unsatisfied> {
    if !header.require_study {
        return Ok(());
    }
    let study = private.request.0[0];
    ensure(study != Fr::ZERO, "E12", "the request names a study")?;
    let approval = VisaSchema::ALL
        .iter()
        .any(|s| s.is_approval() && s.id().felt().0 == visa.slots.get(Slot::Schema));
    ensure(
        !approval || visa.slots.get(Slot::Study) == study,
        "E12",
        "every approval is for the study of the request",
    )
}

/// E8 and E13. The first visa is an anchor of an institution: its issuer's, unless that may vouch
/// for any, and, where required, the submitter's.
fn check_anchor(private: &EligibilityPrivate, header: Header) -> Result<(), Unsatisfied> {
    let anchor = &private.visas[0];
    let schema = anchor.slots.get(Slot::Schema);
    let unique = VisaSchema::ALL
        .iter()
        .any(|s| s.is_anchor() && s.id().felt().0 == schema);
    ensure(unique, "E8", "the first visa is an anchor")?;
    let institution = anchor.slots.get(Slot::Institution);
    ensure(
        institution != Fr::ZERO,
        "E8",
        "the anchor names an institution",
    )?;
    let own = anchor.institution == Fr::ZERO || anchor.institution == institution;
    ensure(own, "E8", "the anchor's institution is its issuer's")?;
    let submitter = private.request.0[4];
    ensure(
        !header.require_institution || institution == submitter,
        "E13",
        "the anchor's institution is the submitter",
    )
}

/// E19. Every further visa names no institution, or its issuer's, unless the issuer may vouch for
/// any.
fn check_institutions(private: &EligibilityPrivate, on: usize) -> Result<(), Unsatisfied> {
    let fits = |visa: &VisaWitness| {
        let institution = visa.slots.get(Slot::Institution);
        [Fr::ZERO, visa.institution].contains(&institution) || visa.institution == Fr::ZERO
    };
    ensure(
        private.visas[..on].iter().skip(1).all(fits),
        "E19",
        "no visa names another institution than its issuer's",
    )
}

/// E20 and E21. No visa stands in two places; where it is required, organisations differ that
/// registered issuers of one schema.
fn check_different(private: &EligibilityPrivate, header: Header) -> Result<(), Unsatisfied> {
    let on = usize::from(header.visas);
    let places = private.visas.iter().zip(&private.alternative.blocks);
    let places: Vec<_> = places.take(on).collect();
    for (i, (visa, block)) in places.iter().enumerate() {
        for (other, other_block) in &places[..i] {
            let message = visa.slots.hash() != other.slots.hash();
            ensure(message, "E20", "no visa stands in two places")?;
            let apart = !header.distinct_issuers
                || block.schema != other_block.schema
                || visa.registrant != other.registrant;
            let reason = "issuers of one schema were registered by different organisations";
            ensure(apart, "E21", reason)?;
        }
    }
    Ok(())
}

/// E14. The value of the path clause is present and in the list.
fn check_path(private: &EligibilityPrivate, header: Header) -> Result<(), Unsatisfied> {
    let Some((visa, slot)) = header.path else {
        return Ok(());
    };
    ensure(
        !slot.is_forbidden(),
        "E10",
        "no forbidden slot in the path clause",
    )?;
    ensure(
        visa < header.visas,
        "E14",
        "the path clause speaks of a visa that is on",
    )?;
    let value = private.visas[usize::from(visa)].slots.get(slot);
    let leaf = policy::set_leaf(value);
    let member = private
        .set_path
        .verify(
            TreeKind::Set,
            SET_DEPTH,
            private.alternative.path_root,
            leaf,
        )
        .is_ok();
    ensure(
        value != Fr::ZERO && member,
        "E14",
        "the value of the path clause is in the list",
    )
}

// E17, the binding of context and scope, is the proof itself: natively there is nothing to compare.
