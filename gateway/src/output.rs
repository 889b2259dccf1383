//! What a command prints: sentences for people, JSON Lines for machines, progress on standard
//! error.

use crate::error::GatewayError;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// One finished step: a name, sentences for people, fields for machines.
#[derive(Debug, Default)]
pub struct Step {
    name: String,
    lines: Vec<String>,
    fields: Map<String, Value>,
}

impl Step {
    /// A step called `name`, such as `dataset.register`.
    pub fn new(name: &str) -> Self {
        Step {
            name: name.to_string(),
            ..Step::default()
        }
    }

    /// Adds a sentence for people.
    #[must_use]
    pub fn line(mut self, text: impl Into<String>) -> Self {
        self.lines.push(text.into());
        self
    }

    /// Adds a field for machines.
    #[must_use]
    pub fn field(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(key.to_string(), value.into());
        self
    }

    /// A field that an earlier call added.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.fields.get(key)
    }
}

/// Where answers go.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

impl Output {
    /// Text, or JSON Lines with `--json`.
    pub fn new(json: bool) -> Self {
        Output { json }
    }

    /// Whether JSON Lines were asked for.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Prints one finished step.
    pub fn step(&self, step: &Step) {
        if self.json {
            let mut object = Map::new();
            object.insert("step".into(), json!(step.name));
            object.insert("ok".into(), json!(true));
            object.extend(step.fields.clone());
            self.print(&Value::Object(object).to_string());
        } else {
            for line in &step.lines {
                self.print(line);
            }
        }
    }

    /// Prints a heading between steps (people only).
    pub fn heading(&self, text: &str) {
        if !self.json {
            self.print(&format!("\n{text}"));
        }
    }

    /// Prints an error: a JSON line with `--json`, and always a sentence on standard error.
    pub fn failed(&self, error: &GatewayError) {
        if self.json {
            let mut line = json!({"step": error.stage(), "ok": false, "kind": error.kind().word(), "error": error.message()});
            let facts = error.facts();
            let refusal = facts.refusal.map(|code| code.as_str());
            let known = [
                ("tx_id", json!(facts.tx_id)),
                ("validation_code", json!(facts.validation_code)),
                ("refusal", json!(refusal)),
            ];
            known
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .for_each(|(key, value)| line[key] = value);
            self.print(&line.to_string());
        }
        let _ = writeln!(std::io::stderr(), "medveil: {error}");
    }

    fn print(&self, line: &str) {
        // A closed pipe is the reader's choice, not an error of the command.
        let _ = writeln!(std::io::stdout(), "{line}");
    }

    /// A progress bar over `total` units of `what`, on standard error.
    pub fn progress(&self, what: &str, total: u64) -> ProgressBar {
        if !std::io::stderr().is_terminal() {
            let _ = writeln!(std::io::stderr(), "{what} ...");
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(total);
        let style = ProgressStyle::with_template("{msg:32} [{bar:30}] {pos}/{len} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        bar.set_message(what.to_string());
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }

    /// A spinner for work of unknown length, on standard error.
    pub fn spinner(&self, what: &str) -> ProgressBar {
        if !std::io::stderr().is_terminal() {
            let _ = writeln!(std::io::stderr(), "{what} ...");
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new_spinner();
        bar.set_message(what.to_string());
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }
}
