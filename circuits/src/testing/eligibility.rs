//! A small consortium of issuers and one researcher with four visas, and valid fixtures of
//! eligibility.

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use crate::babyjubjub::PublicPoint;
use crate::eddsa::PrivateKey;
use crate::eligibility::{
    Applicant, HeldVisa, PrepareError, Prepared, RegisteredIssuer, RequestContext, RequestValues,
    hidden_study, prepare, scope,
};
use crate::field::Felt;
use crate::ids::{ConsortiumId, Day, LineageId};
use crate::indexed::{REVOCATION_DEPTH, RevocationTree};
use crate::policy::{PolicyDocument, Program, compile};
use crate::registry::{ACTIVE, IssuerLeaf};
use crate::visa::{
    HolderSecret, SignedVisa, Visa, VisaSchema, VisaTexts, codes, fresh_felt, group_hash, msp_hash,
};

/// A policy of one visa that uses every kind of clause but `subset`, and a long list.
pub const POLICY_1: &str = "
format: medveil-policy-1
dac: {members: [HospitalA], quorum: 1}
alternatives:
  - name: steward
    visas:
      - {schema: affiliation, group: universities, role: {eq: steward}}
  - name: researcher
    visas:
      - schema: affiliation
        group: universities
        institution: {eq: $request.submitter}
        by: {in: [so, dac]}
        source: {not_in: [https://bad.example, https://worse.example]}
        asserted: {at_least: 2020-01-01}
        permissions: {superset: [GRU]}
        value: {exists: true}
        role: {in: [student, researcher, professor, librarian, statistician]}
";

/// A policy of four visas.
pub const POLICY_4: &str = "
format: medveil-policy-1
dac: {members: [HospitalA, EthicsBoard], quorum: 2}
alternatives:
  - name: approved study
    visas:
      - schema: affiliation
        group: universities
        role: {in: [student, researcher, professor, librarian, statistician]}
      - schema: ethics
        group: boards
        study: {eq: $request.study}
        disease: {descends_from: E11}
        permissions: {superset: [GRU]}
      - schema: terms
        group: committees
        value: {in: [terms-2026, terms-2025]}
      - schema: cohort
        group: committees
        value: {eq: $request.purpose}
        permissions: {subset: [GRU, HMB, DS]}
  - name: steward
    visas:
      - {schema: affiliation, group: universities, role: {eq: steward}}
";

/// A policy of two approvals.
pub const POLICY_TWO_APPROVALS: &str = "
format: medveil-policy-1
dac: {members: [HospitalA], quorum: 1}
alternatives:
  - visas:
      - {schema: affiliation, group: universities}
      - {schema: ethics, group: boards}
      - {schema: ethics, group: boards}
";

/// Issuers, one researcher and one request; every field may be changed before `prepare`.
pub struct EligibilityWorld {
    /// The researcher's secret.
    pub secret: HolderSecret,
    /// Keys of the issuers.
    pub keys: Vec<PrivateKey>,
    /// Issuers by place: affiliation, ethics, terms, cohort.
    pub issuers: Vec<RegisteredIssuer>,
    /// The wallet, in the same order, with blinds.
    pub wallet: Vec<(SignedVisa, Felt)>,
    /// Study of the request.
    pub study: Felt,
    /// Salt of the hidden study.
    pub study_salt: Felt,
    pub day: Day,
    pub request: RequestValues,
    pub scope: Felt,
    pub context: Felt,
}

const GROUPS: [&str; 4] = ["universities", "boards", "committees", "committees"];
const REGISTRANTS: [&str; 4] = ["University", "EthicsBoard", "HospitalA", "HospitalB"];

impl EligibilityWorld {
    /// The world in which both policies are satisfied.
    pub fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(21);
        let secret = HolderSecret::generate(&mut rng);
        let keys: Vec<PrivateKey> = (0u8..4)
            .map(|i| PrivateKey::from_bytes([i + 1; 32]))
            .collect();
        let revoked: Vec<u64> = vec![9, 1 << 63, 70_000];
        let issuers = keys
            .iter()
            .enumerate()
            .map(|(i, key)| {
                let schema = VisaSchema::ALL[i];
                issuer(key, schema, GROUPS[i], REGISTRANTS[i], &revoked)
            })
            .collect();
        let (study, study_salt) = (crate::visa::study_hash("STUDY-7"), fresh_felt(&mut rng));
        let mut world = EligibilityWorld {
            request: RequestValues::new(
                hidden_study(study, study_salt),
                "diabetes research",
                5,
                "EU",
                "University",
            ),
            scope: scope(
                ConsortiumId::new(Felt::from_u64(99)),
                "medveil",
                LineageId::new(Felt::from_u64(98)),
                230,
            ),
            context: fresh_felt(&mut rng),
            secret,
            keys,
            issuers,
            wallet: Vec::new(),
            study,
            study_salt,
            day: Day(20_780),
        };
        for schema in VisaSchema::ALL {
            let blind = fresh_felt(&mut rng);
            let visa = Visa::new(
                schema,
                world.secret.commitment(blind),
                Day(20_700),
                Day(21_000),
                &mut rng,
            );
            world.wallet.push((world.issue(visa, texts(schema)), blind));
        }
        world
    }

    /// Signs a visa by the issuer of its schema, after adding permissions and disease.
    fn issue(&self, mut visa: Visa, texts: VisaTexts) -> SignedVisa {
        texts.apply(&mut visa);
        visa.permissions = codes::permissions(["GRU", "HMB"]).expect("known permissions");
        visa.disease = codes::disease("E11.9").expect("a known disease");
        let key = &self.keys[visa.schema as usize];
        SignedVisa::sign(visa, texts, key).expect("the fixture's visas are valid")
    }

    /// A second approval of the study, by another ethics board that this organisation registered.
    pub fn add_approval(&mut self, registrant: &str) {
        let (place, ethics) = (self.keys.len(), VisaSchema::Ethics as usize);
        let key = PrivateKey::from_bytes([place as u8 + 1; 32]);
        let schema = VisaSchema::Ethics;
        self.issuers
            .push(issuer(&key, schema, GROUPS[ethics], registrant, &[]));
        let (first, blind) = &self.wallet[ethics];
        let mut visa = first.visa().clone();
        visa.salt = Felt::from_u64(place as u64);
        let visa = SignedVisa::sign(visa, VisaTexts::default(), &key).expect("a valid visa");
        self.wallet.push((visa, *blind));
        self.keys.push(key);
    }

    /// Changes a visa of the wallet and signs it again, without texts.
    pub fn change_visa(&mut self, schema: VisaSchema, change: impl FnOnce(&mut Visa)) {
        let held = &mut self.wallet[schema as usize].0;
        let mut visa = held.visa().clone();
        change(&mut visa);
        *held = SignedVisa::sign(visa, VisaTexts::default(), &self.keys[schema as usize])
            .expect("still a valid visa");
    }

    /// Instance and witness for a policy.
    ///
    /// **Errors**: as `prepare`.
    pub fn prepare(&self, program: &Program) -> Result<Prepared, PrepareError> {
        let visas: Vec<HeldVisa<'_>> = self
            .wallet
            .iter()
            .map(|(visa, blind)| HeldVisa {
                visa,
                blind: *blind,
            })
            .collect();
        let applicant = Applicant {
            secret: &self.secret,
            visas: &visas,
            study: self.study,
            study_salt: self.study_salt,
        };
        let Self {
            issuers,
            day,
            scope,
            request,
            context,
            ..
        } = self;
        prepare(
            &applicant,
            &RequestContext {
                program,
                issuers,
                day: *day,
                scope: *scope,
                request: *request,
                context: *context,
            },
        )
    }
}

impl Default for EligibilityWorld {
    fn default() -> Self {
        EligibilityWorld::new()
    }
}

fn issuer(
    key: &PrivateKey,
    schema: VisaSchema,
    group: &str,
    registrant: &str,
    revoked: &[u64],
) -> RegisteredIssuer {
    let tree = RevocationTree::from_values(REVOCATION_DEPTH, revoked).expect("different values");
    let leaf = IssuerLeaf {
        key: PublicPoint::new(key.public_key()).expect("a public key"),
        schema: schema.id(),
        group: group_hash(group),
        institution: match schema {
            VisaSchema::Affiliation => msp_hash(registrant),
            VisaSchema::Ethics | VisaSchema::Terms | VisaSchema::Cohort => Felt::ZERO,
        },
        registrant: msp_hash(registrant),
        revocation_root: Felt(tree.root()),
        status: ACTIVE,
    };
    RegisteredIssuer {
        leaf,
        revoked: revoked.to_vec(),
    }
}

fn texts(schema: VisaSchema) -> VisaTexts {
    let some = |text: &str| Some(text.to_owned());
    let value = match schema {
        VisaSchema::Affiliation => "faculty",
        VisaSchema::Ethics => "approved",
        VisaSchema::Terms => "terms-2026",
        VisaSchema::Cohort => "diabetes research",
    };
    VisaTexts {
        value: some(value),
        role: some("researcher"),
        source: some("https://university.example"),
        institution: some("University"),
        study: (schema == VisaSchema::Ethics).then(|| "STUDY-7".to_owned()),
        ..VisaTexts::default()
    }
}

/// Compiles a policy that is known to be valid.
pub fn compile_yaml(yaml: &str) -> Program {
    let document = PolicyDocument::from_yaml(yaml).expect("a valid policy");
    compile(&document.to_canonical()).expect("a policy that compiles")
}

/// A valid instance and witness of tier 1.
pub fn eligibility_fixture_1() -> Prepared {
    EligibilityWorld::new()
        .prepare(&compile_yaml(POLICY_1))
        .expect("the fixture is eligible")
}

/// A valid instance and witness of tier 4, with all four visas on.
pub fn eligibility_fixture_4() -> Prepared {
    EligibilityWorld::new()
        .prepare(&compile_yaml(POLICY_4))
        .expect("the fixture is eligible")
}
