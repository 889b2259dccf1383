//! What a command prints: sentences for people, JSON Lines for machines, progress on standard error.

use super::error::{Failure, head};
use super::render::Render;
use super::visible::{indented, one_line, visible};
use crate::classify::Classify;
use crate::progress::{Progress, Task};
use crate::step::Transaction;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// There is one standard output, so this is one for the process too.
static LOST: AtomicBool = AtomicBool::new(false);

/// Where answers go.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

/// What quickstart says beside a step's answer.
pub struct Timing {
    /// The command that does the same by hand.
    pub command: String,
    /// **Units**: milliseconds.
    pub ms: u64,
}

impl Output {
    /// Text, or JSON Lines with `--json`.
    pub fn new(json: bool) -> Self {
        Output { json }
    }

    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Prints an answer.
    pub fn finish<T: Render>(&self, answer: &T) {
        self.print_answer(answer, None);
    }

    /// Prints an answer with the command that gives it and its time.
    pub fn finish_timed<T: Render>(&self, answer: &T, timing: &Timing) {
        self.print_answer(answer, Some(timing));
    }

    fn print_answer<T: Render>(&self, answer: &T, timing: Option<&Timing>) {
        if self.json {
            let mut line = head(T::NAME, true, T::VERSION);
            match serde_json::to_value(answer) {
                Ok(Value::Object(fields)) => line.extend(fields),
                // Every answer is a struct; what it is otherwise stands under its own name.
                other => drop(line.insert("answer".into(), other.unwrap_or_default())),
            }
            if let Some(Timing { command, ms }) = timing {
                line.insert("command".into(), json!(format!("medveil {command}")));
                line.insert("ms".into(), json!(ms));
            }
            return self.print(&Value::Object(line).to_string());
        }
        let lines = answer.lines();
        lines.iter().for_each(|line| self.print(&one_line(line)));
        let before = answer.transaction().and_then(Transaction::done_before);
        before.iter().for_each(|line| self.print(line));
        if let Some(Timing { command, ms }) = timing {
            self.print(&format!("  $ medveil {command}    [{ms} ms]"));
        }
    }

    /// Prints the answer behind a failure, for people: in JSON it is part of the failure's line.
    pub fn explain<T: Render>(&self, answer: &T) {
        if !self.json {
            let lines = answer.lines();
            lines.iter().for_each(|line| self.print(&one_line(line)));
        }
    }

    /// Prints a heading between steps (people only).
    pub fn heading(&self, text: &str) {
        if !self.json {
            self.print(&format!("\n{text}"));
        }
    }

    /// Prints why a command failed: a JSON line with `--json`, and always a sentence on standard
    /// error. Gives the exit code.
    pub fn fail(&self, step: &str, error: &dyn Classify) -> i32 {
        let failure = Failure::of(step, error);
        if self.json {
            let mut line = failure.to_json();
            // The failure's own fields win over those of the answer behind it.
            if let Some(Value::Object(fields)) = error.answer() {
                line = fields.into_iter().chain(line).collect();
            }
            self.print(&Value::Object(line).to_string());
        }
        let _ = writeln!(std::io::stderr(), "medveil: {}", indented(failure.words()));
        failure.exit_code()
    }

    /// Prints a line, with what would hide or move text made visible.
    pub fn print(&self, line: &str) {
        match writeln!(std::io::stdout(), "{}", visible(line)) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                LOST.store(true, Ordering::Relaxed);
            }
            // A closed pipe is the reader's choice, not an error of the command.
            Ok(()) | Err(_) => {}
        }
    }

    /// Whether something that was printed did not arrive, such as on a full disk.
    pub fn is_lost(&self) -> bool {
        LOST.load(Ordering::Relaxed)
    }
}

/// Progress on standard error: bars where a person looks, one line a task elsewhere.
pub struct Console;

struct Bar(ProgressBar);

/// Work in steps, and in bytes: with the time that is left, as far as it can be told.
const STEPS: &str = "{msg:32} [{bar:30}] {pos}/{len} {elapsed}, {eta} left";
const BYTES: &str = "{msg:32} [{bar:30}] {bytes}/{total_bytes} {elapsed}, {eta} left";

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    style.unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Task for Bar {
    fn advance(&self) {
        self.0.inc(1);
    }

    fn set(&self, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }

    fn set_bytes(&self, done: u64, total: u64) {
        if self.0.length() != Some(total) {
            self.0.set_style(style(BYTES));
        }
        self.set(done, total);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Console {
    fn begin(&self, what: &str, total: Option<u64>) -> Box<dyn Task> {
        if !std::io::stderr().is_terminal() {
            let _ = writeln!(std::io::stderr(), "{} ...", indented(what));
            return Box::new(Bar(ProgressBar::hidden()));
        }
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        if total.is_some() {
            bar.set_style(style(STEPS));
        }
        bar.set_message(visible(&one_line(what)).into_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Box::new(Bar(bar))
    }

    fn note(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{}", indented(text));
    }
}
