//! Every domain-separation tag and label, in one table (SPEC sections 1 and 2).
//!
//! A tag is a small integer in the capacity lane of Poseidon; a label prefixes the one
//! bytes-to-field function. Nothing else in the project invents a separator.

/// A Poseidon domain tag: what stands in the capacity lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag(u64);

impl Tag {
    /// The integer in the capacity lane.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The tag of a tree node `level` steps above the parents of the leaves.
    pub const fn node(kind: TreeKind, level: u64) -> Tag {
        Tag(256 * kind as u64 + level)
    }
}

/// Which tree a node belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum TreeKind {
    /// Issuer leaves, depth 2.
    Issuer = 1,
    /// Revoked indices of one issuer, depth 5, indexed.
    Revocation = 2,
    /// Values of one large policy set, depth 4.
    Set = 3,
    /// Chunk roots of one segment, depth 4.
    Segment = 4,
}

macro_rules! tags {
    ($($name:ident = $value:literal, $doc:literal;)*) => {
        $(#[doc = $doc] pub const $name: Tag = Tag($value);)*
        /// All tags that are not tree nodes.
        pub const ALL_TAGS: &[(&str, Tag)] = &[$((stringify!($name), $name)),*];
    };
}

tags! {
    CIRCOMLIB = 0, "circomlib's own function: the signed visa hash and the EdDSA challenge only.";
    HOLDER = 1, "Holder commitment (secret, blind).";
    NULLIFIER = 2, "Nullifier (secret, scope).";
    SCOPE = 3, "Scope (consortium, chaincode, lineage, period).";
    REQUEST = 4, "Request (hidden study, purpose, disease, region, submitter).";
    STUDY_BLIND = 5, "Hidden study (study hash, salt).";
    CONTEXT = 6, "Context of an eligibility proof.";
    REQUEST_ID = 7, "Request id.";
    LINEAGE = 8, "Lineage id (consortium, holder, name, nonce).";
    ISSUER_LEAF = 9, "Issuer leaf.";
    REVOCATION_LEAF = 10, "Leaf of an indexed revocation tree (value, next).";
    POSSESSION = 11, "Message of an issuer's proof of possession.";
    VISA_BLOCK_LOW = 12, "First half of a policy's visa block.";
    VISA_BLOCK_HIGH = 13, "Second half of a policy's visa block.";
    ALTERNATIVE = 14, "One alternative of a policy.";
    POLICY = 15, "Policy root over four alternatives.";
    SET_LEAF = 16, "Leaf of a large policy set.";
    PAGE = 17, "Page commitment (fold).";
    CIPHERTEXT = 18, "Ciphertext digest (fold).";
    PAGE_LEAF = 19, "Page leaf (commitment, ciphertext digest).";
    BLOCK = 20, "Block of page leaves.";
    CHUNK = 21, "Chunk root over block roots.";
    VERSION = 22, "Version root over segment roots.";
    DATASET = 23, "Dataset root.";
    LAYOUT = 24, "Layout of one block's columns.";
    KEY_VECTOR = 25, "Commitment to the 15 slot keys.";
    PAGE_KEY = 26, "Key of one page.";
    KEYSTREAM = 27, "Keystream of one page.";
    LINK = 28, "Link between two chunks of a registration.";
    HANDOVER_STREAM = 29, "Keystream that wraps slot keys.";
    HANDOVER_DIGEST = 30, "Digest of a handed-over key package (fold).";
    CLAIM_LINK = 31, "Link between two chunks of a claim.";
    CLAIM_CONTEXT = 32, "Context of a claim.";
    QUERY = 33, "Query hash (fold).";
    SEGMENT = 35, "Segment root.";
}

macro_rules! labels {
    ($($variant:ident = $text:literal, $doc:literal;)*) => {
        /// A label of the bytes-to-field function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Label { $(#[doc = $doc] $variant,)* }
        impl Label {
            pub const ALL: &'static [Label] = &[$(Label::$variant),*];
            /// The text that is hashed.
            pub const fn as_str(self) -> &'static str { match self { $(Label::$variant => $text,)* } }
        }
    };
}

labels! {
    Consortium = "consortium", "Bootstrap bytes of a consortium.";
    Chaincode = "chaincode", "Chaincode name.";
    Function = "function", "Name of a contract call.";
    Msp = "msp", "MSP id: institution, submitter, holder.";
    Region = "region", "Region name.";
    Study = "study", "Study id.";
    Value = "value", "Visa value or purpose.";
    Role = "role", "Visa role.";
    Source = "source", "Visa source.";
    Conditions = "conditions", "Visa conditions.";
    VisaSchema = "visa-schema", "Canonical JSON of a visa schema.";
    Group = "group", "Issuer group name.";
    Lineage = "lineage", "Dataset name within its holder.";
    RequestBody = "request-body", "SHA-256 of the body of a request.";
    Circuit = "circuit", "SHA-256 of a verifying key.";
    Schema = "schema", "Canonical JSON of a dataset schema.";
    Reading = "reading", "Root of a reading report.";
    Generator = "generator", "Hash to a BabyJubjub generator.";
}

#[cfg(test)]
mod tests;
