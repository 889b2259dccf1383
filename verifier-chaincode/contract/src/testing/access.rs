//! A dataset under a policy, with simulated proofs of eligibility and handover: requests,
//! decisions, deliveries.

use super::fixture::{BOARD, HOSPITAL, UNIVERSITY, consortium};
use super::sharing::{Dataset, activate, bench_with_registration, consortium_id, rng};
use super::{Bench, msp};
use crate::call::reply::{AccessDecided, AccessRequested, PolicyPut, RequestStatus};
use crate::call::request::{GetRegistry, GetRequest};
use crate::call::transient::{BODY_BYTES, BODY_TAG, KEY_WRAP, KeyWrap, SealedRequest};
use crate::call::{
    AccessTerms, AffirmAccess, ConfirmDelivery, DecideAccess, Decision, HandOverKey, PublishKey,
    PutPolicy, RegisterDataset, RequestAccess,
};
use crate::error::ContractError;
use crate::judge::eligibility::{self, Affirmed, RequestFacts};
use medveil_circuits::babyjubjub::{Point, PublicPoint, Scalar};
use medveil_circuits::eligibility::Eligibility;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::handover::{Granted, Handover, HandoverPackage, HandoverPublic, wrap};
use medveil_circuits::ids::{DatasetRoot, Day, IssuerRoot, Nullifier, PolicyRoot, RequestId};
use medveil_circuits::policy;
use medveil_circuits::testing::Trapdoor;
use rand_chacha::ChaCha20Rng;

/// A policy of the fixture: one anchor, hospital and board decide together.
pub const POLICY: &str = include_str!("policy.yaml");

/// Everything up to a request.
pub struct Access {
    pub bench: Bench,
    /// The registered dataset.
    pub dataset: Dataset,
    pub root: DatasetRoot,
    /// The registration's arguments.
    pub registration: RegisterDataset,
    /// Key of tier 1.
    pub eligibility: Trapdoor<Eligibility<1>>,
    /// Digest of that key.
    pub circuit: Digest,
    pub handover: Trapdoor<Handover>,
    pub policy: PolicyRoot,
    pub document: String,
    rng: ChaCha20Rng,
}

fn expect<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

/// The canonical JSON of a policy in YAML.
///
/// **Panics**: the policy does not compile.
pub fn canonical(yaml: &str) -> String {
    expect(policy::PolicyDocument::from_yaml(yaml)).to_canonical()
}

impl Access {
    /// A registered dataset of 20 rows with an active policy and all keys.
    pub fn new() -> Self {
        let (mut bench, registration_key) = bench_with_registration();
        let mut rng = rng(2);
        let eligibility = Trapdoor::generate(&mut rng);
        let circuit = activate(&mut bench, &eligibility);
        let handover = Trapdoor::generate(&mut rng);
        activate(&mut bench, &handover);
        let dataset = Dataset::of(consortium_id(), &msp(HOSPITAL), 20, 3);
        let registration = dataset.registration(&registration_key);
        let document = canonical(POLICY);
        let policy = expect(policy::compile(&document)).root();
        let mut access = Access {
            root: DatasetRoot::new(Felt::ZERO),
            bench,
            dataset,
            registration,
            eligibility,
            circuit,
            handover,
            policy,
            document,
            rng,
        };
        for (org, key) in [(HOSPITAL, 1), (BOARD, 2)] {
            let publish = PublishKey { key: [key; 32] };
            expect(access.bench.submit(&msp(org), &msp(BOARD), publish, None));
        }
        expect(access.put_policy(POLICY));
        let registration = access.registration.clone();
        let bench = &mut access.bench;
        let registered = bench.submit(&msp(HOSPITAL), &msp(BOARD), registration, None);
        access.root = expect(registered).dataset;
        access
    }

    /// Puts a policy for the dataset.
    ///
    /// **Errors**: the contract's refusal.
    pub fn put_policy(&mut self, yaml: &str) -> Result<PolicyPut, ContractError> {
        let args = PutPolicy {
            lineage: self.dataset.name.clone(),
            policy: canonical(yaml),
        };
        self.bench.submit(&msp(HOSPITAL), &msp(BOARD), args, None)
    }

    /// The registry's root now.
    pub fn issuer_root(&mut self) -> IssuerRoot {
        expect(self.bench.ask(&msp(BOARD), &msp(BOARD), GetRegistry)).root
    }

    /// Terms of a fresh request with this nullifier, and the recipient's secret.
    pub fn terms(&mut self, nullifier: u64, body: &[u8]) -> (AccessTerms, Scalar) {
        let secret = Scalar::random_nonzero(&mut self.rng);
        let recipient = expect(PublicPoint::new(Point::BASE8.mul(&secret)));
        let mut terms = AccessTerms {
            extension: 0,
            dataset: self.root,
            request: RequestId::new(Felt::ZERO),
            nullifier: Nullifier::new(Felt::from_u64(nullifier)),
            hidden_study: Felt::from_u64(4242),
            purpose: "cancer research".to_owned(),
            disease: 7,
            region: "EU".to_owned(),
            recipient,
            columns: 0b10111,
            body: Digest::of(body),
            day: Day::of_millis(self.bench.now_ms),
            issuer_root: self.issuer_root(),
        };
        terms.request = eligibility::request_id(&msp(UNIVERSITY), &terms);
        (terms, secret)
    }

