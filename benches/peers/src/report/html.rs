//! One page that needs nothing beside itself.

use super::plot::{PLOTS, draw};
use super::table::{median, mib, ms, quartiles, times};
use super::{Measured, Report, RunReport};
use crate::error::PeersError;
use crate::spread::Spread;
use std::collections::BTreeSet;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Groth16 provers side by side</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
h1, h2, h3 { line-height: 1.2; font-weight: 600 }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; font-variant-numeric: tabular-nums }
th, td { padding: .2rem .7rem; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left }
td.error { text-align: left; white-space: normal; color: #a00 }
.scroll { overflow-x: auto }
code { background: #f4f4f4; padding: .1rem .3rem; overflow-wrap: anywhere }
.plots { display: flex; flex-wrap: wrap; gap: 1rem }
figure { margin: 0; flex: 1 1 32rem; max-width: 45rem }
figure svg { width: 100%; height: auto }
figcaption { font-size: .9rem }
</style>
"#;

/// Text between tags.
fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

fn range(spread: &Option<Spread>) -> String {
    let words = |s: &Spread| format!("{} to {}", ms(s.min), ms(s.max));
    spread.as_ref().map_or_else(String::new, words)
}

impl Report {
    /// The page.
    ///
    /// **Errors**: a plot could not be drawn.
    pub fn to_html(&self) -> Result<String, PeersError> {
        let mut page = HEAD.to_owned();
        page.push_str("<h1>Groth16 provers side by side</h1>\n");
        page.push_str(&self.about());
        page.push_str("<h2>Plots</h2>\n");
        let kinds: BTreeSet<_> = self
            .runs
            .iter()
            .map(|r| (r.kind.as_str(), r.threads))
            .collect();
        for (kind, threads) in kinds {
            page.push_str(&self.plots(kind, threads)?);
        }
        page.push_str(&format!(
            "<h2>Tables</h2>\n<p>{}</p>\n",
            text(&self.words())
        ));
        self.runs.iter().for_each(|run| page.push_str(&table(run)));
        page.push_str("</html>\n");
        Ok(page)
    }

    fn about(&self) -> String {
        let machine = &self.machine;
        let memory = machine.memory_mib.map(|mib| format!(", {mib} MiB"));
        let mut rows = vec![
            ("day", self.day.clone()),
            ("command", self.command.clone()),
            ("processor", machine.cpu.clone()),
            (
                "machine",
                format!("{} processors{}", machine.cpus, memory.unwrap_or_default()),
            ),
            ("instructions", machine.flags.join(" ")),
            ("system", machine.system.clone()),
            ("build", machine.build.clone()),
            (
                "load before the run",
                machine.load.clone().unwrap_or_default(),
            ),
            (
                "threads",
                match machine.pinned {
                    true => "kept to processors by affinity".to_owned(),
                    false => "by the peers' own settings".to_owned(),
                },
            ),
        ];
        rows.extend(
            self.peers
                .iter()
                .map(|p| (p.peer.as_str(), p.about.clone())),
        );
        let left_out = |why: &str| format!("left out: {why}");
        let out = self.left_out.iter();
        rows.extend(out.map(|left| (left.peer.as_str(), left_out(&left.why))));
        let row = |(name, value): &(&str, String)| {
            let (name, value) = (text(name), text(value));
            match name.as_str() {
                "command" => format!("<tr><td>{name}<td class=left><code>{value}</code>\n"),
                _ => format!("<tr><td>{name}<td class=left>{value}\n"),
            }
        };
        let rows: String = rows.iter().map(row).collect();
        let style = "<style>td.left { text-align: left; white-space: normal }</style>";
        format!("{style}\n<table>\n{rows}</table>\n")
    }

    fn plots(&self, kind: &str, threads: usize) -> Result<String, PeersError> {
        let threads_words = if threads == 1 { "thread" } else { "threads" };
        let (kind_words, mut figures) = (text(kind), String::new());
        for plot in &PLOTS {
            if let Some(svg) = draw(self, plot, kind, threads)? {
                let caption = text(plot.title);
                figures.push_str(&format!(
                    "<figure><figcaption>{caption}</figcaption>\n{svg}</figure>\n"
                ));
            }
        }
        Ok(format!(
            "<h3>{kind_words}, {threads} {threads_words}</h3>\n<div class=plots>\n{figures}</div>\n"
        ))
    }
}

fn table(run: &RunReport) -> String {
    let head = [
        "peer",
        "prove ms",
        "quartiles",
        "min to max",
        "x ark",
        "x gnark",
        "solve ms",
        "verify ms",
        "batch ms",
        "load ms",
        "first ms",
        "set-up ms",
        "peak MiB",
        "bytes a constraint",
    ];
    let head: String = head.iter().map(|name| format!("<th>{name}")).collect();
    let rows: String = run.measured.iter().map(row).collect();
    let title = text(&run.title());
    format!("<h3>{title}</h3>\n<div class=scroll><table>\n<tr>{head}\n{rows}</table></div>\n")
}

fn row(m: &Measured) -> String {
    let optional = |value: Option<f64>| value.map_or_else(String::new, ms);
    let each = m.bytes_per_constraint;
    let cells = [
        m.peer.clone(),
        median(&m.prove),
        quartiles(&m.prove),
        range(&m.prove),
        times(m.over_ark),
        times(m.over_gnark),
        median(&m.solve),
        median(&m.verify),
        median(&m.batch),
        optional(m.load_ms),
        optional(m.first_ms),
        optional(m.setup_ms),
        mib(m.peak_bytes),
        each.map_or_else(String::new, |bytes| bytes.to_string()),
    ];
    let mut row = String::from("<tr>");
    cells
        .iter()
        .for_each(|cell| row.push_str(&format!("<td>{}", text(cell))));
    if let Some(error) = &m.error {
        let (peer, error) = (text(&m.peer), text(error));
        row.push_str(&format!("\n<tr><td class=error colspan=14>{peer} {error}"));
    }
    row.push('\n');
    row
}
