//! The lines of `ledger events`.

use serde::Deserialize;

/// One event of a transaction.
#[derive(Debug, Deserialize)]
pub struct Event {
    pub name: String,
    pub tx_id: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Event(Event),
    Summary {
        #[serde(rename = "events")]
        n_events: usize,
    },
}

/// The events of a listener's output; the last line counts them.
pub fn read(output: &[u8]) -> Vec<Event> {
    let text = String::from_utf8(output.to_vec()).unwrap();
    let (mut events, mut counted) = (Vec::new(), None);
    for line in text.lines() {
        match serde_json::from_str(line).unwrap() {
            Line::Event(event) => events.push(event),
            Line::Summary { n_events } => counted = Some(n_events),
        }
    }
    assert_eq!(counted, Some(events.len()), "{text}");
    events
}

/// How many events have this name.
pub fn count(events: &[Event], name: &str) -> usize {
    events.iter().filter(|e| e.name == name).count()
}
