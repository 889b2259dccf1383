//! What the first reading keeps: 64 bytes a resource, each reference and each server once, and of
//! patients their names and links.

use crate::Place;
use crate::patients::Patients;
use crate::reason::Reason;
use crate::reference::{Bases, Ident, Key, NO_BASE, References};
use crate::release::FhirVersion;
use crate::verdict::Verdict;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

/// Where a resource stands in the current file, and what its surroundings say of it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Spot<'s> {
    pub at: u64,
    pub in_line: u64,
    pub full_url: Option<&'s str>,
    /// When the surroundings say it was changed.
    pub time: Option<i64>,
    /// Among other states, some of which may be later.
    pub history: bool,
}

/// No number.
pub(crate) const NONE: u32 = u32::MAX;
/// No time.
pub(crate) const NO_TIME: i64 = i64::MIN;

/// Most types that are told apart.
const MAX_KINDS: usize = 5000;

/// One state of one resource, or a deletion.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub key: Ident,
    /// The digest of the content.
    pub content: u64,
    /// lastUpdated. **Units**: microseconds since 1970 UTC; [`NO_TIME`] where none.
    pub time: i64,
    /// A numeric versionId and one; 0 where none.
    pub version: u64,
    pub base: u32,
    /// Line of a file of lines, entry of a Bundle, 1 for a file of one resource.
    pub at: u32,
    /// Entry of a Bundle in a line, and which of the contained: [`Entry::PER_LINE`].
    pub sub: u32,
    /// Number of the reference to the subject; of a Patient, its number; [`NONE`] where none.
    pub subject: u32,
    pub kind: u16,
    pub verdict: Verdict,
    pub flags: u8,
}

impl Entry {
    /// `sub` = entry in the line times this, and which of the contained from 1.
    pub(crate) const PER_LINE: u32 = 1024;
    pub(crate) const DELETION: u8 = 1;
    pub(crate) const CONTAINED: u8 = 2;
    /// Handed over where it counts.
    pub(crate) const WANTED: u8 = 4;
    /// A deletion without a time, among states that may be later.
    pub(crate) const PAST: u8 = 8;
    /// A full URL says which resource it is.
    pub(crate) const HAS_URL: u8 = 16;
    /// Above this, the rank of the status.
    pub(crate) const RANK: u32 = 5;

    /// A deletion.
    pub(crate) fn deletion(key: Key, kind: u16, time: Option<i64>, past: bool) -> Entry {
        let past = u8::from(past) * Entry::PAST;
        Entry {
            key: key.ident,
            content: 0,
            time: time.unwrap_or(NO_TIME),
            version: 0,
            base: key.base,
            at: 0,
            sub: 0,
            subject: NONE,
            kind,
            verdict: Verdict::Out(Reason::Deleted),
            flags: Entry::DELETION | past,
        }
    }

    pub(crate) fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
    pub(crate) fn place(&self) -> At {
        At {
            at: self.at,
            sub: self.sub,
        }
    }
    pub(crate) fn full_key(&self) -> Key {
        Key {
            ident: self.key,
            base: self.base,
        }
    }
    /// The rank of its status; 0 where it has none.
    pub(crate) fn rank(&self) -> u8 {
        self.flags >> Self::RANK
    }
    /// Whether it says that the resource never was.
    pub(crate) fn retracts(&self) -> bool {
        self.is(Self::DELETION) || self.verdict == Verdict::Out(Reason::EnteredInError)
    }
}

/// Where an entry stands in its file: all that is kept of it for the second reading.
#[derive(Clone, Copy)]
pub(crate) struct At {
    /// See [`Entry::at`] and [`Entry::sub`].
    pub at: u32,
    sub: u32,
}

impl At {
    pub(crate) fn contained(self) -> u32 {
        self.sub % Entry::PER_LINE
    }
    pub(crate) fn in_line(self) -> u32 {
        self.sub / Entry::PER_LINE
    }
    pub(crate) fn of_file(self, file: usize) -> Place {
        Place {
            file,
            at: u64::from(self.at),
            inside: self.in_line(),
            contained: self.contained(),
        }
    }
}

/// How a file is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Lines,
    Bundle,
    Single,
    /// Holds nothing to hand over.
    Nothing,
}

/// A file of the set.
pub(crate) struct FileSeen {
    pub path: PathBuf,
    pub digest: [u8; 32],
    pub shape: Shape,
    /// Its entries begin here and end where the next file's begin.
    pub start: usize,
    /// Earliest and latest lastUpdated in it.
    pub times: Option<(i64, i64)>,
    /// It could not be read to its end, which was gathered.
    pub is_broken: bool,
    pub tally: Tally,
}

/// How much a file holds.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    pub resources: u64,
    /// OperationOutcomes among them.
    pub outcomes: u64,
    /// Bundles in lines.
    pub bundles: u64,
    pub deletions: u64,
    /// What was passed over: of no type, or Bundles that hold no states.
    pub others: u64,
}

