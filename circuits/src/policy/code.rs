//! The fixed layout of a program, its hashes, and what a clause means (SPEC section 6).
//!
//! Everything is raw field elements, because a witness may hold any: `Header::decode` and
//! `ClauseCode::holds` say what is well formed. The circuit's reading of the
//! same is `eligibility::r1cs`.

use ark_ff::AdditiveGroup;

use super::{CLAUSES, OPERANDS};
use crate::domain;
use crate::field::Fr;
use crate::poseidon;
use crate::visa::{CODE_BITS, SLOTS, Slot, SlotType, Slots, fits, small};

/// Version in every alternative's header.
pub const VERSION: u64 = 2;
/// Bits of an alternative's header.
pub const HEADER_BITS: usize = 22;
/// Bits of a clause header.
pub const CLAUSE_HEADER_BITS: usize = 10;

/// What a clause asks of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Nothing.
    None,
    /// Equal to operand 0.
    Eq,
    /// One of the operands.
    In,
    /// None of the operands.
    NotIn,
    /// From operand 0 to operand 1.
    Range,
    /// Every bit is a bit of operand 0.
    Subset,
    /// Every bit of operand 0 is a bit.
    Superset,
    Exists,
}

impl Op {
    const ALL: [Op; 8] = [
        Op::None,
        Op::Eq,
        Op::In,
        Op::NotIn,
        Op::Range,
        Op::Subset,
        Op::Superset,
        Op::Exists,
    ];
}

/// Which value of the request takes the place of operand 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Req {
    /// None: operand 0 stands.
    None,
    Study,
    Purpose,
    Disease,
    Region,
    Submitter,
}

impl Req {
    /// All of them, by code.
    pub const ALL: [Req; 6] = [
        Req::None,
        Req::Study,
        Req::Purpose,
        Req::Disease,
        Req::Region,
        Req::Submitter,
    ];

    /// `$request.study` and so on.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Req::None => None,
            Req::Study => Some("$request.study"),
            Req::Purpose => Some("$request.purpose"),
            Req::Disease => Some("$request.disease"),
            Req::Region => Some("$request.region"),
            Req::Submitter => Some("$request.submitter"),
        }
    }
}

/// The values of a request as elements, in the order of `Req`: study, purpose, disease, region,
/// submitter.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestElements(pub [Fr; 5]);

impl RequestElements {
    /// The value that a clause asks for.
    pub fn get(&self, req: Req) -> Fr {
        match (req as usize).checked_sub(1) {
            Some(i) => self.0[i],
            None => Fr::ZERO,
        }
    }
}

/// `[header, o0, o1, o2, o3]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ClauseCode {
    /// selector + 16 * op + 128 * req.
    pub header: Fr,
    pub operands: [Fr; OPERANDS],
}

/// A header, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClauseHeader {
    pub selector: Slot,
    pub op: Op,
    pub req: Req,
}

impl ClauseHeader {
    pub fn encode(self) -> Fr {
        Fr::from(self.selector as u64 + 16 * self.op as u64 + 128 * self.req as u64)
    }

    /// Reads an element and checks that the operator fits the slot (E10).
    pub fn decode(header: Fr) -> Option<Self> {
        let bits = small(header).filter(|bits| bits >> CLAUSE_HEADER_BITS == 0)? as usize;
        let selector = *Slot::ALL.get(bits & 15)?;
        let (op, req) = (Op::ALL[bits >> 4 & 7], *Req::ALL.get(bits >> 7)?);
        let fits = match op {
            Op::None => true,
            _ if selector.is_forbidden() => false,
            Op::Range => matches!(selector.kind(), SlotType::Day | SlotType::Code),
            Op::Subset | Op::Superset => selector.kind() == SlotType::Bitmap,
            Op::Eq | Op::In | Op::NotIn | Op::Exists => true,
        };
        let req_fits = req == Req::None || matches!(op, Op::Eq | Op::In | Op::NotIn);
        (fits && req_fits).then_some(ClauseHeader { selector, op, req })
    }
}

impl ClauseCode {
    /// A clause of a program.
    pub fn new(selector: Slot, op: Op, req: Req, operands: [Fr; OPERANDS]) -> Self {
        ClauseCode {
            header: ClauseHeader { selector, op, req }.encode(),
            operands,
        }
    }

    /// Whether the clause holds, given a header that `ClauseHeader::decode` read (E11).
    pub fn holds(&self, header: ClauseHeader, slots: &Slots, request: &RequestElements) -> bool {
        if header.op == Op::None {
            return true;
        }
        let x = slots.get(header.selector);
        let present = x != Fr::ZERO || header.selector.kind() == SlotType::Bitmap;
        let mut operands = self.operands;
        if header.req != Req::None {
            operands[0] = request.get(header.req);
            if operands[0] == Fr::ZERO {
                return false;
            }
        }
        present && holds(header.op, x, &operands)
    }
}

