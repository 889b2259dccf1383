//! Standard output and standard error: the one place of this program that writes to either.
//!
//! A line gets there as [`Shown`] alone, which is made by the one sanitiser (`visible`); what has
//! colours is [`Styled`], which is made of the program's own help alone; what a command was asked to
//! write to standard output is [`content`]. So nobody's text gets to a terminal as it came.
//!
//! A line that standard output does not take is not forgotten: [`lost`] says why.

mod visible;

use serde_json::Value;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
pub(crate) use visible::one_line;
use visible::{indented, visible, visible_json};

/// There is one standard output, so these are one for the process too.
static LOST: OnceLock<ErrorKind> = OnceLock::new();
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Text that a terminal may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    /// Lines of the program's own; nobody else's text in them has line ends.
    pub fn lines(text: &str) -> Self {
        Shown(visible(text).into_owned())
    }

    /// One line: line ends are shown, too.
    pub fn line(text: &str) -> Self {
        Shown(visible(&one_line(text)).into_owned())
    }

    /// A message of several lines, all but the first set in: none looks like another message.
    pub fn message(text: &str) -> Self {
        Shown(indented(text))
    }

    /// A value in one line, read by machines as the same value.
    pub fn json(value: &Value) -> Self {
        Shown(visible_json(&value.to_string()).into_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The program's own help, with colours where a person looks.
pub struct Styled(String);

impl Styled {
    /// Help or version. Nothing of them is anybody else's: values of the environment are left out,
    /// and the program is named by itself.
    pub fn help(error: &clap::Error) -> Self {
        let text = error.render();
        match has_colours(&io::stdout()) {
            true => Styled(text.ansi().to_string()),
            false => Styled(visible(&text.to_string()).into_owned()),
        }
    }
}

/// Whether a person looks who has not said that colours are unwelcome.
///
/// **Source**: <https://no-color.org>; a terminal named `dumb` has none.
fn has_colours(stream: &impl IsTerminal) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    stream.is_terminal() && !is_set("NO_COLOR") && !is_dumb
}

/// Prints a line of an answer on standard output; on standard error, where standard output is taken
/// for a file. Gives whether it arrived.
pub fn answer(line: &Shown) -> bool {
    if TAKEN.load(Ordering::Relaxed) {
        remark(line);
        return true;
    }
    print(&format!("{}\n", line.0))
}

/// Prints help on standard output.
pub fn help(text: &Styled) {
    print(&text.0);
}

fn print(text: &str) -> bool {
    match to_standard_output(text.as_bytes()) {
        Ok(()) => true,
        Err(error) => {
            let _ = LOST.set(error.kind());
            false
        }
    }
}

/// Says something on standard error. What that does not take is lost: there is no other place to
/// say so.
pub fn remark(text: &Shown) {
    let _ = io::stderr().write_all(format!("{}\n", text.0).as_bytes());
}

/// Whether somebody looks at standard error.
pub fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Why something that was printed did not arrive, such as on a full disk.
pub fn lost() -> Option<ErrorKind> {
    LOST.get().copied()
}

/// From here on standard output is for [`content`] alone.
pub fn take_for_content() {
    TAKEN.store(true, Ordering::Relaxed);
}

/// Writes what a command was asked for, byte by byte; on a terminal, as text that is shown.
///
/// **Errors**: standard output does not take it; no text, and a person looks.
pub fn content(bytes: &[u8]) -> io::Result<()> {
    if !io::stdout().is_terminal() {
        return to_standard_output(bytes);
    }
    let no_text = |e| io::Error::new(ErrorKind::InvalidInput, e);
    let text = std::str::from_utf8(bytes).map_err(no_text)?;
    let text = text.replace("\r\n", "\n");
    let end = if text.ends_with('\n') { "" } else { "\n" };
    to_standard_output(format!("{}{end}", visible(&text)).as_bytes())
}

/// Says on standard error what a panic says, as everything else is said.
pub fn show_panics() {
    std::panic::set_hook(Box::new(|panic| {
        remark(&Shown::message(&format!(
            "medveil: internal error: {panic}"
        )));
    }));
}

/// Whether standard output was closed when the process began: before `main` the standard library
/// opens `/dev/null` in its place, which takes everything.
#[cfg(unix)]
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Before `main`, and before the standard library looks.
#[cfg(unix)]
#[ctor::ctor(unsafe)]
fn look_at_standard_output() {
    let flags = rustix::io::fcntl_getfd(rustix::stdio::stdout());
    CLOSED.store(flags.is_err(), Ordering::Relaxed);
}

/// The standard library's own handle takes a write to what is not open for writing as done.
#[cfg(unix)]
fn to_standard_output(bytes: &[u8]) -> io::Result<()> {
    use std::os::fd::AsFd;
    if CLOSED.load(Ordering::Relaxed) {
        return Err(rustix::io::Errno::BADF.into());
    }
    let output = io::stdout().as_fd().try_clone_to_owned()?;
    write_all(&mut std::fs::File::from(output), bytes)
}

#[cfg(not(unix))]
fn to_standard_output(bytes: &[u8]) -> io::Result<()> {
    let mut output = io::stdout();
    write_all(&mut output, bytes)?;
    output.flush()
}

/// As `write_all`; waits where the stream has no room and says so, as a pipe can be set to.
fn write_all(output: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match output.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            Err(e) => return Err(e),
        }
    }
    Ok(())
}
