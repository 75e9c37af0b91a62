//! Files, standard input and schemes.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use countersign::ConfigError;
use countersign::scheme::{Scheme, catalogue};

use super::arguments::{Request, SchemeChoice};
use super::fault::{Failure, Fault};
use super::keys::Keys;

/// Longest scheme file read, in bytes: one more than the library takes.
const MAX_SCHEME: u64 = 64 * 1024 + 1;

/// Whether a path stands for standard input.
pub(crate) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens a file or standard input.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if is_standard(path) {
        Ok(Box::new(io::stdin().lock()))
    } else {
        Ok(Box::new(File::open(path)?))
    }
}

/// Reads a file or standard input of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let bytes = read_start(path, limit.saturating_add(1))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) {
        Ok(bytes)
    } else {
        Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is longer than {limit} bytes"),
        ))
    }
}

/// Reads a file or standard input, and no more than `limit` bytes of it.
pub(crate) fn read_start(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Refuses a command line that would read standard input twice.
pub(crate) fn check_standard_input(keys: &Keys, request: &Request) -> Result<(), Failure> {
    let paths = [&request.body, &request.delivery];
    let uses = paths
        .into_iter()
        .flatten()
        .filter(|path| is_standard(path))
        .count()
        .saturating_add(keys.standard_inputs());
    if uses > 1 {
        return Err(Failure::Usage(
            "standard input can be read once: only one option may be -".into(),
        ));
    }
    Ok(())
}

/// The scheme that was chosen.
pub(crate) fn scheme(choice: &SchemeChoice) -> Result<Scheme, Fault> {
    match (&choice.scheme, &choice.scheme_file) {
        (Some(id), _) => find(id).cloned(),
        (None, Some(path)) => scheme_file(path),
        (None, None) => Err(Fault::unreadable("no scheme was given")),
    }
}

/// A scheme of the catalogue.
pub(crate) fn find(id: &str) -> Result<&'static Scheme, Fault> {
    catalogue::find(id).ok_or_else(|| {
        let known: Vec<&str> = catalogue::ALL
            .iter()
            .map(|known| known.id.as_ref())
            .collect();
        Fault {
            code: countersign::Code::InvalidScheme,
            message: format!(
                "the catalogue has no scheme of this id; it has {}",
                known.join(", ")
            ),
        }
    })
}

fn scheme_file(path: &Path) -> Result<Scheme, Fault> {
    let unreadable = |problem: &dyn core::fmt::Display| {
        Fault::unreadable(format!(
            "the file of --scheme-file cannot be read: {problem}"
        ))
    };
    let bytes = read_start(path, MAX_SCHEME).map_err(|problem| unreadable(&problem))?;
    let text = core::str::from_utf8(&bytes).map_err(|_| unreadable(&"it is not UTF-8"))?;
    let is = |wanted| {
        path.extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
    };
    let scheme = if is("json") {
        Scheme::from_json(text)
    } else if is("toml") {
        Scheme::from_toml(text)
    } else {
        either(text)
    };
    Ok(scheme?)
}

/// A text whose language no extension tells. A JSON object begins with a brace,
/// which no TOML does.
fn either(text: &str) -> Result<Scheme, ConfigError> {
    if text.trim_start().starts_with('{') {
        Scheme::from_json(text)
    } else {
        Scheme::from_toml(text)
    }
}
