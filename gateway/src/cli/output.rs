//! What a command prints: sentences for people, JSON Lines for machines, progress on standard error.
//! All of it goes through [`crate::streams`].

use super::error::{Failure, head};
use super::render::Render;
use crate::classify::Classify;
use crate::progress::{Progress, Task};
use crate::step::Transaction;
use crate::streams::{self, Shown};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::time::Duration;

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

    /// Prints an answer. Gives whether it arrived.
    pub fn finish<T: Render>(&self, answer: &T) -> bool {
        self.print_answer(answer, None)
    }

    /// Prints an answer with the command that gives it and its time.
    pub fn finish_timed<T: Render>(&self, answer: &T, timing: &Timing) {
        self.print_answer(answer, Some(timing));
    }

    fn print_answer<T: Render>(&self, answer: &T, timing: Option<&Timing>) -> bool {
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
            return streams::answer(&Shown::json(&Value::Object(line)));
        }
        let mut lines = answer.lines();
        lines.extend(answer.transaction().and_then(Transaction::done_before));
        if let Some(Timing { command, ms }) = timing {
            lines.push(format!("  $ medveil {command}    [{ms} ms]"));
        }
        print_lines(&lines)
    }

    /// Prints the answer behind a failure, for people: in JSON it is part of the failure's line.
    pub fn explain<T: Render>(&self, answer: &T) {
        if !self.json {
            print_lines(&answer.lines());
        }
    }

    /// Prints a heading between steps (people only).
    pub fn heading(&self, text: &str) {
        if !self.json {
            streams::answer(&Shown::lines(&format!("\n{text}")));
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
            streams::answer(&Shown::json(&Value::Object(line)));
        }
        say(failure.words());
        failure.exit_code()
    }

    /// Prints why a command was not begun, or ended before its time. Gives the exit code.
    pub fn give_up(&self, failure: &Failure, said: &Shown) -> i32 {
        if self.json {
            streams::answer(&Shown::json(&Value::Object(failure.to_json())));
        }
        streams::remark(said);
        failure.exit_code()
    }
}

/// Prints lines, each of which stays one. Gives whether they arrived.
fn print_lines(lines: &[String]) -> bool {
    lines.iter().all(|line| streams::answer(&Shown::line(line)))
}

/// Says something on standard error, in the program's name.
pub fn say(words: &str) {
    streams::remark(&Shown::message(&format!("medveil: {words}")));
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
        if !streams::is_watched() {
            streams::remark(&Shown::message(&format!("{what} ...")));
            return Box::new(Bar(ProgressBar::hidden()));
        }
        let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        if total.is_some() {
            bar.set_style(style(STEPS));
        }
        bar.set_message(Shown::line(what).as_str().to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Box::new(Bar(bar))
    }

    fn note(&self, text: &str) {
        streams::remark(&Shown::message(text));
    }
}
