//! What a verified bundle proves, and what it does not, in words.

use super::{Render, count, list, quoted};
use crate::journey::verify::{EndorsedTransaction, EndorsingPeer, NotProven, Verified};
use jiff::Span;
use jiff::civil::Date;
use medveil_circuits::claim::CountUnit;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::Day;

impl Render for Verified {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("{}: {}", self.holder, self.terms.sentence),
            format!(
                "  dataset {} of {}: {} of {}; claim {}",
                self.name,
                self.holder,
                count(self.rows, "row"),
                count(self.subjects, "subject"),
                self.claim
            ),
            format!(
                "  {} verified, keys of {}",
                count(self.proofs as u64, "proof"),
                count(self.keys.len() as u64, "circuit")
            ),
        ];
        lines.push(format!(
            "  floor {0}: the hits are of {0} subjects or more, and the number claimed is {0} or more below all",
            self.subject_floor
        ));
        if self.terms.unit == CountUnit::Rows {
            let floor = self.subject_floor;
            lines.push(format!(
                "  {floor} subjects or more have a row that is no hit"
            ));
        }
        let criterion = |name: &String| {
            format!(
                "  {name} = TRUE in every row: an inclusion criterion, proven by the registration"
            )
        };
        lines.extend(self.criteria.iter().map(criterion));
        let reading = |root: &Digest| {
            format!("  reading report {root}: the holder is bound to it; `dataset report` opens it")
        };
        lines.extend(self.readings.iter().map(reading));
        lines.extend(self.transactions.iter().flat_map(endorsement_lines));
        lines.extend(self.proven_spans.iter().map(|span| format!("  {span}")));
        let unproven = self.not_proven.iter().map(|n| not_proven(*n));
        lines.extend(unproven.map(|what| format!("  not proven: {what}")));
        if self.insecure_development_keys {
            let warning = "  insecure development keys: whoever knows their public seed can forge these proofs";
            lines.push(warning.to_owned());
        }
        lines.extend(anchor_lines(self));
        lines
    }
}

/// What is not proven, after "not proven:".
fn not_proven(what: NotProven) -> &'static str {
    match what {
        NotProven::Committed => {
            "that the two transactions were ordered and committed, and that the dataset is still current: only the ledger tells"
        }
        NotProven::RowsTrue => {
            "that the rows are true, and all that the holder has: proofs speak of what was committed"
        }
        NotProven::PseudonymsDiffer => {
            "that two pseudonyms are two people: it is the holder's word"
        }
        NotProven::ExactBounds => {
            "that values keep to the schema's exact bounds: proven is the span that is printed"
        }
    }
}

/// The organisations, then each peer with the certificate that it signed with.
fn endorsement_lines(transaction: &EndorsedTransaction) -> Vec<String> {
    let mut lines = vec![format!(
        "  {} endorsed by {} on {}, transaction {}",
        transaction.what,
        list(&transaction.endorsers),
        date(transaction.day),
        transaction.tx_id
    )];
    let peer = |peer: &EndorsingPeer| {
        let (organisation, name) = (&peer.organisation, quoted(&peer.name));
        format!(
            "    peer {name} of {organisation}, certificate {}",
            peer.certificate
        )
    };
    lines.extend(transaction.peers.iter().map(peer));
    lines
}

fn anchor_lines(verified: &Verified) -> Vec<String> {
    let Verified {
        consortium,
        fingerprint,
        ..
    } = verified;
    if verified.anchored {
        return vec![format!(
            "  anchored: true, in the trust file given (consortium {consortium})"
        )];
    }
    vec![
        format!("  anchored: false; only the bundle itself says that this is {consortium}"),
        format!("  compare its fingerprint with the consortium's: {fingerprint}"),
    ]
}

/// A day as people write it.
pub(super) fn date(day: Day) -> String {
    let date = Span::new()
        .try_days(day.0)
        .and_then(|days| Date::constant(1970, 1, 1).checked_add(days));
    date.map_or_else(|_| format!("day {day}"), |date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use medveil_collections_config::MspId;

    #[test]
    fn who_endorsed_is_said_by_peer_and_certificate() {
        let peer = |organisation: &str, name: &str, digest: u8| EndorsingPeer {
            organisation: MspId::new(organisation).unwrap(),
            name: name.to_owned(),
            certificate: Digest([digest; 32]),
        };
        let transaction = EndorsedTransaction {
            what: "registration",
            endorsers: ["HospitalA", "HospitalB"]
                .map(|m| MspId::new(m).unwrap())
                .into(),
            peers: vec![
                peer("HospitalA", "peer0", 1),
                peer("HospitalA", "peer1", 2),
                peer("HospitalB", "p\", certificate 00", 3),
            ],
            day: Day(0),
            tx_id: "ab".to_owned(),
        };
        let [one, two, three] = [1, 2, 3].map(|digest| Digest([digest; 32]).to_string());
        assert_eq!(
            endorsement_lines(&transaction),
            [
                "  registration endorsed by HospitalA, HospitalB on 1970-01-01, transaction ab"
                    .to_owned(),
                format!("    peer \"peer0\" of HospitalA, certificate {one}"),
                format!("    peer \"peer1\" of HospitalA, certificate {two}"),
                format!("    peer \"p\\\", certificate 00\" of HospitalB, certificate {three}"),
            ]
        );
    }

    #[test]
    fn days_are_dates() {
        assert_eq!(date(Day(0)), "1970-01-01");
        assert_eq!(date(Day(20_420)), "2025-11-28");
        assert_eq!(date(Day(u32::MAX)), format!("day {}", u32::MAX));
    }
}