impl Tally {
    pub(crate) fn holds_deletions_only(&self) -> bool {
        self.resources == 0 && self.others == 0
    }
}

/// Where a deletion stands that names no resource.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Number of the file.
    File(usize),
    /// In none that was read, of an export. **Units**: microseconds since 1970 UTC.
    Export(i64),
}

/// A deletion that names no resource: it may be of any of a type, or of all.
pub(crate) struct Unplaced {
    pub kind: Option<u16>,
    pub origin: Origin,
    /// The deletion, as of a resource that is none.
    pub state: Entry,
}

/// What a place says of its release, first found.
pub(crate) struct Said {
    pub version: FhirVersion,
    pub place: String,
    pub hint: &'static str,
}

/// Everything the first reading keeps.
#[derive(Default)]
pub(crate) struct Index {
    pub entries: Vec<Entry>,
    pub files: Vec<FileSeen>,
    pub kinds: Vec<String>,
    pub kind_numbers: HashMap<String, u16>,
    pub references: References,
    pub bases: Bases,
    pub patients: Patients,
    /// Further names of entries, by which states are found to be of one resource.
    pub aliases: Vec<(Ident, Ident)>,
    /// Digests of identifier and code, of results that are preliminary or final.
    pub results: Vec<(u64, u32)>,
    /// What an entry replaces.
    pub replaces: Vec<(Key, u32)>,
    /// Counted before anything was indexed: type, reason, how often, where first.
    pub early: BTreeMap<(String, Reason), (u64, String)>,
    pub said: Option<Said>,
    /// Types that were seen.
    pub seen: BTreeSet<String>,
    /// Types that stand in files or bundles that are not all there; none for all types.
    pub missing: BTreeSet<Option<String>>,
    pub skipped: Vec<(PathBuf, &'static str)>,
    pub unplaced: Vec<Unplaced>,
    /// Files of whose resources only some elements were exported, and the types; none for all.
    pub parts: BTreeMap<usize, Option<BTreeSet<u16>>>,
}

impl Index {
    pub(crate) fn kind(&self, entry: &Entry) -> &str {
        self.kinds
            .get(usize::from(entry.kind))
            .map_or("", String::as_str)
    }

    pub(crate) fn kind_number(&mut self, kind: &str) -> u16 {
        if let Some(&number) = self.kind_numbers.get(kind) {
            return number;
        }
        // What is asked for is entered first, so that only names of no type share a number.
        let number = self.kinds.len().min(MAX_KINDS) as u16;
        if self.kinds.len() > MAX_KINDS {
            return number;
        }
        self.kinds.push(kind.to_owned());
        self.kind_numbers.insert(kind.to_owned(), number);
        number
    }

    pub(crate) fn file_of(&self, entry: usize) -> usize {
        let after = self.files.partition_point(|f| f.start <= entry);
        after.saturating_sub(1)
    }

    /// Where an entry stands, for people.
    pub(crate) fn place(&self, number: usize) -> String {
        let at = self.entries.get(number).map(Entry::place);
        let place = at.map(|at| at.of_file(self.file_of(number)));
        place.map_or_else(String::new, |place| words(&self.files, place))
    }

    /// Enters a deletion that names no resource: of each file and type, the latest.
    pub(crate) fn unplaced(
        &mut self,
        kind: Option<u16>,
        origin: Origin,
        time: Option<i64>,
        past: bool,
    ) {
        let key = Key {
            ident: Ident::default(),
            base: NO_BASE,
        };
        let state = Entry::deletion(key, kind.unwrap_or(u16::MAX), time, past);
        let mut here = self.unplaced.iter_mut().rev();
        let is_dated = |state: &Entry| state.time != NO_TIME;
        let same = here.by_ref().take_while(|u| u.origin == origin).find(|u| {
            let alike = (u.state.flags, is_dated(&u.state)) == (state.flags, is_dated(&state));
            u.kind == kind && alike
        });
        match same {
            Some(same) => same.state.time = same.state.time.max(state.time),
            None => self.unplaced.push(Unplaced {
                kind,
                origin,
                state,
            }),
        }
    }

    pub(crate) fn count_early(&mut self, kind: &str, reason: Reason, place: &str) {
        let key = (kind.to_owned(), reason);
        let count = self
            .early
            .entry(key)
            .or_insert_with(|| (0, place.to_owned()));
        count.0 += 1;
    }
}

/// A place in words.
pub(crate) fn words(files: &[FileSeen], place: Place) -> String {
    let Some(file) = files.get(place.file) else {
        return String::new();
    };
    let mut words = file.path.display().to_string();
    match file.shape {
        Shape::Lines => words += &format!(", line {}", place.at),
        Shape::Bundle => words += &format!(", entry {}", place.at),
        Shape::Single | Shape::Nothing => {}
    }
    if place.inside > 0 {
        words += &format!(", entry {}", place.inside);
    }
    if place.contained > 0 {
        words += &format!(", contained {}", place.contained);
    }
    words
}
