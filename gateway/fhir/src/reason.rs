//! Why a resource was not handed over, or what is to be known of one that was.

/// A reason that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    OlderVersion,
    SameAgain,
    Deleted,
    EnteredInError,
    NotDone,
    Planned,
    StatusUnknown,
    StatusUnreadable,
    Replaced,
    Superseded,
    Provisional,
    Refuted,
    VerificationUnreadable,
    CertaintyNotConfirmed,
    Focus,
    Modifier,
    ImplicitRules,
    Subsetted,
    SomebodyElse,
    Proposal,
    NoSubject,
    NotAPatient,
    ContainedSubject,
    ContainerOut,
    UnreadableReference,
    UnknownSubject,
    AmbiguousSubject,
    RefusedSubject,
    NoIdentity,
    UnresolvedLink,
    ReplacedPatient,
    LinkContradiction,
    NoIdentifier,
    SeveralIdentifiers,
    SharedIdentifier,
    BundleInside,
    BundleOfNoState,
    Parameters,
    ShortSearch,
    ShortExport,
    PartExport,
    ExportErrors,
    NoType,
    UnreadableDeletion,
    MaybeDeleted,
    /// Handed over all the same.
    InactivePatient,
    /// Handed over all the same.
    FurtherRecord,
}

impl Reason {
    /// The reason in words.
    pub fn words(self) -> &'static str {
        use Reason::*;
        match self {
            OlderVersion => "an older state of a resource",
            SameAgain => "the same resource stands in the set again",
            Deleted => "deleted by a later export",
            EnteredInError => "entered in error",
            NotDone => "cancelled, not done or declined",
            Planned => "only planned, registered or a draft",
            StatusUnknown => "the status is unknown",
            StatusUnreadable => "the status is missing or no code of its value set",
            Replaced => "replaced by another resource",
            Superseded => "a preliminary result of which a final one stands in the set",
            Provisional => "provisional, differential or unconfirmed",
            Refuted => "refuted",
            VerificationUnreadable => "the verification status cannot be read",
            CertaintyNotConfirmed => {
                "the certainty of the diagnosis is suspected, excluded or past"
            }
            Focus => "about a focus that is not the subject",
            Modifier => "a modifier extension changes its meaning",
            ImplicitRules => "implicit rules change its meaning",
            Subsetted => "only a part of the resource is there (tag SUBSETTED)",
            SomebodyElse => "about somebody else, or about the person's relatives",
            Proposal => "proposed, not ordered",
            NoSubject => "no subject",
            NotAPatient => "subject is no patient",
            ContainedSubject => "subject is contained, without an identity of its own",
            ContainerOut => "contained in a resource that does not count",
            UnreadableReference => "the reference to the subject cannot be read",
            UnknownSubject => "subject is not in the set",
            AmbiguousSubject => "subject is ambiguous: several patients answer to it",
            RefusedSubject => "subject is a patient who was refused",
            NoIdentity => "patient without id, full URL or an identifier of their own",
            UnresolvedLink => "patient linked to a record that is not in the set",
            ReplacedPatient => "record of a patient that another record replaces or completes",
            LinkContradiction => "linked patient records contradict in sex or birth date",
            NoIdentifier => "patient without an identifier of the schema's system",
            SeveralIdentifiers => "patient with several identifiers of the schema's system",
            SharedIdentifier => "patient whose identifier another one has too, without a link",
            BundleInside => "bundle inside a bundle",
            BundleOfNoState => "bundle of a type that holds no states of resources",
            Parameters => "parameters, which may hold resources",
            ShortSearch => "a search has pages or matches that are not in the set",
            ShortExport => {
                "the export lists files, pages or numbers of resources that are not in the set"
            }
            PartExport => "the export was asked for a part only (_since, _type or a filter)",
            ExportErrors => "the server says that something could not be given (OperationOutcome)",
            NoType => "resource without a type",
            UnreadableDeletion => "a deletion that names no resource",
            MaybeDeleted => "may be what a deletion means that names no resource",
            InactivePatient => "patient record is not active (kept)",
            FurtherRecord => "further record of a person (kept)",
        }
    }

    /// Whether nobody can tell what such a resource says: it may be anything of its subject.
    pub fn is_open(self) -> bool {
        use Reason::*;
        matches!(
            self,
            StatusUnknown
                | StatusUnreadable
                | VerificationUnreadable
                | Modifier
                | ImplicitRules
                | Subsetted
                | MaybeDeleted
        )
    }

    /// Whether what it counts was handed over all the same.
    pub fn kept(self) -> bool {
        matches!(self, Reason::InactivePatient | Reason::FurtherRecord)
    }
}
