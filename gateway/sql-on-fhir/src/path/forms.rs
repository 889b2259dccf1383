//! Elements of which a resource has one form at most: `value[x]`.

use super::types::{choice, parts, suffix_type};

/// Bases of several elements that may stand beside each other: `instantiatesUri` and
/// `instantiatesCanonical` of a request, `definitionUri` and `definitionCanonical` of a charge.
/// Source: <https://hl7.org/fhir/R4/servicerequest.html>, <https://hl7.org/fhir/R4/chargeitem.html>.
const NO_CHOICES: [&str; 2] = ["definition", "instantiates"];

/// The element of which there is one form only: `value`, of `value` and of `valueString`.
pub(super) fn one_of(name: &str) -> Option<&'static str> {
    let of_form = |(base, suffix)| choice(base).filter(|_| suffix_type(suffix).is_some());
    let found = choice(name).or_else(|| parts(name).find_map(of_form));
    found.filter(|name| !NO_CHOICES.contains(name))
}

#[cfg(test)]
mod tests {
    use super::one_of;

    #[test]
    fn names_of_one_element() {
        for (name, expected) in [
            ("value", Some("value")),
            ("valueQuantity", Some("value")),
            ("multipleBirthBoolean", Some("multipleBirth")),
            ("deceasedDateTime", Some("deceased")),
            ("valueSet", None),
            ("instantiatesUri", None),
            ("status", None),
        ] {
            assert_eq!(one_of(name), expected, "{name}");
        }
    }
}
