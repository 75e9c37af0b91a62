//! Mistakes of the signature's text: encoding, prefix, length.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign::diagnose::Cause;
use countersign::scheme::{Algorithm, Encoding, SignatureSource};

use super::super::refused::before_signature;

use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("the signature in another encoding", |maker| {
        if !maker.scheme.algorithm.covers_content() {
            return None;
        }
        let way = maker.random.below(3);
        let encoding = maker.scheme.encoding;
        maker.genuine(Cause::SignatureEncoding).signature(|text| {
            let bytes = match encoding {
                Encoding::Hex => hex::decode(text).ok()?,
                Encoding::Base64Url => URL_SAFE_NO_PAD.decode(text).ok()?,
                _ => STANDARD.decode(text).ok()?,
            };
            Some(match (encoding, way) {
                (Encoding::Hex, 0) => STANDARD.encode(bytes),
                (Encoding::Hex, _) => STANDARD.encode(text),
                (_, 0) => hex::encode(bytes),
                (Encoding::Base64, 1) => {
                    text.trim_end_matches('=').to_owned()
                        + if text.ends_with('=') { "" } else { "=" }
                }
                _ => STANDARD.encode(hex::encode(bytes)),
            })
        })
    }),
    ("the signature without its prefix", |maker| {
        let text = before_signature(&maker.scheme.format).filter(|text| !text.is_empty())?;
        let other = maker.pick(&["", "sig="]);
        let mut made = maker.genuine(Cause::SignaturePrefix);
        let SignatureSource::Header { name, .. } = &made.scheme.signature else {
            return None;
        };
        let header = made.sent.header(name);
        *header = header.replace(&text, other);
        Some(made)
    }),
    ("the signature cut", |maker| {
        if !maker.is_mac() {
            return None;
        }
        let least = if maker.scheme.encoding == Encoding::Hex {
            20
        } else {
            16
        };
        let most = if maker.scheme.algorithm == Algorithm::HmacSha1 {
            24
        } else {
            38
        };
        let length = least + maker.random.below(most - least) / 4 * 4;
        maker
            .genuine(Cause::SignatureTruncated)
            .signature(|text| Some(text[..length].to_owned()))
    }),
];