fn holds(op: Op, x: Fr, operands: &[Fr; OPERANDS]) -> bool {
    let wide = |value: Fr| fits(value, CODE_BITS);
    let int = |value: Fr| small(value).unwrap_or(u64::MAX);
    let [low, high, ..] = *operands;
    match op {
        Op::None | Op::Exists => true,
        Op::Eq => x == low,
        Op::In => operands.contains(&x),
        Op::NotIn => !operands.contains(&x),
        Op::Range => {
            [x, low, high].into_iter().all(wide) && (int(low)..=int(high)).contains(&int(x))
        }
        Op::Subset => wide(x) && wide(low) && int(x) & !int(low) == 0,
        Op::Superset => wide(x) && wide(low) && int(low) & !int(x) == 0,
    }
}

/// Schema, group and six clauses: 32 elements.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct BlockCode {
    pub schema: Fr,
    /// F("group", name).
    pub group: Fr,
    /// Clauses; switched-off ones are zeros.
    pub clauses: [ClauseCode; CLAUSES],
}

impl BlockCode {
    /// The 32 elements.
    pub fn elements(&self) -> Vec<Fr> {
        let clauses = self
            .clauses
            .iter()
            .flat_map(|c| std::iter::once(c.header).chain(c.operands));
        [self.schema, self.group]
            .into_iter()
            .chain(clauses)
            .collect()
    }

    /// The two halves of the block's hash: P_12 and P_13.
    pub fn hashes(&self) -> [Fr; 2] {
        let elements = self.elements();
        [
            poseidon::hash(domain::VISA_BLOCK_LOW, &elements[..SLOTS]),
            poseidon::hash(domain::VISA_BLOCK_HIGH, &elements[SLOTS..]),
        ]
    }
}

/// What an alternative says beside its visas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub tier: u8,
    /// How many visas are on.
    pub visas: u8,
    /// Approvals are for the request's study.
    pub require_study: bool,
    /// The anchor's institution is the submitter.
    pub require_institution: bool,
    /// Visas of one schema come from issuers that different organisations registered.
    pub distinct_issuers: bool,
    /// Visa and slot of the path clause.
    pub path: Option<(u8, Slot)>,
}

impl Header {
    /// tier + 2^4 * version + 2^8 * visas + 2^12 * require_study + 2^13 * require_institution +
    /// 2^14 * path_on + 2^15 * path_visa + 2^17 * path_selector + 2^21 * distinct_issuers.
    pub fn encode(self) -> Fr {
        let (on, visa, slot) = self
            .path
            .map_or((0, 0, 0), |(visa, slot)| (1, u64::from(visa), slot as u64));
        let flags = u64::from(self.require_study) << 12
            | u64::from(self.require_institution) << 13
            | u64::from(self.distinct_issuers) << 21;
        Fr::from(
            u64::from(self.tier)
                | VERSION << 4
                | u64::from(self.visas) << 8
                | flags
                | on << 14
                | visa << 15
                | slot << 17,
        )
    }

    /// Reads a header; exactly the elements that `encode` makes.
    pub fn decode(header: Fr) -> Option<Self> {
        let bits = small(header).filter(|bits| bits >> HEADER_BITS == 0)?;
        let on = bits >> 14 & 1 == 1;
        let path = (
            u8::try_from(bits >> 15 & 3).ok()?,
            *Slot::ALL.get((bits >> 17 & 15) as usize)?,
        );
        let decoded = Header {
            tier: (bits & 15) as u8,
            visas: (bits >> 8 & 15) as u8,
            require_study: bits >> 12 & 1 == 1,
            require_institution: bits >> 13 & 1 == 1,
            distinct_issuers: bits >> 21 & 1 == 1,
            path: on.then_some(path),
        };
        (decoded.encode() == header).then_some(decoded)
    }
}

/// Header, path root and one block for each visa of the tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlternativeCode {
    /// `Header::encode`.
    pub header: Fr,
    /// Root of the path clause's set; 0 where there is none.
    pub path_root: Fr,
    /// As many as the tier; switched-off ones are zeros.
    pub blocks: Vec<BlockCode>,
}

impl AlternativeCode {
    /// `P_14(header, path_root, lo_0, hi_0, ..)`.
    pub fn hash(&self) -> Fr {
        let halves = self.blocks.iter().flat_map(BlockCode::hashes);
        let elements: Vec<Fr> = [self.header, self.path_root]
            .into_iter()
            .chain(halves)
            .collect();
        poseidon::hash(domain::ALTERNATIVE, &elements)
    }
}
