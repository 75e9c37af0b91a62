//! What the targets judge the crate by: slow, plain, and made of none of its code.

use std::sync::OnceLock;

use countersign::Secret;
use countersign::testing::RsaKeyPair;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A UTF-8 secret that is long enough for every scheme.
pub const UTF8_SECRET: &str = "fuzz secret, long enough for all";
/// The same key bytes for schemes that hold Base64.
pub const BASE64_SECRET: &str = "ZnV6eiBzZWNyZXQsIGxvbmcgZW5vdWdoIGZvciBhbGw=";

/// The secret of a catalogue scheme, and its verifying half.
pub fn secrets(scheme: &countersign::scheme::Scheme) -> (Secret, Secret) {
    use countersign::scheme::KeyForm;
    let shared = |text| Secret::new("fuzz", text).unwrap();
    match scheme.key.form {
        KeyForm::SpkiPem => (
            rsa().private("fuzz").unwrap(),
            rsa().public("fuzz").unwrap(),
        ),
        KeyForm::Base64 => (shared(BASE64_SECRET), shared(BASE64_SECRET)),
        _ => (shared(UTF8_SECRET), shared(UTF8_SECRET)),
    }
}

/// One key pair per run: none is kept in the repository.
fn rsa() -> &'static RsaKeyPair {
    static PAIR: OnceLock<RsaKeyPair> = OnceLock::new();
    PAIR.get_or_init(|| RsaKeyPair::generate().unwrap())
}

/// HMAC-SHA256 under [`UTF8_SECRET`].
pub fn mac(pieces: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(UTF8_SECRET.as_bytes()).unwrap();
    for piece in pieces {
        mac.update(piece);
    }
    mac.finalize().into_bytes().to_vec()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let padded = [group, &[0, 0]].concat();
        let bits = u32::from_be_bytes([0, padded[0], padded[1], padded[2]]);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= group.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

pub fn contains(text: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || text.windows(wanted.len()).any(|window| window == wanted)
}

/// A plain number of Unix time: digits, no leading zero, up to the year 9999.
pub fn number(text: &[u8], most: u128) -> Option<i64> {
    let text = core::str::from_utf8(text).ok()?;
    let value: u128 = text.parse().ok()?;
    (value.to_string() == text && value <= most).then(|| i64::try_from(value).unwrap())
}
