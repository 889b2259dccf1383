//! A forger who holds every issuer's key, writes policies and registers issuers: changes one thing
//! and makes everything else consistent with it, so that a refusal is the work of the clause under
//! test.

use medveil_circuits::domain;
use medveil_circuits::eligibility::{
    Eligibility, EligibilityPrivate, EligibilityPublic, VisaWitness,
};
use medveil_circuits::field::{Felt, Fr};
use medveil_circuits::ids::{IssuerRoot, Nullifier, PolicyRoot};
use medveil_circuits::merkle::Tree;
use medveil_circuits::policy::{Header, Program, root_of};
use medveil_circuits::poseidon;
use medveil_circuits::registry::ISSUER_DEPTH;
use medveil_circuits::statement::Statement;
use medveil_circuits::testing::{EligibilityWorld, POLICY_1, POLICY_4, compile_yaml, violations};
use medveil_circuits::visa::{Slot, commitment};

pub struct Forge {
    pub world: EligibilityWorld,
    pub public: EligibilityPublic,
    pub private: EligibilityPrivate,
    tier: u8,
}

impl Forge {
    pub fn one() -> Self {
        Forge::of(EligibilityWorld::new(), &compile_yaml(POLICY_1))
    }

    pub fn four() -> Self {
        Forge::of(EligibilityWorld::new(), &compile_yaml(POLICY_4))
    }

    pub fn of(world: EligibilityWorld, program: &Program) -> Self {
        let prepared = world.prepare(program).unwrap();
        Forge {
            world,
            public: prepared.public,
            private: prepared.private,
            tier: prepared.tier,
        }
    }

    pub fn visa(&mut self, i: usize) -> &mut VisaWitness {
        &mut self.private.visas[i]
    }

    /// The issuer signs whatever the slots say.
    pub fn resign(&mut self, i: usize) {
        let message = self.private.visas[i].slots.hash();
        self.private.visas[i].signature = self.world.keys[i].sign(message);
    }

    /// Sets a slot, signed.
    pub fn set_slot(&mut self, i: usize, slot: Slot, value: Fr) {
        self.private.visas[i].slots.set(slot, value);
        self.resign(i);
    }

    /// The registry holds whatever the witness says of its issuers, with this status.
    pub fn reregister(&mut self, status: u64) {
        let mut tree = Tree::from_leaves(domain::TreeKind::Issuer, ISSUER_DEPTH, &[]).unwrap();
        let blocks = self.private.alternative.blocks.clone();
        let on = self.header().visas as usize;
        for (visa, block) in self.private.visas.iter().zip(&blocks).take(on) {
            let parts = [
                visa.key.x,
                visa.key.y,
                block.schema,
                block.group,
                visa.institution,
                visa.registrant,
                visa.revocation_root,
                Fr::from(status),
            ];
            tree.set(
                visa.issuer_path.index,
                poseidon::hash(domain::ISSUER_LEAF, &parts),
            )
            .unwrap();
        }
        for visa in self.private.visas.iter_mut().take(on) {
            visa.issuer_path = tree.path(visa.issuer_path.index).unwrap();
        }
        self.public.issuer_root = IssuerRoot::new(Felt(tree.root()));
    }

    /// The policy holds whatever the opened alternative says.
    pub fn repolicy(&mut self) {
        self.private.alternatives[usize::from(self.private.position)] =
            self.private.alternative.hash();
        self.public.policy_root = PolicyRoot::new(Felt(root_of(&self.private.alternatives)));
    }

    /// The request holds whatever its values say.
    pub fn rerequest(&mut self) {
        let [study, purpose, disease, region, submitter] = self.private.request.0;
        let hidden = poseidon::hash(domain::STUDY_BLIND, &[study, self.private.study_salt]);
        self.public.request = Felt(poseidon::hash(
            domain::REQUEST,
            &[hidden, purpose, disease, region, submitter],
        ));
    }

    /// The nullifier of the witness's secret.
    pub fn renullify(&mut self) {
        self.public.nullifier = Nullifier::new(Felt(poseidon::hash(
            domain::NULLIFIER,
            &[self.private.secret, self.public.scope.0],
        )));
    }

    /// The visa commits to the witness's secret.
    pub fn recommit(&mut self, i: usize) {
        let holder = commitment(self.private.secret, self.private.visas[i].blind);
        self.set_slot(i, Slot::Holder, holder);
    }

    pub fn header(&self) -> Header {
        Header::decode(self.private.alternative.header).unwrap()
    }

    pub fn set_header(&mut self, change: impl FnOnce(&mut Header)) {
        let mut header = self.header();
        change(&mut header);
        self.private.alternative.header = header.encode();
        self.repolicy();
    }

    /// The clause that the native reading names.
    pub fn named(&self) -> Option<&'static str> {
        let result = match self.tier {
            1 => Eligibility::<1>::check(&self.public, &self.private),
            _ => Eligibility::<4>::check(&self.public, &self.private),
        };
        result.err().map(|found| found.clause)
    }

    /// How many constraints are broken.
    pub fn broken(&self) -> usize {
        match self.tier {
            1 => violations::<Eligibility<1>>(&self.public, &self.private),
            _ => violations::<Eligibility<4>>(&self.public, &self.private),
        }
    }

    pub fn assert_holds(&self) {
        assert_eq!((self.named(), self.broken()), (None, 0));
    }

    /// Both readings refuse; the native one names the clause.
    pub fn assert_refused(&self, clause: &str) {
        assert_eq!(self.named(), Some(clause));
        assert!(self.broken() > 0, "{clause}: the circuit accepts a forgery");
    }

    /// Both readings refuse, and in the circuit it is exactly `n` constraints that do.
    pub fn assert_refused_by(&self, clause: &str, n: usize) {
        assert_eq!(self.named(), Some(clause));
        assert_eq!(self.broken(), n, "{clause}");
    }
}
