//! The 16 slots: names, types and widths (SPEC section 4).
//!
//! Which slots a schema needs stands in `schema`; what they hash to, in `visa`.

use super::SLOTS;

/// Bits of a day.
pub const DAY_BITS: usize = 20;
/// Bits of a code and of the permissions bitmap.
pub const CODE_BITS: usize = 32;
/// Bits of a revocation index.
pub const INDEX_BITS: usize = 64;

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotType {
    /// Any field element; 0 is absent.
    Hash,
    /// 64 bits.
    Index,
    /// 20 bits; 0 is absent.
    Day,
    /// 32 bits; 0 is absent.
    Code,
    /// 32 bits; always present.
    Bitmap,
}

impl SlotType {
    /// Bits of a typed slot; none of a hash.
    pub const fn bits(self) -> Option<usize> {
        match self {
            SlotType::Hash => None,
            SlotType::Index => Some(INDEX_BITS),
            SlotType::Day => Some(DAY_BITS),
            SlotType::Code | SlotType::Bitmap => Some(CODE_BITS),
        }
    }
}

/// One of the 16 slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Slot {
    Schema = 0,
    Holder = 1,
    RevocationIndex = 2,
    /// First invalid day.
    Expiry = 3,
    /// Day of the assertion.
    Asserted = 4,
    /// Who asserts it.
    By = 5,
    /// What is said.
    Value = 6,
    Role = 7,
    Source = 8,
    Permissions = 9,
    Disease = 10,
    /// Institution that the person belongs to.
    Institution = 11,
    Study = 12,
    Conditions = 13,
    Region = 14,
    Salt = 15,
}

impl Slot {
    /// All slots, in order.
    pub const ALL: [Slot; SLOTS] = [
        Slot::Schema,
        Slot::Holder,
        Slot::RevocationIndex,
        Slot::Expiry,
        Slot::Asserted,
        Slot::By,
        Slot::Value,
        Slot::Role,
        Slot::Source,
        Slot::Permissions,
        Slot::Disease,
        Slot::Institution,
        Slot::Study,
        Slot::Conditions,
        Slot::Region,
        Slot::Salt,
    ];

    /// Position, 0 to 15.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Name in visa files.
    pub const fn name(self) -> &'static str {
        const NAMES: [&str; SLOTS] = [
            "schema",
            "holder",
            "revocation_index",
            "expiry",
            "asserted",
            "by",
            "value",
            "role",
            "source",
            "permissions",
            "disease",
            "institution",
            "study",
            "conditions",
            "region",
            "salt",
        ];
        NAMES[self as usize]
    }

    pub const fn kind(self) -> SlotType {
        match self {
            Slot::RevocationIndex => SlotType::Index,
            Slot::Expiry | Slot::Asserted => SlotType::Day,
            Slot::By | Slot::Disease => SlotType::Code,
            Slot::Permissions => SlotType::Bitmap,
            Slot::Schema
            | Slot::Holder
            | Slot::Value
            | Slot::Role
            | Slot::Source
            | Slot::Institution
            | Slot::Study
            | Slot::Conditions
            | Slot::Region
            | Slot::Salt => SlotType::Hash,
        }
    }

    /// Whether no policy may ask for it: it would tell people apart.
    pub const fn is_forbidden(self) -> bool {
        matches!(self, Slot::Holder | Slot::RevocationIndex | Slot::Salt)
    }
}
