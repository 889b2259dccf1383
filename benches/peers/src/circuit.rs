//! What is proven: circuits of any size that are made for measuring, and statements of the project.

mod dense;
mod poseidon;

use self::dense::Dense;
use self::poseidon::Poseidon;
use medveil_circuits::eligibility::Eligibility;
use medveil_circuits::registration::Registration;
use medveil_circuits::statement::Synthesize;
use medveil_circuits::testing::{
    eligibility_fixture_1, eligibility_fixture_4, registration_fixture,
};
use std::fmt;

/// Rows that are left of a power of two, for those of the public inputs and the constant one.
const SPARE: usize = 16;

/// Smallest and largest size; `poseidon` begins one above.
///
/// **Units**: logarithm of the number of rows.
pub const SIZES: std::ops::RangeInclusive<u32> = 8..=20;

/// What rows are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Each row is a product of random sums of several wires.
    Dense,
    /// Poseidon hashes and ranges of 64 bits, as in the project's statements.
    Poseidon,
    /// Eligibility by one visa.
    Eligibility1,
    /// Eligibility by four visas.
    Eligibility4,
    /// Registration of 16 rows.
    Registration16,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [
        Kind::Dense,
        Kind::Poseidon,
        Kind::Eligibility1,
        Kind::Eligibility4,
        Kind::Registration16,
    ];

    /// As the command line says it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Dense => "dense",
            Kind::Poseidon => "poseidon",
            Kind::Eligibility1 => "eligibility-1",
            Kind::Eligibility4 => "eligibility-4",
            Kind::Registration16 => "registration-16",
        }
    }

    /// Whether it comes in every size.
    pub fn is_sized(self) -> bool {
        matches!(self, Kind::Dense | Kind::Poseidon)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A circuit, with the logarithm of its size where it comes in several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Circuit {
    /// What its rows are made of.
    pub kind: Kind,
    /// Logarithm of its size; 0 for a statement of the project.
    pub log: u32,
}

/// Something to do with a circuit.
pub trait Visit {
    /// What comes of it.
    type Out;
    /// Called with a valid instance and witness.
    fn visit<S: Synthesize>(self, public: &S::Public, private: &S::Private) -> Self::Out;
}

impl Circuit {
    /// Calls with the circuit's statement; `None` for a size that it does not come in.
    pub fn visit<V: Visit>(self, visit: V) -> Option<V::Out> {
        macro_rules! sized {
            ($visit:expr, $make:ident, $($log:literal)*) => {
                match self.log {
                    $($log => Some($visit.visit::<$make<$log>>(&$make::<$log>::public(), &())),)*
                    _ => None,
                }
            };
        }
        match self.kind {
            Kind::Dense => sized!(visit, Dense, 8 9 10 11 12 13 14 15 16 17 18 19 20),
            Kind::Poseidon => sized!(visit, Poseidon, 9 10 11 12 13 14 15 16 17 18 19 20),
            Kind::Eligibility1 => {
                let fixture = eligibility_fixture_1();
                Some(visit.visit::<Eligibility<1>>(&fixture.public, &fixture.private))
            }
            Kind::Eligibility4 => {
                let fixture = eligibility_fixture_4();
                Some(visit.visit::<Eligibility<4>>(&fixture.public, &fixture.private))
            }
            Kind::Registration16 => {
                let plan = registration_fixture(16, 16);
                let block = plan.chunks.first()?.blocks.first()?;
                Some(visit.visit::<Registration<16>>(&block.public, &block.private))
            }
        }
    }
}

impl fmt::Display for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind.is_sized() {
            true => write!(f, "{}-{}", self.kind, self.log),
            false => write!(f, "{}", self.kind),
        }
    }
}

/// Names of circuits of one kind by the logarithm of their size.
const fn name(names: &[&'static str; 13], log: usize) -> &'static str {
    names[log - 8]
}
