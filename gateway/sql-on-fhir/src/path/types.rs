//! What FHIR's element names say about types, as far as a reader of JSON needs it.
//!
//! JSON does not say the type of an element. `value[x]` writes it into the name (`valueQuantity`);
//! a resource says it in `resourceType`; dates are known by the names that R4 gives them. The
//! tables are facts of the specification (R4, and the names of choices of R5). What they do not
//! cover has no type here, and asking for it is refused rather than guessed.

/// An element that R4 calls dateTime in some places and instant in others.
pub(crate) const MOMENT: &str = "dateTime or instant";
/// An element that R4 calls date in some places and dateTime in others.
pub(crate) const DAY_OR_MOMENT: &str = "date or dateTime";

/// Names of `name[x]`. Sorted.
const CHOICES: &[&str] = &[
    "abatement",
    "actor",
    "additive",
    "address",
    "age",
    "allowed",
    "amount",
    "answer",
    "artifact",
    "asNeeded",
    "author",
    "born",
    "bounds",
    "characteristic",
    "chargeItem",
    "citeAs",
    "code",
    "collected",
    "concentration",
    "content",
    "cost",
    "coverage",
    "created",
    "date",
    "deceased",
    "defaultValue",
    "definingSubstance",
    "definition",
    "detail",
    "diagnosis",
    "dose",
    "doseNumber",
    "due",
    "duration",
    "effective",
    "endpoint",
    "entity",
    "event",
    "example",
    "fastingStatus",
    "fixed",
    "generatedBy",
    "identified",
    "indication",
    "instance",
    "instances",
    "instantiates",
    "instruction",
    "item",
    "legallyBinding",
    "link",
    "location",
    "manufacturer",
    "maxValue",
    "measureScore",
    "medication",
    "minValue",
    "minimumVolume",
    "module",
    "multipleBirth",
    "name",
    "network",
    "occurence",
    "occurred",
    "occurrence",
    "offset",
    "onset",
    "participantEffective",
    "pattern",
    "performed",
    "period",
    "presentation",
    "probability",
    "procedure",
    "product",
    "quantity",
    "rate",
    "reported",
    "scheduled",
    "sequence",
    "seriesDoses",
    "serviced",
    "source",
    "sourceScope",
    "start",
    "statusReason",
    "strength",
    "structureProfile",
    "studyEffective",
    "subject",
    "substance",
    "substanceDefinition",
    "target",
    "targetItem",
    "targetScope",
    "time",
    "timing",
    "topic",
    "used",
    "value",
    "versionAlgorithm",
    "when",
];

/// Types that a choice may have, and the type above each: `*` for none that matters here. Sorted.
const TYPES: &[(&str, &str)] = &[
    ("Address", "*"),
    ("Age", "Quantity"),
    ("Annotation", "*"),
    ("Attachment", "*"),
    ("Availability", "*"),
    ("BackboneElement", "*"),
    ("CodeableConcept", "*"),
    ("CodeableReference", "*"),
    ("Coding", "*"),
    ("ContactDetail", "*"),
    ("ContactPoint", "*"),
    ("Contributor", "*"),
    ("Count", "Quantity"),
    ("DataRequirement", "*"),
    ("Distance", "Quantity"),
    ("Dosage", "*"),
    ("Duration", "Quantity"),
    ("Element", "*"),
    ("Expression", "*"),
    ("ExtendedContactDetail", "*"),
    ("Extension", "*"),
    ("HumanName", "*"),
    ("Identifier", "*"),
    ("Meta", "*"),
    ("Money", "*"),
    ("MoneyQuantity", "Quantity"),
    ("Narrative", "*"),
    ("ParameterDefinition", "*"),
    ("Period", "*"),
    ("Quantity", "*"),
    ("Range", "*"),
    ("Ratio", "*"),
    ("RatioRange", "*"),
    ("Reference", "*"),
    ("RelatedArtifact", "*"),
    ("SampledData", "*"),
    ("Signature", "*"),
    ("SimpleQuantity", "Quantity"),
    ("Timing", "*"),
    ("TriggerDefinition", "*"),
    ("UsageContext", "*"),
    ("base64Binary", "*"),
    ("boolean", "*"),
    ("canonical", "uri"),
    ("code", "string"),
    ("date", "*"),
    ("dateTime", "*"),
    ("decimal", "*"),
    ("id", "string"),
    ("instant", "*"),
    ("integer", "*"),
    ("integer64", "*"),
    ("markdown", "string"),
    ("oid", "uri"),
    ("positiveInt", "integer"),
    ("string", "*"),
    ("time", "*"),
    ("unsignedInt", "integer"),
    ("uri", "*"),
    ("url", "uri"),
    ("uuid", "uri"),
];

