//! A person's own key in words.

use super::Render;
use crate::journey::member::MemberEnrolled;

impl Render for MemberEnrolled {
    fn lines(&self) -> Vec<String> {
        let MemberEnrolled {
            person,
            subject,
            until,
            ..
        } = self;
        let org = person.split('/').next().unwrap_or(person);
        let mut lines = vec![
            format!("{person} has a key of their own, valid until {until}"),
            format!("  {org}'s peer sees {subject}; no other organisation does"),
        ];
        if self.shared_passphrase {
            lines.push(format!("  {person}'s vault opens with a passphrase that others have as well: `--passphrase-file {person}=FILE` gives its own"));
        }
        lines
    }
}
