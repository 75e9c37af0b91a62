//! From every row that verifies: what is changed a little is refused, with the code
//! of its class, by both entries.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code
)]

#[path = "common/rows.rs"]
mod rows;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::Verifier;
use countersign::scheme::{Encoding, Format, HeaderFamily, KeyForm};
use rows::Row;

const INVALID: &str = "INVALID_SIGNATURE";
const MALFORMED: &str = "MALFORMED_SIGNATURE";
const MISSING: &str = "MISSING_SIGNATURE_HEADERS";

/// An accepted row that carries one signature only, and where its text stands.
struct Genuine {
    row: Row,
    verifier: Verifier,
    header: usize,
    /// The signature itself within the header's value.
    signature: core::ops::Range<usize>,
}

/// Every accepted row, brought down to the one signature that matches.
fn genuine() -> Vec<Genuine> {
    let accepted = rows::all().into_iter().filter(Row::is_ok);
    let all: Vec<Genuine> = accepted.map(Genuine::new).collect();
    assert!(all.len() >= 130, "{}", all.len());
    all
}

/// The header's name as this row spells it: a family may have another prefix.
fn is_named(row: &Row, own: &str, name: &str) -> bool {
    let alias = |family: &HeaderFamily| {
        own.strip_prefix(family.prefix.as_ref())
            .is_some_and(|rest| name.eq_ignore_ascii_case(&format!("{}{rest}", family.alias)))
    };
    name.eq_ignore_ascii_case(own) || row.scheme.aliases.iter().any(alias)
}

/// The required header that `name` is, in the scheme's spelling.
fn required<'n>(row: &Row, name: &str) -> Option<&'n str> {
    let names = row.scheme.required_headers();
    names.into_iter().find(|own| is_named(row, own, name))
}

impl Genuine {
    fn new(mut row: Row) -> Self {
        let own = row.scheme.required_headers()[0];
        let is_signature = |(name, _): &(String, Vec<u8>)| is_named(&row, own, name);
        let header = row.headers.iter().position(is_signature).unwrap();
        let (name, value) = row.headers[header].clone();
        let repeated = row.places(&name);
        for place in repeated.into_iter().skip(1).rev() {
            row.headers.remove(place);
        }
        let value = String::from_utf8(value).unwrap();
        let value = value.trim();
        let (separator, tag) = match &row.scheme.format {
            Format::KeyValue {
                separator,
                signature_key,
            } => (Some(*separator), format!("{signature_key}=")),
            Format::Tagged {
                separator,
                tag,
                tag_separator,
            } => (Some(*separator), format!("{tag}{tag_separator}")),
            Format::Bare { prefix } => (None, prefix.clone().into_owned()),
            _ => panic!("a format that no row has"),
        };
        let texts: Vec<String> = match separator {
            None => vec![value.to_owned()],
            Some(separator) => {
                let items: Vec<&str> = value.split(separator).map(str::trim).collect();
                let time = items.iter().find(|item| item.starts_with("t="));
                let candidates = items.iter().filter(|item| item.starts_with(&tag));
                candidates
                    .map(|item| match time {
                        Some(time) => format!("{time}{separator}{item}"),
                        None => (*item).to_owned(),
                    })
                    .collect()
            }
        };
        let verifier = row.verifier().unwrap();
        let text = texts.into_iter().find(|text| {
            row.headers[header].1 = text.clone().into_bytes();
            row.verdict_of(&verifier).is_ok()
        });
        let text = text.unwrap_or_else(|| panic!("{}: no signature of it matches", row.id));
        let start = if tag.is_empty() {
            0
        } else {
            text.rfind(&tag).unwrap() + tag.len()
        };
        Self {
            verifier,
            header,
            signature: start..text.len(),
            row,
        }
    }

    fn text(&self) -> &[u8] {
        &self.row.headers[self.header].1
    }

    fn with_text(&self, text: &[u8]) -> Row {
        let mut row = self.row.clone();
        row.headers[self.header].1 = text.to_vec();
        row
    }

