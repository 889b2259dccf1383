//! What the first reading keeps of each state of a Patient, compactly: 40 bytes, the text that names
//! it and 8, and 16 for each identifier; the rest only of those who have it.

use crate::reference::Ident;
use crate::texts::Texts;
use std::ops::Range;

/// A link from a patient record to another.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    pub kind: LinkKind,
    /// Number of the reference; [`NONE`](crate::index::NONE) where it cannot be read.
    pub to: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LinkKind {
    ReplacedBy,
    Replaces,
    Refer,
    SeeAlso,
    Unknown,
}

/// A state of a Patient. No `Debug`: it identifies somebody.
pub(crate) struct PatientSeen {
    /// Digests of name, sex and birth date; 0 where none.
    pub person: [u64; 3],
    pub inactive: bool,
    /// Where its identifiers and its values end: they begin where those before it end.
    identifiers_end: u32,
    values_end: u32,
}

/// What is said of a Patient as it is read.
pub(crate) struct PatientSaid<'p> {
    /// For a pseudonym; empty where nothing names it.
    pub identity: &'p str,
    /// Another name under which it may be referred to.
    pub id: Option<Ident>,
    pub identifiers: &'p [Ident],
    /// Values of the identifier that says who a person is, each once.
    pub values: &'p [&'p str],
    pub links: Vec<Link>,
    pub person: [u64; 3],
    pub inactive: bool,
}

/// The Patients of a set, by number.
#[derive(Default)]
pub(crate) struct Patients {
    all: Vec<PatientSeen>,
    /// One text each.
    pub identities: Texts,
    identifiers: Vec<Ident>,
    pub values: Texts,
    /// Of those who have one, in the order of numbers.
    ids: Vec<(u32, Ident)>,
    links: Vec<(u32, Link)>,
}

impl Patients {
    /// Keeps a Patient; gives its number.
    pub(crate) fn push(&mut self, said: PatientSaid<'_>) -> u32 {
        let number = self.all.len() as u32;
        self.identities.push(said.identity);
        self.identifiers.extend_from_slice(said.identifiers);
        said.values.iter().for_each(|value| self.values.push(value));
        self.ids.extend(said.id.map(|id| (number, id)));
        self.links
            .extend(said.links.into_iter().map(|link| (number, link)));
        self.all.push(PatientSeen {
            person: said.person,
            inactive: said.inactive,
            identifiers_end: self.identifiers.len() as u32,
            values_end: self.values.len() as u32,
        });
        number
    }

    /// Whether there are more of something than are numbered.
    pub(crate) fn are_too_many(&self) -> bool {
        let most = self.all.len().max(self.identifiers.len());
        most.max(self.values.len()) >= u32::MAX as usize
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn get(&self, number: u32) -> Option<&PatientSeen> {
        self.all.get(number as usize)
    }

    fn range(&self, number: u32, end: impl Fn(&PatientSeen) -> u32) -> Range<u32> {
        let end_of = |number: u32| self.get(number).map_or(0, &end);
        number.checked_sub(1).map_or(0, end_of)..end_of(number)
    }

    /// The numbers of a Patient's identifiers.
    pub(crate) fn identifiers(&self, number: u32) -> Range<u32> {
        self.range(number, |patient| patient.identifiers_end)
    }

    pub(crate) fn identifier(&self, number: u32) -> Ident {
        let found = self.identifiers.get(number as usize);
        found.copied().unwrap_or_default()
    }

    /// The numbers of a Patient's values.
    pub(crate) fn values(&self, number: u32) -> Range<u32> {
        self.range(number, |patient| patient.values_end)
    }

    /// Another name of a Patient.
    pub(crate) fn id(&self, number: u32) -> Option<Ident> {
        let at = self.ids.binary_search_by_key(&number, |own| own.0).ok()?;
        self.ids.get(at).map(|own| own.1)
    }

    /// The links of a Patient.
    pub(crate) fn links(&self, number: u32) -> impl Iterator<Item = Link> + '_ {
        let start = self.links.partition_point(|own| own.0 < number);
        let rest = self.links.get(start..).unwrap_or_default();
        let own = rest.iter().take_while(move |own| own.0 == number);
        own.map(|own| own.1)
    }
}
