//! Access requests and grants in words.

use super::{Render, count, list, single_blanks};
use crate::journey::access::{
    AccessAffirmed, AccessChecked, AccessDecided, AccessList, AccessRequested, AccessShown,
    AskSubmitted, AskWritten, Awaits, DeliveryConfirmed, GrantClosed, KeysHandedOver,
    ListedRequest, Tally,
};
use medveil_circuits::visa::day::to_text;
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
        let (visas, readers) = (count(*visas, "visa"), self.readers.join(", "));
        vec![
            format!(
                "{person} proved eligibility with {visas} (circuit of {tier}) and asked for {dataset}"
            ),
            format!("  request {request}, {bytes} bytes, submitted by {org}"),
            format!("  {readers} can open the study and the letter, and nobody else"),
            "  everybody sees: institution, dataset, columns, purpose, disease, region and day; nobody sees who, which visas, which issuers".to_owned(),
        ]
    }
}

impl Render for AskWritten {
    fn lines(&self) -> Vec<String> {
        let AskWritten {
            request,
            person,
            dataset,
            visas,
            ..
        } = self;
        let (Some(file), Some(day)) = (&self.file, &self.day) else {
            let state = self.state.map(|s| s.to_string()).unwrap_or_default();
            return vec![format!(
                "nothing to ask: request {request} is on the ledger, {state}"
            )];
        };
        let org = person.split('/').next().unwrap_or(person);
        let (visas, file) = (count(*visas, "visa"), file.display());
        let mut lines = vec![format!(
            "{person} proved eligibility with {visas} for {dataset}; nothing was sent"
        )];
        if !self.readers.is_empty() {
            let readers = self.readers.join(", ");
            lines.push(format!(
                "  {readers} can open the study and the letter, and nobody else"
            ));
        }
        lines.push(format!(
            "  {org} submits it on {day} (UTC): medveil --as {org} access submit {file}"
        ));
        lines
    }
}

impl Render for AskSubmitted {
    fn lines(&self) -> Vec<String> {
        let AskSubmitted {
            request,
            organisation,
            dataset,
            state,
            ..
        } = self;
        let did = match (self.block, self.affirms) {
            (Some(_), true) => format!("{organisation} affirmed request {request}: {state}"),
            (Some(_), false) => format!("{organisation} asked for {dataset}: request {request}"),
            (None, _) => format!("request {request} is on the ledger already: {state}"),
        };
        let until = self.until.as_ref();
        let until = until.map(|date| format!("  the grant runs until {date}"));
        std::iter::once(did).chain(until).collect()
    }
}

impl Render for AccessChecked {
    fn lines(&self) -> Vec<String> {
        let AccessChecked {
            person, dataset, ..
        } = self;
        let visas = count(self.visas.unwrap_or_default(), "visa");
        let mut lines = match self.ready {
            true => vec![format!(
                "{person} can ask for {dataset} with {visas}; nothing was sent"
            )],
            false => vec![format!("{person} cannot ask for {dataset} now:")],
        };
        lines.extend(self.problems.iter().map(|p| format!("  {p}")));
        lines.push("  everybody would see:".to_owned());
        lines.extend(self.public.iter().map(|p| format!("    {p}")));
        let readers = self.readers.join(", ");
        lines.push(format!("  study and letter would be opened by {readers}"));
        lines.push(format!("  the next period begins on {}", self.next_period));
        lines.extend(self.warnings.iter().map(|w| format!("  {w}")));
        lines
    }
}

impl Render for AccessAffirmed {
    fn lines(&self) -> Vec<String> {
        let AccessAffirmed {
            request, person, ..
        } = self;
        let did = match self.transaction {
            Some(_) => "proved eligibility anew for",
            None => "needs no new proof today for",
        };
        let mut lines = vec![format!("{person} {did} {request}: {}", self.state)];
        let until = self.until.as_ref();
        lines.extend(until.map(|date| format!("  the grant runs until {date}")));
        lines
    }
}

impl Render for AccessList {
    fn lines(&self) -> Vec<String> {
        if self.requests.is_empty() {
            return vec![
                "nobody asked for access yet: `medveil access request --dataset HOLDER/NAME --study STUDY` does".to_owned(),
            ];
        }
        self.requests.iter().map(listed).collect()
    }
}