/// Elements that are no choice and whose name is a date's wherever R4 uses it. Sorted.
const TEMPORALS: &[(&str, &str)] = &[
    ("approvalDate", "date"),
    ("authored", "dateTime"),
    ("authoredOn", "dateTime"),
    ("availableEndTime", "time"),
    ("availableStartTime", "time"),
    ("birthDate", "date"),
    ("closingTime", "time"),
    ("created", DAY_OR_MOMENT),
    ("creation", "dateTime"),
    ("date", DAY_OR_MOMENT),
    ("dateAsserted", "dateTime"),
    ("dateOfFirstAuthorization", "dateTime"),
    ("dateTime", "dateTime"),
    ("dateWritten", "dateTime"),
    ("detected", "dateTime"),
    ("effectiveDate", "dateTime"),
    ("effectiveTime", "dateTime"),
    ("end", MOMENT),
    ("enteredDate", "dateTime"),
    ("expirationDate", DAY_OR_MOMENT),
    ("expiry", "dateTime"),
    ("ifModifiedSince", "instant"),
    ("internationalBirthDate", "dateTime"),
    ("issued", MOMENT),
    ("lastModified", MOMENT),
    ("lastOccurrence", "dateTime"),
    ("lastPerformed", "dateTime"),
    ("lastReviewDate", "date"),
    ("lastUpdated", MOMENT),
    ("lockedDate", "date"),
    ("manufactureDate", "dateTime"),
    ("nextScheduled", "date"),
    ("openingTime", "time"),
    ("paymentDate", DAY_OR_MOMENT),
    ("presentationDate", "dateTime"),
    ("publicationDate", "dateTime"),
    ("received", "dateTime"),
    ("receivedTime", "dateTime"),
    ("recorded", MOMENT),
    ("recordedDate", "dateTime"),
    ("recordedOn", "dateTime"),
    ("releaseDate", "dateTime"),
    ("restoreDate", "dateTime"),
    ("sent", "dateTime"),
    ("start", MOMENT),
    ("started", "dateTime"),
    ("statusDate", DAY_OR_MOMENT),
    ("time", MOMENT),
    ("timeOfDay", "time"),
    ("timestamp", MOMENT),
    ("validTo", "dateTime"),
    ("validationDate", "dateTime"),
    ("verificationDate", "dateTime"),
    ("whenHandedOver", "dateTime"),
    ("whenPrepared", "dateTime"),
];

/// Elements that are no choice and a Quantity wherever R4 uses the name. Sorted.
const QUANTITIES: &[&str] = &[
    "areaUnderCurve",
    "caloricDensity",
    "capacity",
    "dailyAmount",
    "daysSupply",
    "denominator",
    "depth",
    "dispenseInterval",
    "expectedSupplyDuration",
    "externalDiameter",
    "firstDose",
    "halfLife",
    "halfLifePeriod",
    "high",
    "highLimit",
    "lethalDose50",
    "low",
    "lowLimit",
    "maxDosePerAdministration",
    "maxDosePerDay",
    "maxDosePerLifetime",
    "maxDuration",
    "maxSingleDose",
    "maxTreatmentPeriod",
    "maxVolumeToDeliver",
    "measureScore",
    "nominalVolume",
    "numerator",
    "participantEffectiveTimeFromStart",
    "retentionTime",
    "specimenQuantity",
    "studyEffectiveTimeFromStart",
    "timeFromStart",
    "weight",
];

