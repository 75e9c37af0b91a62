//! The forms in which a secret's text may be a key: as it is, decoded, without its prefix.

use alloc::string::String;
use alloc::vec::Vec;

use super::super::cause::Cause;
use crate::scheme::{KeyForm, KeyRules};

/// Another form in which the same text is a key.
#[derive(Clone, Debug)]
pub(in super::super) struct Form {
    pub(in super::super) cause: Cause,
    pub(in super::super) form: &'static str,
    pub(in super::super) rules: KeyRules,
    pub(in super::super) fix: &'static str,
}

/// The forms other than the scheme's own.
pub(in super::super) fn forms(own: &KeyRules) -> Vec<Form> {
    let mut found = Vec::new();
    let shared = [KeyForm::Utf8, KeyForm::Base64, KeyForm::Hex];
    if !shared.contains(&own.form) {
        return found;
    }
    let mut add = |form, strip: Option<&str>, cause, words, fix| {
        let rules = KeyRules {
            form,
            strip_prefix: strip.map(|prefix| String::from(prefix).into()),
            min_bytes: 0,
            refused_prefixes: own.refused_prefixes.clone(),
        };
        if (rules.form, &rules.strip_prefix) != (own.form, &own.strip_prefix) {
            found.push(Form {
                cause,
                form: words,
                rules,
                fix,
            });
        }
    };
    let strip = own.strip_prefix.as_deref();
    let (decoded, plain) = (Cause::SecretNotDecoded, Cause::SecretWronglyDecoded);
    let is_plain = own.form == KeyForm::Utf8;
    let other = if is_plain { decoded } else { plain };
    if is_plain {
        if strip.is_some() {
            add(
                KeyForm::Utf8,
                None,
                Cause::SecretPrefixCut,
                "the whole text, prefix and all",
                FORM_PREFIX_CUT,
            );
        }
    } else {
        add(
            KeyForm::Utf8,
            None,
            plain,
            "the whole text as it is",
            FORM_PLAIN,
        );
        add(
            KeyForm::Utf8,
            strip,
            plain,
            "the text after the prefix as it is",
            FORM_PLAIN,
        );
    }
    let strips = [strip, Some("whsec_"), Some("whpk_")];
    for strip in strips {
        add(KeyForm::Base64, strip, other, "Base64", FORM_BASE64);
        add(KeyForm::Hex, strip, other, "hexadecimal", FORM_HEX);
    }
    found
}

const FORM_PREFIX_CUT: &str =
    "The prefix belongs to the sender's key. Leave `key.strip_prefix` out of the scheme.";
const FORM_PLAIN: &str = "The sender uses the secret's text as it is, without decoding it. Set `key.form` of the scheme to \"utf8\", or have the sender decode the secret as the scheme says.";
const FORM_BASE64: &str = "The secret's text is Base64 and the key is what it stands for. Decode it: set `key.form` of the scheme to \"base64\" (and `key.strip_prefix` to a prefix that it has).";
const FORM_HEX: &str = "The secret's text is hexadecimal and the key is what it stands for. Decode it: set `key.form` of the scheme to \"hex\" (and `key.strip_prefix` to a prefix that it has).";