    /// The code of the changed row by the whole-body entry.
    fn code(&self, row: &Row) -> &'static str {
        row.verdict_of(&self.verifier).err().unwrap_or("ok")
    }

    /// The code of the changed row by both entries, which must agree.
    fn both(&self, row: &Row) -> &'static str {
        let code = self.code(row);
        let chunk = (row.body.len() / 3).max(1);
        let streamed = rows::stream(&self.verifier, row.head(), &row.body, chunk, row.now);
        let streamed = streamed.err().unwrap_or("ok");
        assert_eq!(streamed, code, "{}: streaming disagrees", row.id);
        code
    }

    /// Whether a signature's text decodes to as many bytes as the genuine one.
    fn decodes(&self, text: &[u8]) -> bool {
        match self.row.scheme.encoding {
            Encoding::Hex => {
                text.len() == self.signature.len() && text.iter().all(u8::is_ascii_hexdigit)
            }
            _ => {
                let decode = |text: &[u8]| {
                    let mut bytes = vec![0; text.len()];
                    STANDARD.decode_slice(text, &mut bytes).ok()
                };
                decode(text).is_some_and(|length| {
                    Some(length) == decode(&self.text()[self.signature.clone()])
                })
            }
        }
    }
}

#[test]
fn one_flipped_bit_of_the_signature_text_is_refused() {
    let mut flips = 0;
    for genuine in genuine() {
        let text = genuine.text().to_vec();
        // RSA signatures are long and slow; a prime step meets all places of a quartet.
        let step = if text.len() > 200 || genuine.row.body.len() > 4096 {
            13
        } else {
            1
        };
        for place in (0..text.len()).step_by(step).chain([text.len() - 1]) {
            for bit in 0..8 {
                let mut changed = text.clone();
                changed[place] ^= 1 << bit;
                let code = genuine.code(&genuine.with_text(&changed));
                let shown = String::from_utf8_lossy(&changed).into_owned();
                flips += 1;
                if !genuine.signature.contains(&place) {
                    let allowed = [
                        INVALID,
                        MALFORMED,
                        "UNSUPPORTED_SCHEME",
                        "INVALID_TIMESTAMP",
                    ];
                    assert!(
                        allowed.contains(&code),
                        "{}: {shown}: {code}",
                        genuine.row.id
                    );
                    continue;
                }
                let is_hex = genuine.row.scheme.encoding == Encoding::Hex;
                let expected = if is_hex && changed.eq_ignore_ascii_case(&text) {
                    "ok"
                } else if genuine.decodes(&changed[genuine.signature.clone()]) {
                    INVALID
                } else {
                    MALFORMED
                };
                assert_eq!(code, expected, "{}: {shown}", genuine.row.id);
            }
        }
    }
    assert!(flips > 50_000, "{flips}");
}

#[test]
fn every_proper_prefix_of_the_signature_text_is_refused() {
    for genuine in genuine() {
        let text = genuine.text();
        for length in 0..text.len() {
            let row = genuine.with_text(&text[..length]);
            let code = genuine.code(&row);
            let expected = if length == 0 { MISSING } else { MALFORMED };
            assert_eq!(code, expected, "{}: {length} bytes", row.id);
        }
    }
}

#[test]
fn a_signature_with_something_behind_it_is_refused() {
    for genuine in genuine() {
        for tail in ["0", "00", "=", "A", "\u{e9}", ".", "\0"] {
            let text = [genuine.text(), tail.as_bytes()].concat();
            let row = genuine.with_text(&text);
            assert_eq!(genuine.both(&row), MALFORMED, "{}: {tail:?}", row.id);
        }
    }
}

#[test]
fn one_changed_added_or_removed_byte_of_the_body_is_refused() {
    for genuine in genuine() {
        let body = &genuine.row.body;
        let mut bodies = Vec::new();
        for place in [0, body.len() / 2, body.len().saturating_sub(1)] {
            for byte in [b' ', b'\n', 0, 0xff] {
                let mut longer = body.clone();
                longer.insert(place, byte);
                bodies.push(longer);
                bodies.push([body.as_slice(), &[byte]].concat());
            }
            if place < body.len() {
                for bit in [0, 5, 7] {
                    let mut changed = body.clone();
                    changed[place] ^= 1 << bit;
                    bodies.push(changed);
                }
                let mut shorter = body.clone();
                shorter.remove(place);
                bodies.push(shorter);
            }
        }
        if !body.is_empty() {
            bodies.push(Vec::new());
        }
        for changed in bodies {
            assert_ne!(changed, *body);
            let row = Row {
                body: changed,
                ..genuine.row.clone()
            };
            assert_eq!(genuine.both(&row), INVALID, "{}", row.id);
        }
    }
}

