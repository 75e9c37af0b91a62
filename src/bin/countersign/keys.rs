//! Keys in the order of the command line, each with the name given before it.

use alloc::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};
use countersign::Secret;
use zeroize::Zeroizing;

use super::fault::{Failure, Fault};
use super::input;

/// Longest file of a secret, in bytes: an RSA private key of 8192 bits takes 6500.
const MAX_SECRET: u64 = 64 * 1024;

/// Where keys come from.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    given: Vec<Given>,
}

/// One option, as it was given.
#[derive(Clone)]
enum Given {
    Name(String),
    Key(Source),
}

/// Where one key comes from.
#[derive(Clone)]
pub(crate) enum Source {
    Environment(OsString),
    File(PathBuf),
    Value(OsString),
}

impl Keys {
    /// Each key with its name; what has none is `key1`, `key2`, … by its place.
    pub(crate) fn named(&self) -> Result<Vec<(String, &Source)>, Failure> {
        let mut named = Vec::new();
        let mut name = None;
        for given in &self.given {
            match given {
                Given::Name(next) => {
                    if name.replace(next.clone()).is_some() {
                        return Err(unused_name());
                    }
                }
                Given::Key(source) => {
                    let place = named.len().saturating_add(1);
                    let name = name.take().unwrap_or_else(|| format!("key{place}"));
                    named.push((name, source));
                }
            }
        }
        if name.is_some() {
            return Err(unused_name());
        }
        if named.is_empty() {
            return Err(Failure::Usage(
                "a key is missing: give --secret-file, --secret-env or --secret".into(),
            ));
        }
        Ok(named)
    }

    /// How often standard input is asked for.
    pub(crate) fn standard_inputs(&self) -> usize {
        let is_standard = |given: &&Given| matches!(given, Given::Key(Source::File(path)) if input::is_standard(path));
        self.given.iter().filter(is_standard).count()
    }
}

fn unused_name() -> Failure {
    Failure::Usage("--key-name stands before the key that it names".into())
}

/// Reads a key. Messages name the key, never its source: people paste secrets there.
pub(crate) fn read(name: &str, source: &Source) -> Result<Secret, Fault> {
    let bytes = match source {
        Source::Environment(variable) => {
            let value = env::var_os(variable).ok_or_else(|| {
                Fault::unreadable(format!(
                    "secret `{name}`: the environment variable of --secret-env is not set"
                ))
            })?;
            Zeroizing::new(value.into_encoded_bytes())
        }
        Source::File(path) => {
            let bytes = input::read(path, MAX_SECRET).map_err(|problem| {
                Fault::unreadable(format!(
                    "secret `{name}`: the file of --secret-file cannot be read: {problem}"
                ))
            })?;
            let mut bytes = Zeroizing::new(bytes);
            // Editors and `echo` end a file with a newline that is no part of the secret.
            if bytes.ends_with(b"\n") {
                bytes.pop();
                if bytes.ends_with(b"\r") {
                    bytes.pop();
                }
            }
            bytes
        }
        Source::Value(value) => Zeroizing::new(value.as_encoded_bytes().to_vec()),
    };
    Ok(Secret::new(name, &bytes)?)
}

// By hand, since derived arguments lose the order between options.
impl FromArgMatches for Keys {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut given = BTreeMap::new();
        collect(matches, "key-name", &mut given, Given::Name);
        collect(matches, "secret-file", &mut given, |path| {
            Given::Key(Source::File(path))
        });
        collect(matches, "secret-env", &mut given, |variable| {
            Given::Key(Source::Environment(variable))
        });
        collect(matches, "secret", &mut given, |value| {
            Given::Key(Source::Value(value))
        });
        Ok(Self {
            given: given.into_values().collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn collect<T: Clone + Send + Sync + 'static>(
    matches: &ArgMatches,
    id: &str,
    given: &mut BTreeMap<usize, Given>,
    wrap: impl Fn(T) -> Given,
) {
    let indices = matches.indices_of(id).into_iter().flatten();
    let values = matches.get_many::<T>(id).into_iter().flatten();
    given.extend(indices.zip(values.cloned().map(wrap)));
}

impl Args for Keys {
    fn augment_args(command: Command) -> Command {
        let option = |id: &'static str, value, help| {
            Arg::new(id)
                .long(id)
                .value_name(value)
                .help(help)
                .help_heading("KEY (verify takes several and tries all)")
                .action(ArgAction::Append)
        };
        command
            .arg(
                option("secret-file", "F|-", "A file that holds a secret or public key; its one final newline is dropped; - is standard input")
                    .value_parser(value_parser!(PathBuf)),
            )
            .arg(
                option("secret-env", "VAR", "An environment variable that holds one")
                    .value_parser(value_parser!(OsString)),
            )
            .arg(
                option("secret", "VALUE", "The secret itself; other users of the machine can see it in the list of processes")
                    .value_parser(value_parser!(OsString))
                    .allow_hyphen_values(true),
            )
            .arg(
                option("key-name", "NAME", "The name of the next key, 1 to 32 of a-z, 0-9, _ and - [default: key1, key2, ...]")
                    .value_parser(name),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn name(text: &str) -> Result<String, &'static str> {
    match Secret::new(text, "") {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("a key's name is 1 to 32 of a-z, 0-9, _ and -"),
    }
}

impl core::fmt::Debug for Given {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Given(..)")
    }
}