/// Whether `name[x]` is an element of FHIR.
pub(crate) fn is_choice(name: &str) -> bool {
    choice(name).is_some()
}

/// The name of an element `name[x]`.
pub(super) fn choice(name: &str) -> Option<&'static str> {
    let at = CHOICES.binary_search(&name).ok()?;
    CHOICES.get(at).copied()
}

/// A name, taken apart before each of its capitals.
pub(super) fn parts(name: &str) -> impl Iterator<Item = (&str, &str)> {
    let capitals = name.char_indices().filter(|(_, c)| c.is_ascii_uppercase());
    capitals.filter_map(|(at, _)| name.split_at_checked(at))
}

fn entry(name: &str) -> Option<&'static (&'static str, &'static str)> {
    let found = TYPES.binary_search_by(|(n, _)| (*n).cmp(name)).ok()?;
    TYPES.get(found)
}

/// A data type of FHIR, by its own name.
pub(crate) fn data_type(name: &str) -> Option<&'static str> {
    entry(name).map(|(name, _)| *name)
}

/// The type that a choice writes behind its name: `DateTime` is dateTime.
pub(crate) fn suffix_type(suffix: &str) -> Option<&'static str> {
    let (first, rest) = suffix.as_bytes().split_first()?;
    if !first.is_ascii_uppercase() {
        return None;
    }
    let lower = || std::iter::once(first.to_ascii_lowercase()).chain(rest.iter().copied());
    let primitive = || {
        let at = TYPES.binary_search_by(|(name, _)| name.bytes().cmp(lower()));
        at.ok().and_then(|at| TYPES.get(at)).map(|(name, _)| *name)
    };
    data_type(suffix).or_else(primitive)
}

/// The type of an element that is asked for by its name in JSON.
pub(crate) fn element_type(name: &str) -> Option<&'static str> {
    let temporal = TEMPORALS.binary_search_by(|(n, _)| (*n).cmp(name)).ok();
    if let Some((_, kind)) = temporal.and_then(|at| TEMPORALS.get(at)) {
        return Some(kind);
    }
    if QUANTITIES.binary_search(&name).is_ok() {
        return Some("Quantity");
    }
    if name == "extension" || name == "modifierExtension" {
        return Some("Extension");
    }
    parts(name).find_map(|(base, suffix)| is_choice(base).then(|| suffix_type(suffix)).flatten())
}

/// Whether a type is another or stands below it.
pub(crate) fn is_below(name: &str, asked: &str) -> bool {
    let mut at = name;
    for _ in 0..4 {
        if at == asked {
            return true;
        }
        match entry(at) {
            Some((_, above)) => at = above,
            None => return false,
        }
    }
    false
}

/// Whether a data type of FHIR is written as one value, not as an object.
pub(crate) fn is_primitive(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Whether a name is a type of FHIRPath itself.
pub(crate) fn is_system(name: &str) -> bool {
    matches!(
        name,
        "Boolean"
            | "String"
            | "Integer"
            | "Long"
            | "Decimal"
            | "Date"
            | "DateTime"
            | "Time"
            | "Quantity"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        assert!(CHOICES.is_sorted() && QUANTITIES.is_sorted());
        assert!(TYPES.is_sorted() && TEMPORALS.is_sorted());
    }

    #[test]
    fn names_say_types() {
        assert_eq!(element_type("valueQuantity"), Some("Quantity"));
        assert_eq!(element_type("deceasedDateTime"), Some("dateTime"));
        assert_eq!(
            element_type("defaultValueBase64Binary"),
            Some("base64Binary")
        );
        assert_eq!(element_type("birthDate"), Some("date"));
        assert_eq!(element_type("valueSet"), None);
        assert_eq!(element_type("é"), None);
        assert!(is_below("code", "string") && is_below("Age", "Quantity"));
        assert!(!is_below("string", "code") && !is_below("*", "string"));
    }
}
