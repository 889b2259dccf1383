//! The functions of an expression: names, counts of arguments, and those left out on purpose.

/// A function behind a dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    // With an expression for each element.
    Where,
    Select,
    Exists,
    All,
    Repeat,
    Iif,
    // Collections.
    Empty,
    Not,
    First,
    Last,
    Tail,
    Skip,
    Take,
    Single,
    Count,
    Distinct,
    IsDistinct,
    AllTrue,
    AnyTrue,
    AllFalse,
    AnyFalse,
    Union,
    Combine,
    Intersect,
    Exclude,
    SubsetOf,
    SupersetOf,
    // FHIR.
    OfType,
    Is,
    As,
    Extension,
    HasValue,
    GetValue,
    GetResourceKey,
    GetReferenceKey,
    LowBoundary,
    HighBoundary,
    // Texts.
    Join,
    Lower,
    Upper,
    Trim,
    StartsWith,
    EndsWith,
    Contains,
    Matches,
    Replace,
    ReplaceMatches,
    Substring,
    IndexOf,
    Length,
    Split,
    // Conversions.
    ToText,
    ToInteger,
    ToDecimal,
    ToBoolean,
    ToDate,
    ToDateTime,
    ToTime,
    // Numbers.
    Abs,
    Ceiling,
    Floor,
    Round,
    Truncate,
}

/// What stands between the brackets of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Expressions: fewest, most.
    Values(usize, usize),
    /// The name of a type.
    Type,
    /// The name of a type, or nothing.
    TypeOrNothing,
}

/// The function of a name, and what it takes.
pub(crate) fn lookup(name: &str) -> Option<(Function, Takes)> {
    use Function as F;
    let none = Takes::Values(0, 0);
    let one = Takes::Values(1, 1);
    let maybe = Takes::Values(0, 1);
    Some(match name {
        "where" => (F::Where, one),
        "select" => (F::Select, one),
        "exists" => (F::Exists, maybe),
        "all" => (F::All, one),
        "repeat" => (F::Repeat, one),
        "iif" => (F::Iif, Takes::Values(2, 3)),
        "empty" => (F::Empty, none),
        "not" => (F::Not, none),
        "first" => (F::First, none),
        "last" => (F::Last, none),
        "tail" => (F::Tail, none),
        "skip" => (F::Skip, one),
        "take" => (F::Take, one),
        "single" => (F::Single, none),
        "count" => (F::Count, none),
        "distinct" => (F::Distinct, none),
        "isDistinct" => (F::IsDistinct, none),
        "allTrue" => (F::AllTrue, none),
        "anyTrue" => (F::AnyTrue, none),
        "allFalse" => (F::AllFalse, none),
        "anyFalse" => (F::AnyFalse, none),
        "union" => (F::Union, one),
        "combine" => (F::Combine, one),
        "intersect" => (F::Intersect, one),
        "exclude" => (F::Exclude, one),
        "subsetOf" => (F::SubsetOf, one),
        "supersetOf" => (F::SupersetOf, one),
        other => return values(other),
    })
}

/// The functions that FHIR adds, and those that ask for types and precision.
fn values(name: &str) -> Option<(Function, Takes)> {
    use Function as F;
    let none = Takes::Values(0, 0);
    let one = Takes::Values(1, 1);
    let maybe = Takes::Values(0, 1);
    Some(match name {
        "ofType" => (F::OfType, Takes::Type),
        "is" => (F::Is, Takes::Type),
        "as" => (F::As, Takes::Type),
        "extension" => (F::Extension, one),
        "hasValue" => (F::HasValue, none),
        "getValue" => (F::GetValue, none),
        "getResourceKey" => (F::GetResourceKey, none),
        "getReferenceKey" => (F::GetReferenceKey, Takes::TypeOrNothing),
        "lowBoundary" => (F::LowBoundary, maybe),
        "highBoundary" => (F::HighBoundary, maybe),
        other => return texts(other),
    })
}

/// The functions of texts and numbers, and conversions.
fn texts(name: &str) -> Option<(Function, Takes)> {
    use Function as F;
    let none = Takes::Values(0, 0);
    let one = Takes::Values(1, 1);
    let two = Takes::Values(2, 2);
    let maybe = Takes::Values(0, 1);
    Some(match name {
        "join" => (F::Join, maybe),
        "lower" => (F::Lower, none),
        "upper" => (F::Upper, none),
        "trim" => (F::Trim, none),
        "startsWith" => (F::StartsWith, one),
        "endsWith" => (F::EndsWith, one),
        "contains" => (F::Contains, one),
        "matches" => (F::Matches, one),
        "replace" => (F::Replace, two),
        "replaceMatches" => (F::ReplaceMatches, two),
        "substring" => (F::Substring, Takes::Values(1, 2)),
        "indexOf" => (F::IndexOf, one),
        "length" => (F::Length, none),
        "split" => (F::Split, one),
        "toString" => (F::ToText, none),
        "toInteger" => (F::ToInteger, none),
        "toDecimal" => (F::ToDecimal, none),
        "toBoolean" => (F::ToBoolean, none),
        "toDate" => (F::ToDate, none),
        "toDateTime" => (F::ToDateTime, none),
        "toTime" => (F::ToTime, none),
        "abs" => (F::Abs, none),
        "ceiling" => (F::Ceiling, none),
        "floor" => (F::Floor, none),
        "round" => (F::Round, maybe),
        "truncate" => (F::Truncate, none),
        _ => return None,
    })
}

/// Why a function of FHIRPath is left out on purpose.
pub(crate) fn refused(name: &str) -> Option<&'static str> {
    Some(match name {
        "now" | "today" | "timeOfDay" => "what is read must not depend on the clock",
        "resolve" | "memberOf" | "conformsTo" | "subsumes" | "subsumedBy" => {
            "it asks something outside the resource"
        }
        "trace" => "it writes values of the resource to a log",
        "sqrt" | "ln" | "log" | "exp" | "power" => "its results cannot be kept exactly",
        _ => return None,
    })
}