#[test]
fn another_time_is_refused() {
    let mut times = 0;
    for genuine in genuine() {
        let mut row = genuine.row.clone();
        let is_time = |(name, _): &(String, Vec<u8>)| {
            required(&genuine.row, name).is_some_and(|own| own.ends_with("-timestamp"))
        };
        let (header, place) = match &row.scheme.format {
            Format::KeyValue { .. } => {
                let comma = genuine
                    .text()
                    .iter()
                    .position(|byte| *byte == b',')
                    .unwrap();
                (genuine.header, comma - 1)
            }
            _ => match row.headers.iter().position(is_time) {
                // Of an ISO time the last digit of the seconds, else the last digit.
                Some(header) if row.scheme.id == "openpoly" => (header, 18),
                Some(header) => (header, row.headers[header].1.len() - 1),
                None => continue,
            },
        };
        let digit = &mut row.headers[header].1[place];
        assert!(digit.is_ascii_digit(), "{}", row.id);
        *digit ^= 1;
        times += 1;
        assert_eq!(genuine.both(&row), INVALID, "{}", row.id);
    }
    assert!(times >= 70, "{times}");
}

#[test]
fn another_id_is_refused_whether_its_header_is_signed_or_not() {
    for genuine in genuine() {
        let mut row = genuine.row.clone();
        let is_id = |(name, _): &(String, Vec<u8>)| {
            required(&genuine.row, name).is_some_and(|own| own.ends_with("-id"))
        };
        let Some(header) = row.headers.iter().position(is_id) else {
            continue;
        };
        let is_signed = row.scheme.id == "standard_webhooks_v1";
        let expected = if is_signed {
            INVALID
        } else {
            "EVENT_ID_MISMATCH"
        };
        let id = row.headers[header].1.clone();
        for other in [
            [id.as_slice(), b"x"].concat(),
            [b"x", id.as_slice()].concat(),
            b"other".to_vec(),
        ] {
            row.headers[header].1 = other;
            assert_eq!(genuine.both(&row), expected, "{}", row.id);
        }
    }
}

#[test]
fn a_missing_or_blank_required_header_is_refused_and_no_other_header_counts() {
    for genuine in genuine() {
        for place in 0..genuine.row.headers.len() {
            let name = &genuine.row.headers[place].0;
            let expected = if required(&genuine.row, name).is_some() {
                MISSING
            } else {
                "ok"
            };
            let mut row = genuine.row.clone();
            for blank in ["", " ", "\t \t"] {
                row.headers[place].1 = blank.into();
                assert_eq!(genuine.both(&row), expected, "{}: {name}", row.id);
            }
            row.headers.retain(|(other, _)| other != name);
            assert_eq!(genuine.both(&row), expected, "{}: {name}", row.id);
        }
    }
}

#[test]
fn a_required_header_repeated_with_another_value_is_refused_in_any_order() {
    for genuine in genuine() {
        for place in 0..genuine.row.headers.len() {
            let (name, value) = genuine.row.headers[place].clone();
            let is_required = required(&genuine.row, &name).is_some();
            let expected = if is_required {
                "AMBIGUOUS_HEADER"
            } else {
                "ok"
            };
            for (at, other) in [(place, "other"), (place + 1, "other"), (place, "")] {
                let mut row = genuine.row.clone();
                row.headers
                    .insert(at, (name.to_ascii_uppercase(), other.into()));
                assert_eq!(genuine.both(&row), expected, "{}: {name} {other:?}", row.id);
            }
            let mut row = genuine.row.clone();
            row.headers.push((name.to_ascii_uppercase(), value));
            assert_eq!(
                genuine.both(&row),
                "ok",
                "{}: {name} twice the same",
                row.id
            );
        }
    }
}

#[test]
fn another_secret_is_refused() {
    let rows = rows::all();
    let rotation = rows.iter().find(|row| row.id == "155io/rotation-old-signs");
    let other_rsa = &rotation.unwrap().secrets[1];
    for genuine in genuine() {
        let other = match genuine.row.scheme.key.form {
            KeyForm::SpkiPem => other_rsa,
            KeyForm::Base64 => "YW5vdGhlciB0ZXN0IGtleSB0aGF0IGlzIDMyIGJ5dGVz",
            _ => "another secret, of forty-two characters...",
        };
        let row = Row {
            secrets: vec![other.to_owned()],
            ..genuine.row.clone()
        };
        if row.secrets != genuine.row.secrets && row.id != "155io/rotation-new-signs" {
            assert_eq!(row.verdict(), Err(INVALID), "{}", row.id);
        }
    }
}
