//! Faults of usage, told without repeating what was typed: a secret may have
//! slipped into the wrong place.

use core::error::Error as _;

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::fault;
use super::output;

/// Longest option name that is repeated; the longest real one has 13 characters.
const MAX_OPTION: usize = 24;

/// Tells what clap found, and gives the exit status.
pub(crate) fn report(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Nothing is left to tell it with if this fails.
            let _ = error.print();
            u8::try_from(error.exit_code()).unwrap_or(fault::STATUS)
        }
        _ => {
            say(&describe(error));
            fault::STATUS
        }
    }
}

/// Tells a fault of usage on standard error.
pub(crate) fn say(problem: &str) {
    output::warn(&format!(
        "error: {problem}\n\nFor more information, try 'countersign --help' or 'countersign COMMAND --help'."
    ));
}

fn describe(error: &Error) -> String {
    let known = |kind| error.get(kind).map(text).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let typed = known(ContextKind::InvalidArg);
            let mut problem = option_name(&typed).map_or_else(
                || "an argument is not expected here".to_owned(),
                |name| format!("the option {name} is not known"),
            );
            let similar = known(ContextKind::SuggestedArg);
            if !similar.is_empty() {
                problem.push_str("; is it ");
                problem.push_str(&similar);
                problem.push('?');
            }
            problem
        }
        ErrorKind::InvalidSubcommand => "there is no such command".to_owned(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let why = error.source().map_or_else(
                || "it is missing or not one of the possible values".to_owned(),
                ToString::to_string,
            );
            format!("{}: {why}", known(ContextKind::InvalidArg))
        }
        ErrorKind::ArgumentConflict => format!(
            "{} cannot be used with {}",
            known(ContextKind::InvalidArg),
            known(ContextKind::PriorArg)
        ),
        ErrorKind::MissingRequiredArgument => {
            format!("missing: {}", known(ContextKind::InvalidArg))
        }
        kind => kind
            .as_str()
            .unwrap_or("the arguments cannot be used")
            .to_owned(),
    }
}

fn text(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        _ => String::new(),
    }
}

/// The name of a mistyped option, unless it may be something else.
fn option_name(typed: &str) -> Option<&str> {
    let name = typed.split('=').next()?;
    let plain = |b: u8| b.is_ascii_lowercase() || b == b'-';
    (name.starts_with("--") && name.len() <= MAX_OPTION && name.bytes().all(plain)).then_some(name)
}