fn listed(listed: &ListedRequest) -> String {
    let entry = &listed.entry;
    let (request, submitter) = (entry.request, &entry.submitter);
    let state = match (&listed.until, listed.lapsed) {
        (Some(date), true) => format!("lapsed on {date}"),
        (Some(date), false) if entry.state == RequestState::Approved => {
            format!("approved until {date}")
        }
        _ => entry.state.to_string(),
    };
    let what = match entry.extension {
        0 => "for",
        _ => "for further columns of",
    };
    let who = if listed.own {
        "you"
    } else {
        submitter.as_str()
    };
    let awaits = match listed.awaits {
        Some(Awaits::Vote) => "; awaits your vote: `access show`, then `access decide`",
        Some(Awaits::Handover) => "; awaits your `access handover` and `access confirm`",
        Some(Awaits::Affirmation) => "; awaits `access affirm` by whoever asked",
        None => "",
    };
    format!(
        "{request}  {state}, {what} {}, asked by {who}{awaits}",
        listed.name
    )
}

impl Render for AccessShown {
    fn lines(&self) -> Vec<String> {
        let entry = &self.request.request;
        let RequestEntry {
            request,
            state,
            submitter,
            ..
        } = entry;
        let what = match entry.extension {
            0 => "it",
            _ => "the grant that it extends",
        };
        let title = match (state, &self.until) {
            (RequestState::Approved, Some(date)) if self.lapsed => {
                format!("lapsed on {date}: it gets nothing until {what} is affirmed")
            }
            (RequestState::Approved, Some(date)) => format!("approved until {date}"),
            _ => state.to_string(),
        };
        let mut lines = vec![
            format!("request {request}: {title}"),
            format!("  {submitter} asks for {}", self.dataset),
            format!("  columns: {}", self.columns.join(", ")),
        ];
        let said = |what: &str, text: &str| match text {
            "" => format!("  {what}: none given"),
            text => format!("  {what}: {text}"),
        };
        lines.push(said("purpose", &entry.purpose));
        lines.push(said("disease", self.disease.as_deref().unwrap_or_default()));
        lines.push(said("region", &entry.region));
        lines.push(format!("  day of the proof: {}", to_text(entry.proven.day)));
        lines.extend(self.body_lines());
        lines.push("  the proof says:".to_owned());
        lines.extend(self.proof_says.iter().map(|l| format!("    - {l}")));
        lines.push("  the proof does not say:".to_owned());
        lines.extend(self.proof_does_not_say.iter().map(|l| format!("    - {l}")));
        lines.extend(votes(&Tally::of(&self.request)));
        lines.push(match self.request.deliveries.len() {
            1 => "  1 delivery confirmed".to_owned(),
            n => format!("  {n} deliveries confirmed"),
        });
        lines
    }
}

impl AccessShown {
    /// Study and letter, or why they are not shown.
    fn body_lines(&self) -> Vec<String> {
        if let Some(why) = &self.unopened {
            return vec![format!("  study and letter cannot be shown: {why}")];
        }
        let Some(opened) = &self.opened else {
            let readers = list(&self.readers);
            return vec![format!("  study and letter are sealed to {readers}")];
        };
        let mut lines = vec![format!("  study: {}", single_blanks(&opened.study))];
        let bytes = opened.letter_bytes;
        lines.push(match (&opened.letter, &opened.letter_type) {
            (Some(text), _) => format!("  letter: {}", single_blanks(text)),
            (None, Some(kind)) => {
                format!("  letter: {bytes} bytes of {kind}; `--letter-out FILE` writes it")
            }
            (None, None) => "  letter: none".to_owned(),
        });
        let file = opened.letter_file.as_ref();
        lines.extend(file.map(|f| format!("  the letter is in {}", f.display())));
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
        if let Some(until) = &self.until {
            lines.push(format!("  the grant runs until {until}"));
            let handover = format!("{holder} runs `medveil access handover {request}`");
            lines.push(match self.affirm_first {
                false => format!("  next: {handover}"),
                true => format!(
                    "  next: the person runs `medveil access affirm {request}`, since the proof is too old; then {handover}"
                ),
            });
        }
        lines.push(match self.seen {
            true => "  the vote is on the study and letter that it opened; it did not see the person",
            false => "  the vote is on the public fields alone: it did not open the request",
        }.to_owned());
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
