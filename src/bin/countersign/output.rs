//! Standard output and standard error: nothing here panics when a pipe closes.

use std::env;
use std::io::{self, IsTerminal, Write};

use countersign::Code;
use serde::Serialize;

use super::fault::{Failure, Fault};

/// Says something on standard error.
pub(crate) fn warn(message: &str) {
    // Where standard error is gone, nobody is left to tell.
    let _ = writeln!(io::stderr(), "{message}");
}

/// Writes one object as one line.
pub(crate) fn json(object: &impl Serialize) -> Result<(), Failure> {
    let line = serde_json::to_string(object).map_err(io::Error::from)?;
    text(&line)
}

/// Writes a text and a newline.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")?;
    output.flush()?;
    Ok(())
}

/// A fault as a line, on standard output for programs and on standard error for people.
pub(crate) fn fault(fault: &Fault, index: u64, as_json: bool) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Line<'f> {
        index: u64,
        verdict: &'static str,
        code: &'static str,
        message: &'f str,
        next_action: &'static str,
    }
    let Fault { code, message } = fault;
    if as_json {
        return json(&Line {
            index,
            verdict: "error",
            code: code.as_str(),
            message,
            next_action: code.next_action(),
        });
    }
    warn(&format!(
        "error       {code} (delivery {index})\n  message      {}\n  next action  {}",
        printable(message),
        code.next_action()
    ));
    Ok(())
}

/// The kind of a word that may have a colour.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tone {
    Bad,
    Good,
}

/// A word, in colour on a terminal.
pub(crate) fn coloured(word: &str, tone: Tone) -> String {
    if env::var_os("NO_COLOR").is_some() || !io::stdout().is_terminal() {
        return word.to_owned();
    }
    match tone {
        Tone::Bad => format!("\x1b[31m{word}\x1b[0m"),
        Tone::Good => format!("\x1b[32m{word}\x1b[0m"),
    }
}

/// Text of a sender as a terminal may show it: no control or formatting characters,
/// which could move the cursor or turn the writing.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// What a receiver answers by default, as a status or as a word.
pub(crate) fn answer(code: Code) -> Option<serde_json::Value> {
    match code.answer() {
        countersign::Answer::Status(status) => Some(status.into()),
        countersign::Answer::Retry => Some("retry".into()),
        _ => None,
    }
}