    /// The scope of a request that is made now.
    pub fn scope(&self) -> Felt {
        let period_days = consortium(super::fixture::NONCE).period_days();
        let day = Day::of_millis(self.bench.now_ms);
        let period = (day, period_days);
        eligibility::scope(consortium_id(), "medveil", self.dataset.lineage, period)
    }

    /// What the ledger says about a request of the university.
    pub fn with_facts<T>(&self, run: impl FnOnce(&RequestFacts<'_>) -> T) -> T {
        run(&RequestFacts {
            consortium: consortium_id(),
            chaincode: "medveil",
            submitter: &msp(UNIVERSITY),
            scope: self.scope(),
            policy: self.policy,
            circuit: self.circuit,
        })
    }

    /// A proof of exactly these terms under this facts.
    pub fn prove(
        &mut self,
        facts: impl FnOnce(&mut RequestFacts<'_>),
        terms: &AccessTerms,
    ) -> RequestAccess {
        let public = self.with_facts(|good| {
            let mut changed = *good;
            facts(&mut changed);
            eligibility::instance(&changed, terms)
        });
        let proof = self.eligibility.forge(&public, &mut self.rng).raw().clone();
        RequestAccess {
            terms: terms.clone(),
            proof,
        }
    }

    /// A sealed body of the right shape, for the committee.
    pub fn sealed() -> SealedRequest {
        let key = |org: &str, to: u8| KeyWrap {
            msp_id: msp(org),
            to: [to; 32],
            wrapped: vec![to; KEY_WRAP],
        };
        SealedRequest {
            body: vec![9; BODY_BYTES.start() + BODY_TAG],
            keys: vec![key(BOARD, 2), key(HOSPITAL, 1)],
        }
    }

    /// The bytes of [`Access::sealed`].
    pub fn sealed_bytes() -> Vec<u8> {
        expect(borsh::to_vec(&Access::sealed()))
    }

    /// Submits a request of the university.
    ///
    /// **Errors**: the contract's refusal.
    pub fn request(&mut self, args: RequestAccess) -> Result<AccessRequested, ContractError> {
        let sealed = Some(Access::sealed_bytes());
        let (who, peer) = (msp(UNIVERSITY), msp(HOSPITAL));
        self.bench.submit(&who, &peer, args, sealed)
    }

    /// A request or a grant, as the ledger has it.
    ///
    /// **Panics**: it has none.
    pub fn status(&mut self, request: RequestId) -> RequestStatus {
        let query = GetRequest { request };
        expect(self.bench.ask(&msp(BOARD), &msp(BOARD), query))
    }

    /// A proof that affirms a recorded request now.
    pub fn affirm(&mut self, request: RequestId) -> AffirmAccess {
        let entry = self.status(request).request;
        let affirmed = Affirmed {
            version: entry.version,
            day: Day::of_millis(self.bench.now_ms),
            issuer_root: self.issuer_root(),
            circuit: self.circuit,
        };
        let public = eligibility::affirmation(consortium_id(), "medveil", &entry, &affirmed);
        let proof = self.eligibility.forge(&public, &mut self.rng).raw().clone();
        AffirmAccess {
            request,
            version: affirmed.version,
            day: affirmed.day,
            issuer_root: affirmed.issuer_root,
            circuit: affirmed.circuit,
            proof,
        }
    }

    /// What a vote on a request names; of no request where there is none.
    pub fn asked(&mut self, request: RequestId) -> Digest {
        let status = self
            .bench
            .ask(&msp(BOARD), &msp(BOARD), GetRequest { request });
        status.map_or(Digest::of(b"none"), |status| status.asked)
    }

    /// Votes.
    ///
    /// **Errors**: the contract's refusal.
    pub fn decide(
        &mut self,
        who: &str,
        request: RequestId,
        decision: Decision,
    ) -> Result<AccessDecided, ContractError> {
        let asked = self.asked(request);
        let args = DecideAccess {
            request,
            asked,
            decision,
        };
        self.bench.submit(&msp(who), &msp(HOSPITAL), args, None)
    }

    /// A request that hospital and board approved.
    pub fn granted(&mut self, nullifier: u64) -> (AccessTerms, Scalar) {
        let (terms, secret) = self.terms(nullifier, b"letter");
        let args = self.prove(|_| {}, &terms);
        expect(self.request(args));
        for who in [HOSPITAL, BOARD] {
            expect(self.decide(who, terms.request, Decision::Approve));
        }
        (terms, secret)
    }

    /// The granted keys wrapped to the recipient, the call that hands them over, and the call that
    /// confirms it.
    pub fn handover(
        &mut self,
        terms: &AccessTerms,
    ) -> (HandoverPackage, HandOverKey, ConfirmDelivery) {
        let e = Scalar::random_nonzero(&mut self.rng);
        let (grant, segment) = (terms.request, self.dataset.segment);
        let granted = Granted {
            keys: &self.dataset.keys,
            mask: terms.columns,
            recipient: &terms.recipient,
            grant,
            segment,
        };
        let Some(package) = wrap(&granted, &e) else {
            panic!("the scalar is not 0")
        };
        let digest = package.digest();
        let public = HandoverPublic {
            digest,
            key_commitment: self.dataset.keys.commitment(),
            recipient: terms.recipient,
            mask: terms.columns,
            grant,
            segment,
        };
        let proof = self.handover.forge(&public, &mut self.rng).raw().clone();
        (
            package,
            HandOverKey {
                grant,
                segment,
                digest,
            },
            ConfirmDelivery {
                grant,
                segment,
                digest,
                proof,
            },
        )
    }
}

impl Default for Access {
    fn default() -> Self {
        Access::new()
    }
}
