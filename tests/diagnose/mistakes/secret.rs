//! Mistakes of the secret: its edges, its encoding, its prefix, another one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::diagnose::Cause;
use countersign::scheme::{KeyForm, KeyRules};

use super::super::case::URL;
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("blanks around the secret", |maker| {
        // Readers of PEM take blanks.
        if maker.is_rsa() {
            return None;
        }
        let (start, end) = maker.pick(&[
            ("", "\n"),
            (" ", ""),
            ("", "\r\n"),
            ("\u{feff}", ""),
            ("\t", " "),
            ("", "\u{a0}"),
        ]);
        let made = maker.genuine(Cause::SecretWhitespace);
        let inner = String::from_utf8(made.stored.clone()).unwrap();
        made.stored(format!("{start}{inner}{end}"))
    }),
    ("newlines of a PEM escaped", |maker| {
        if !maker.is_rsa() {
            return None;
        }
        let public = maker.pairs.public(&maker.scheme)?;
        let stored = public.trim().replace('\n', "\\n");
        maker.genuine(Cause::SecretWhitespace).stored(stored)
    }),
    ("quotes around the secret", |maker| {
        let quote = maker.pick(&["\"", "'", "`"]);
        let made = maker.genuine(Cause::SecretQuoted);
        let inner = String::from_utf8(made.stored.clone()).unwrap();
        made.stored(format!("{quote}{}{quote}", inner.trim()))
    }),
    ("the secret in an encoding", |maker| {
        if !maker.is_plain() {
            return None;
        }
        let as_hex = maker.pick(&[false, true]);
        let made = maker.genuine(Cause::SecretNotDecoded);
        let stored = if as_hex {
            hex::encode(&made.secret)
        } else {
            STANDARD.encode(&made.secret)
        };
        made.stored(stored)
    }),
    ("a scheme that decodes no secret", |maker| {
        if !matches!(maker.scheme.key.form, KeyForm::Base64 | KeyForm::Hex) {
            return None;
        }
        let mut made = maker.genuine(Cause::SecretNotDecoded);
        made.scheme.key = KeyRules {
            form: KeyForm::Utf8,
            strip_prefix: None,
            ..made.scheme.key
        };
        Some(made)
    }),
    ("a scheme that decodes a plain secret", |maker| {
        // The weak hash takes no other form of a key.
        if !maker.is_plain() || !maker.is_hmac() {
            return None;
        }
        let sender = maker.scheme.clone();
        let secret = STANDARD.encode(maker.random.bytes(24));
        let body = maker.event();
        let mut made = maker.signed_by(
            &sender,
            secret,
            body.as_bytes(),
            URL,
            Cause::SecretWronglyDecoded,
        )?;
        made.scheme.key = KeyRules {
            form: KeyForm::Base64,
            min_bytes: 0,
            ..made.scheme.key
        };
        Some(made)
    }),
    ("the prefix cut", |maker| {
        if !maker.is_plain() {
            return None;
        }
        let sender = maker.scheme.clone();
        let rest = maker.secret();
        let body = maker.event();
        let made = maker.signed_by(
            &sender,
            format!("whsec_{rest}"),
            body.as_bytes(),
            URL,
            Cause::SecretPrefixCut,
        )?;
        made.stored(rest)
    }),
    ("the prefix kept", |maker| {
        if !maker.is_plain() {
            return None;
        }
        let made = maker.genuine(Cause::SecretPrefixKept);
        let prefix = maker.pick(&["whsec_", "sha256=", "SIGNING_SECRET="]);
        let stored = format!("{prefix}{}", made.secret);
        made.stored(stored)
    }),
    ("another secret", |maker| {
        let mut made = maker.genuine(Cause::OtherSecret);
        let other = super::other_pairs().public(&maker.scheme);
        let stored = other.unwrap_or_else(|| maker.secret());
        made.others = vec![
            maker.random.word(24),
            String::from_utf8(made.stored).unwrap(),
        ];
        made.stored = stored.into_bytes();
        Some(made)
    }),
];
