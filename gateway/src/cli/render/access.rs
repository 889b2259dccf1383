//! Access requests and grants in words.

use super::{Render, count, list};
use crate::cli::error::Failure;
use crate::journey::access::{
    AccessDecided, AccessList, AccessRequested, AccessShown, DeliveryConfirmed, GrantClosed,
    KeysHandedOver, Tally,
};
use crate::step::Step;
use medveil_contract::model::{Decision, RequestEntry, RequestState};

impl Render for AccessRequested {
    fn lines(&self) -> Vec<String> {
        let AccessRequested {
            request,
            person,
            dataset,
            visas,
            tier,
            tx_id,
            ..
        } = self;
        if let Some(state) = self.state {
            return vec![format!(
                "request {request} is on the ledger already, by transaction {tx_id}: {state}"
            )];
        }
        let bytes = self.bytes.unwrap_or_default();
        let org = person.split('/').next().unwrap_or(person);
        let visas = count(*visas, "visa");
        vec![
            format!(
                "{person} proved eligibility with {visas} (circuit of {tier}) and asked for {dataset}"
            ),
            format!("  request {request}, {bytes} bytes, submitted by {org}"),
            "  everybody sees: which institution, dataset and purpose; nobody sees who, which visas, issuers or alternative".to_owned(),
        ]
    }
}

impl Render for AccessList {
    fn lines(&self) -> Vec<String> {
        if self.requests.is_empty() {
            return vec![
                "nobody asked for access yet: `medveil access request --dataset HOLDER/NAME --study STUDY` does".to_owned(),
            ];
        }
        let line = |entry: &RequestEntry| {
            let RequestEntry {
                request,
                state,
                submitter,
                holder,
                ..
            } = entry;
            format!("{request}  {state} from {submitter} for a dataset of {holder}")
        };
        self.requests.iter().map(line).collect()
    }
}

impl Render for AccessShown {
    fn lines(&self) -> Vec<String> {
        let RequestEntry {
            request,
            state,
            submitter,
            holder,
            columns,
            ..
        } = &self.request.request;
        let confirmed = match self.request.deliveries.len() {
            1 => "1 delivery confirmed".to_owned(),
            n => format!("{n} deliveries confirmed"),
        };
        let mut lines = vec![
            format!("request {request}: {state}"),
            format!("  {submitter} asks {holder} for key slots {columns:#017b}"),
        ];
        lines.extend(votes(&Tally::of(&self.request)));
        lines.push(format!("  {confirmed}"));
        if let Some(text) = &self.letter {
            lines.push(format!("  letter: {text}"));
        }
        if let Some(error) = &self.letter_error {
            let failure = Failure::of(Self::NAME, error);
            lines.push(format!("  the letter cannot be read: {}", failure.words()));
        }
        lines
    }
}

impl Render for AccessDecided {
    fn lines(&self) -> Vec<String> {
        let AccessDecided {
            request,
            org,
            holder,
            tally,
            ..
        } = self;
        let word = match self.decision {
            Decision::Approve => "approves",
            Decision::Reject => "rejects",
        };
        let mut lines = vec![format!("{org} {word}: the request is {}", tally.state)];
        lines.extend(votes(tally));
        if tally.state == RequestState::Approved {
            lines.push(format!(
                "  next: {holder} runs `medveil access handover {request}`"
            ));
        }
        lines.push("  the committee saw the public fields, not the person".to_owned());
        lines
    }
}

/// Who voted what, and what follows from it.
fn votes(tally: &Tally) -> Vec<String> {
    let (quorum, missing) = (tally.quorum, tally.missing());
    let approvals = count(quorum, "approval");
    let what = match tally.state {
        RequestState::Submitted => {
            let waiting = list(&tally.not_voted);
            format!("  {missing} more of {approvals} needed, from {waiting}")
        }
        RequestState::Approved | RequestState::Closed => format!("  {approvals} needed and given"),
        RequestState::Rejected => format!(
            "  {approvals} needed and out of reach: the rejection is final for this period, the person may ask again in the next one"
        ),
    };
    vec![format!("  {tally}"), what]
}

impl Render for KeysHandedOver {
    fn lines(&self) -> Vec<String> {
        let KeysHandedOver {
            holder,
            recipient,
            keys,
            bytes,
            ..
        } = self;
        vec![
            format!("{holder} handed {keys} wrapped keys to {recipient}: {bytes} bytes"),
            format!(
                "  {recipient}'s peer checked and signed for the package; everybody else sees its hash"
            ),
        ]
    }
}

impl Render for DeliveryConfirmed {
    fn lines(&self) -> Vec<String> {
        let holder = &self.holder;
        vec![
            format!("{holder} proved that the delivered keys open the registered pages"),
            "  everybody verified it without seeing a key".to_owned(),
        ]
    }
}

impl Render for GrantClosed {
    fn lines(&self) -> Vec<String> {
        let GrantClosed { org, request, .. } = self;
        vec![format!(
            "{org} closed the grant {request}; it is final for its period"
        )]
    }
}
