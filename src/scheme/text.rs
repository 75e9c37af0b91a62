//! A scheme as TOML or JSON text.
//!
//! Comes in: text of whoever configures the receiver. Goes out: a checked scheme,
//! or the field and the line at fault.

pub(super) mod defaults;
mod place;
mod positional;

use alloc::format;
use alloc::string::{String, ToString};

use serde_json::Value;

use self::place::{Keys, line_of};
use super::{Scheme, Window};
use crate::ConfigError;

/// Longest text, in bytes: the longest scheme of the catalogue takes 2 KiB.
const MAX_TEXT: usize = 64 * 1024;
/// Longest piece of the text that a message repeats, in characters.
const MAX_PIECE: usize = 64;
/// Longest message, in characters: the longest list of field names takes 500.
const MAX_MESSAGE: usize = 800;

impl Scheme {
    /// Reads a scheme from TOML and checks it.
    ///
    /// What is left out is as in [`SchemeBuilder`](super::SchemeBuilder); a scheme
    /// with a time must state its window.
    ///
    /// ```
    /// use countersign::scheme::Scheme;
    ///
    /// let scheme = Scheme::from_toml(r#"
    ///     id = "acme"
    ///     name = "Acme"
    ///     signature = { header = { name = "x-acme-signature" } }
    ///     algorithm = "hmac-sha256"
    ///     content = "{timestamp}.{body}"
    ///     timestamp = [{ place = { header = "x-acme-timestamp" }, unit = "seconds" }]
    ///     window = { past_s = 300, future_s = 300 }
    /// "#)?;
    /// assert_eq!(scheme.id, "acme");
    /// # Ok::<(), countersign::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `INVALID_SCHEME` or `UNSAFE_SCHEME` with the field and the line.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        bounded(text)?;
        let scheme = toml::from_str(text).map_err(|fault| {
            let start = fault.span().map(|span| span.start);
            let keys = Keys::of_toml(text);
            let field = start.and_then(|start| keys.at(start.saturating_add(1)));
            unreadable(
                fault.message(),
                field,
                start.map(|start| line_of(text, start)),
            )
        })?;
        checked(scheme, text, toml::from_str(text).ok(), || {
            Keys::of_toml(text)
        })
    }

    /// Reads a scheme from JSON and checks it. The fields are those of
    /// [`from_toml`](Self::from_toml).
    ///
    /// # Errors
    ///
    /// As [`from_toml`](Self::from_toml).
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        bounded(text)?;
        let scheme = serde_json::from_str(text).map_err(|fault| {
            let keys = Keys::of_json(text);
            let field = keys.at(place::offset_of(text, fault.line(), fault.column()));
            let message = fault.to_string();
            let message = message
                .rsplit_once(" at line ")
                .map_or(message.as_str(), |(message, _)| message);
            unreadable(message, field, Some(fault.line().max(1)))
        })?;
        checked(scheme, text, serde_json::from_str(text).ok(), || {
            Keys::of_json(text)
        })
    }

    /// The scheme as TOML that [`from_toml`](Self::from_toml) reads back.
    ///
    /// # Errors
    ///
    /// `INVALID_SCHEME` for a number that TOML cannot write.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string_pretty(self).map_err(|_| unwritable("TOML"))
    }

    /// The scheme as JSON, on one line, that [`from_json`](Self::from_json) reads back.
    ///
    /// # Errors
    ///
    /// None is known; `INVALID_SCHEME` should one turn up.
    pub fn to_json(&self) -> Result<String, ConfigError> {
        serde_json::to_string(self).map_err(|_| unwritable("JSON"))
    }
}

fn bounded(text: &str) -> Result<(), ConfigError> {
    if text.len() > MAX_TEXT {
        return Err(ConfigError::invalid_scheme(
            "(text)",
            format!("is longer than {MAX_TEXT} bytes, as no scheme is"),
        ));
    }
    Ok(())
}

/// Runs the checker, and finds the line of the field at fault.
fn checked<'t>(
    scheme: Scheme,
    text: &str,
    data: Option<Value>,
    keys: impl FnOnce() -> Keys<'t>,
) -> Result<Scheme, ConfigError> {
    let list = data
        .zip(serde_json::to_value(&scheme).ok())
        .and_then(|(data, read)| positional::find(&data, &read));
    let result = match list {
        Some(field) => Err(ConfigError::invalid_scheme(
            field,
            "is a list; write a table, each field with its name",
        )),
        None => scheme.check(),
    };
    if result.is_ok() && (scheme.timestamp.is_empty() || scheme.window != Window::OFF) {
        return Ok(scheme);
    }
    let keys = keys();
    let line = |field: &str| keys.find(field).map(|offset| line_of(text, offset));
    match result {
        Ok(()) if line("window").is_some() => Ok(scheme),
        // In code the window is always written; here silence must not switch it off.
        Ok(()) => Err(ConfigError::InvalidScheme {
            field: "window".into(),
            problem: "a scheme with a time states how far it may be off: \
                      past_s and future_s, each in seconds or \"off\""
                .into(),
            line: line("timestamp"),
        }),
        Err(ConfigError::InvalidScheme { field, problem, .. }) => Err(ConfigError::InvalidScheme {
            line: line(&field),
            problem: shorten(&problem),
            field,
        }),
        Err(ConfigError::UnsafeScheme { field, problem, .. }) => Err(ConfigError::UnsafeScheme {
            line: line(&field),
            problem: shorten(&problem),
            field,
        }),
        Err(fault) => Err(fault),
    }
}

/// What a parser says, with the field it is about.
fn unreadable(message: &str, field: Option<String>, line: Option<usize>) -> ConfigError {
    let missing = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next())
        .map(ToString::to_string);
    let field = missing.or(field).unwrap_or_else(|| "(text)".into());
    ConfigError::InvalidScheme {
        field: shorten(&format!("`{field}`")).replace('`', "").into(),
        problem: shorten(&without_value(message)),
        line,
    }
}

fn unwritable(language: &str) -> ConfigError {
    ConfigError::invalid_scheme("(text)", format!("cannot be written as {language}"))
}

/// A message about a text of the wrong type, without the text: it may be anything.
fn without_value(message: &str) -> String {
    let (Some((kind, value)), Some((_, expected))) = (
        message.split_once(": string \""),
        message.rsplit_once(", expected "),
    ) else {
        return message.into();
    };
    let length = value
        .rsplit_once("\", expected ")
        .map_or(0, |(value, _)| value.chars().count());
    format!("{kind}: a text of {length} characters, expected {expected}")
}

/// A message that repeats no long piece of the text, and nothing that would move a
/// terminal's cursor.
fn shorten(message: &str) -> String {
    let mut short = String::new();
    let mut piece: usize = 0;
    let mut is_quoted = false;
    for character in message.chars().take(MAX_MESSAGE) {
        if matches!(character, '`' | '"') {
            is_quoted = !is_quoted;
            piece = 0;
            short.push(character);
            continue;
        }
        piece = piece.saturating_add(1);
        if is_quoted && piece == MAX_PIECE {
            short.push('…');
        } else if !is_quoted || piece < MAX_PIECE {
            short.push(if character.is_control() {
                ' '
            } else {
                character
            });
        }
    }
    short
}
