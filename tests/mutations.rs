//! From every delivery that verifies, of every scheme: what is changed a little is
//! refused, with the code of its class, by both entries.
//!
//! The deliveries are the accepted rows of the vectors, and one that is signed here for
//! each scheme that a user can sign by.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code
)]

#[path = "common/place.rs"]
mod place;
#[path = "common/providers.rs"]
mod providers;
#[path = "common/rows.rs"]
mod rows;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use countersign::Verifier;
use countersign::scheme::{
    Algorithm, Dedupe, Encoding, Format, KeyPart, Part, SignatureSource, TimestampPlace,
    TimestampUnit, catalogue,
};
use place::{Holder, Place};
use rows::Row;

const INVALID: &str = "INVALID_SIGNATURE";
const MALFORMED: &str = "MALFORMED_SIGNATURE";
const MISSING: &str = "MISSING_SIGNATURE_HEADERS";

/// An accepted delivery that carries one signature only, and where its text stands.
struct Genuine {
    row: Row,
    verifier: Verifier,
    signature: Place,
}

/// What a header is to a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Nothing reads it.
    Unread,
    /// Only a dedupe key or an optional time does.
    Optional,
    /// A delivery without it is refused.
    Required,
}

static GENUINE: LazyLock<Vec<Genuine>> = LazyLock::new(|| {
    let accepted = rows::all().into_iter().filter(Row::is_ok);
    let accepted = accepted.filter(|row| rows::is_declared(row.scheme));
    let signed = providers::every();
    let signed = signed.iter().map(|party| party.send("e", providers::at(0)));
    accepted.chain(signed).filter_map(Genuine::new).collect()
});

/// Signatures that cost a hundred times a MAC: fewer places are tried.
fn is_slow(genuine: &Genuine) -> bool {
    genuine.row.scheme.algorithm.is_public_key() || genuine.row.body.len() > 4096
}

impl Genuine {
    fn new(row: Row) -> Option<Self> {
        let verifier = row
            .verifier()
            .unwrap_or_else(|fault| panic!("{}: {fault}", row.id));
        let (row, signature) = row.single(&verifier)?;
        Some(Self {
            row,
            verifier,
            signature,
        })
    }

    fn holder(&self) -> Holder {
        self.signature.holder
    }

    fn is_in_body(&self) -> bool {
        self.holder() == Holder::Body
    }

    fn is_token(&self) -> bool {
        self.row.scheme.algorithm == Algorithm::Equals
    }

    fn signature(&self) -> &[u8] {
        self.row.at(&self.signature)
    }

    /// The code of the changed row by the whole-body entry.
    fn code(&self, row: &Row) -> &'static str {
        row.verdict_of(&self.verifier).err().unwrap_or("ok")
    }

    /// The code of the changed row by both entries, which must agree.
    fn both(&self, row: &Row) -> &'static str {
        let code = self.code(row);
        if self.verifier.streaming().is_ok() {
            let chunk = (row.body.len() / 3).max(1);
            let streamed = rows::stream(&self.verifier, row.head(), &row.body, chunk, row.now);
            let streamed = streamed.err().unwrap_or("ok");
            assert_eq!(streamed, code, "{}: streaming disagrees", row.id);
        }
        code
    }

    /// Whether a text decodes to a signature as long as one of this scheme may be.
    fn decodes(&self, text: &[u8]) -> bool {
        let scheme = self.row.scheme;
        let length = |text| place::decode(scheme.encoding, text).map(|bytes| bytes.len());
        match length(text) {
            None => false,
            Some(found) if scheme.algorithm == Algorithm::EcdsaP256Sha256 => {
                (8..=72).contains(&found)
            }
            Some(_) if self.is_token() => true,
            found => found == length(self.signature()),
        }
    }

    /// What a row is refused with whose signature text became `text`.
    fn expected(&self, text: &[u8]) -> &'static str {
        let is_hex = self.row.scheme.encoding == Encoding::Hex;
        if is_hex && text.eq_ignore_ascii_case(self.signature()) {
            "ok"
        } else if self.decodes(text) {
            INVALID
        } else {
            MALFORMED
        }
    }

    /// Whether every byte of the body is covered.
    fn covers_body(&self) -> bool {
        self.row.scheme.covers_body() && !self.is_in_body()
    }

    fn role(&self, name: &str) -> Role {
        let scheme = self.row.scheme;
        let is = |own: &str| place::is_named(scheme, own, name);
        let required = scheme.required_headers();
        if place::is_signature(scheme, name) || required.into_iter().any(is) {
            return Role::Required;
        }
        let is_time = scheme
            .timestamp
            .iter()
            .any(|source| matches!(&source.place, TimestampPlace::Header(own) if is(own)));
        let is_id = scheme
            .event_id
            .iter()
            .any(|rule| rule.header.as_deref().is_some_and(is));
        let is_key = match &scheme.dedupe {
            Dedupe::Rules(rules) => rules
                .iter()
                .flat_map(|rule| rule.key.iter())
                .any(|part| matches!(part, KeyPart::Header(own) if is(own))),
            _ => false,
        };
        if is_time || is_id || is_key {
            Role::Optional
        } else {
            Role::Unread
        }
    }
}

#[test]
fn every_scheme_takes_part() {
    let seen: BTreeSet<&str> = GENUINE
        .iter()
        .map(|genuine| genuine.row.scheme.id.as_ref())
        .collect();
    let missing: Vec<&str> = catalogue::ALL
        .iter()
        .filter(|scheme| rows::is_declared(scheme))
        .map(|scheme| scheme.id.as_ref())
        .filter(|id| !seen.contains(id))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    for genuine in GENUINE.iter() {
        assert_eq!(genuine.both(&genuine.row), "ok", "{}", genuine.row.id);
    }
}

/// Whoever holds the key signs; what is a procedure of its own only verifies.
#[test]
fn every_declared_scheme_has_a_signer() {
    let signed: Vec<&str> = providers::every()
        .iter()
        .map(|party| party.scheme.id.as_ref())
        .collect();
    for scheme in catalogue::ALL {
        let is_signed = signed.contains(&scheme.id.as_ref());
        assert_eq!(is_signed, rows::is_declared(scheme), "{}", scheme.id);
    }
}

#[test]
fn one_flipped_bit_of_the_signature_text_is_refused() {
    let mut flips = 0;
    for genuine in GENUINE.iter() {
        let holder = genuine.holder();
        let text = genuine.row.bytes(holder).to_vec();
        let places = if genuine.is_in_body() {
            genuine.signature.range.clone()
        } else {
            0..text.len()
        };
        // A prime step meets all places of a quartet.
        let step = if is_slow(genuine) { 37 } else { 1 };
        for at in places.clone().step_by(step).chain([places.end - 1]) {
            for bit in 0..8 {
                let mut row = genuine.row.clone();
                row.bytes_mut(holder)[at] ^= 1 << bit;
                let code = genuine.code(&row);
                let shown = || String::from_utf8_lossy(row.bytes(holder)).into_owned();
                flips += 1;
                if genuine.is_in_body() || !genuine.signature.range.contains(&at) {
                    let allowed = [
                        INVALID,
                        MALFORMED,
                        MISSING,
                        "UNSUPPORTED_SCHEME",
                        "INVALID_TIMESTAMP",
                    ];
                    let is_same = genuine.is_in_body()
                        && genuine.row.scheme.encoding == Encoding::Hex
                        && row
                            .at(&genuine.signature)
                            .eq_ignore_ascii_case(genuine.signature());
                    assert!(
                        allowed.contains(&code) || (is_same && code == "ok"),
                        "{}: {}: {code}",
                        row.id,
                        shown()
                    );
                } else {
                    let expected = genuine.expected(row.at(&genuine.signature));
                    assert_eq!(code, expected, "{}: {}", row.id, shown());
                }
            }
        }
    }
    assert!(flips > 100_000, "{flips}");
}

#[test]
fn every_proper_prefix_of_the_signature_text_is_refused() {
    for genuine in GENUINE.iter() {
        let Place { holder, range } = genuine.signature.clone();
        let start = if genuine.is_in_body() { range.start } else { 0 };
        for end in start..range.end {
            let mut row = genuine.row.clone();
            row.bytes_mut(holder).drain(end..range.end);
            let code = genuine.code(&row);
            let cut = row.bytes(holder).get(range.start..end).unwrap_or_default();
            if genuine.is_in_body() {
                let allowed = [MALFORMED, MISSING, INVALID];
                assert!(allowed.contains(&code), "{}: {end}: {code}", row.id);
            } else if row.bytes(holder).trim_ascii().is_empty() {
                assert_eq!(code, MISSING, "{}: nothing", row.id);
            } else if end > range.start && genuine.decodes(cut) {
                assert_eq!(code, INVALID, "{}: {end} bytes", row.id);
            } else {
                assert_eq!(code, MALFORMED, "{}: {end} bytes", row.id);
            }
        }
    }
}

#[test]
fn a_signature_with_something_behind_it_is_refused() {
    for genuine in GENUINE.iter() {
        for tail in ["0", "00", "=", "A", "\u{e9}", ".", "\0"] {
            let text = [genuine.signature(), tail.as_bytes()].concat();
            let row = genuine.row.put(&genuine.signature, &text);
            let code = genuine.both(&row);
            if genuine.is_token() {
                assert_eq!(code, INVALID, "{}: {tail:?}", row.id);
            } else if genuine.is_in_body() {
                let allowed = [MALFORMED, MISSING, INVALID];
                assert!(allowed.contains(&code), "{}: {tail:?}: {code}", row.id);
            } else {
                assert_eq!(code, MALFORMED, "{}: {tail:?}", row.id);
            }
        }
    }
}

/// The body changed in many places, by one byte each.
fn changed_bodies(body: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    for place in [0, body.len() / 2, body.len().saturating_sub(1)] {
        for byte in [b' ', b'\n', 0, 0xff] {
            let mut longer = body.to_vec();
            longer.insert(place, byte);
            bodies.push(longer);
            bodies.push([body, &[byte]].concat());
        }
        if place < body.len() {
            for bit in [0, 5, 7] {
                let mut changed = body.to_vec();
                changed[place] ^= 1 << bit;
                bodies.push(changed);
            }
            let mut shorter = body.to_vec();
            shorter.remove(place);
            bodies.push(shorter);
        }
    }
    if !body.is_empty() {
        bodies.push(Vec::new());
    }
    bodies
}

#[test]
fn one_changed_added_or_removed_byte_of_the_body_is_refused() {
    for genuine in GENUINE.iter().filter(|genuine| genuine.covers_body()) {
        let scheme = genuine.row.scheme;
        let sorts = scheme.content.parts().contains(&Part::FormSorted);
        let reads_time = genuine
            .row
            .time_place()
            .is_some_and(|(time, _)| time.holder == Holder::Body);
        for body in changed_bodies(&genuine.row.body) {
            assert_ne!(body, genuine.row.body);
            // What separates a form's fields is not signed: see the scheme's waiver.
            if sorts && joined(&body) == joined(&genuine.row.body) {
                continue;
            }
            let row = Row {
                body,
                ..genuine.row.clone()
            };
            let code = genuine.both(&row);
            let is_unreadable_time = reads_time && code == "INVALID_TIMESTAMP";
            assert!(code == INVALID || is_unreadable_time, "{}: {code}", row.id);
        }
    }
}

/// What the sorted form makes of a body, as far as separators can change it.
fn joined(body: &[u8]) -> Vec<u8> {
    let mut fields: Vec<Vec<u8>> = body
        .split(|byte| *byte == b'&')
        .map(|pair| pair.iter().copied().filter(|byte| *byte != b'=').collect())
        .collect();
    fields.sort();
    fields.concat()
}

/// A token covers nothing, and a scheme that signs fields of the body covers these alone:
/// what `covers` says must hold both ways.
#[test]
fn what_is_not_covered_can_be_changed_and_what_is_covered_cannot() {
    for genuine in GENUINE.iter().filter(|genuine| !genuine.covers_body()) {
        let scheme = genuine.row.scheme;
        if genuine.is_token() {
            let body = [b" ".as_slice(), &genuine.row.body].concat();
            let row = Row {
                body,
                ..genuine.row.clone()
            };
            assert_ne!(genuine.code(&row), INVALID, "{}", row.id);
        }
        for part in scheme.content.parts() {
            let value = match part {
                Part::Form { field, .. } => genuine.row.form(field),
                Part::Json { path, .. } => genuine.row.json(&path.0),
                _ => continue,
            };
            let value = value.unwrap();
            // Of a value with escapes, what stands before the first.
            let plain = value
                .split(|c: char| !c.is_ascii_alphanumeric())
                .next()
                .unwrap();
            let place = genuine.row.in_body(plain).unwrap();
            let mut row = genuine.row.clone();
            // The last character: another first digit might be none that JSON knows.
            row.body[place.range.end - 1] ^= 1;
            let code = genuine.code(&row);
            assert!(
                [INVALID, "INVALID_TIMESTAMP"].contains(&code),
                "{}: {code}",
                row.id
            );
        }
    }
}

#[test]
fn another_time_is_refused() {
    let mut times = BTreeSet::new();
    for genuine in GENUINE.iter().filter(|genuine| !genuine.is_token()) {
        let Some((time, unit)) = genuine.row.time_place() else {
            continue;
        };
        let mut text = genuine.row.at(&time).to_vec();
        // Of an ISO time the last digit of the seconds, else the last digit.
        let at = match unit {
            TimestampUnit::Iso8601 => 18,
            _ => text.len() - 1,
        };
        assert!(text[at].is_ascii_digit(), "{}", genuine.row.id);
        text[at] ^= 1;
        let row = genuine.row.put(&time, &text);
        let code = genuine.both(&row);
        let is_covered = genuine
            .row
            .verdict_of(&genuine.verifier)
            .unwrap()
            .time
            .is_some();
        if is_covered {
            times.insert(&genuine.row.scheme.id);
            assert_eq!(code, INVALID, "{}", row.id);
        } else {
            assert_eq!(code, "ok", "{}: it is not signed", row.id);
        }
    }
    let timed = catalogue::ALL
        .iter()
        .filter(|scheme| rows::is_declared(scheme) && !scheme.timestamp.is_empty());
    assert_eq!(times.len(), timed.count(), "{times:?}");
}

#[test]
fn another_id_is_refused_whether_its_header_is_signed_or_not() {
    for genuine in GENUINE.iter() {
        let mut row = genuine.row.clone();
        let Some(rule) = &row.scheme.event_id else {
            continue;
        };
        let Some(own) = rule.header.as_deref() else {
            continue;
        };
        let is_id = |(name, _): &(String, Vec<u8>)| place::is_named(genuine.row.scheme, own, name);
        let Some(header) = row.headers.iter().position(is_id) else {
            continue;
        };
        let is_signed = row.scheme.content.parts().iter().any(
            |part| matches!(part, Part::Header { name, .. } if name.eq_ignore_ascii_case(own)),
        );
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
    for genuine in GENUINE.iter() {
        for place in 0..genuine.row.headers.len() {
            let name = &genuine.row.headers[place].0;
            let role = genuine.role(name);
            let judge = |row: &Row| match role {
                Role::Required => assert_eq!(genuine.both(row), MISSING, "{}: {name}", row.id),
                Role::Unread => assert_eq!(genuine.both(row), "ok", "{}: {name}", row.id),
                Role::Optional => assert_ne!(genuine.both(row), INVALID, "{}: {name}", row.id),
            };
            let mut row = genuine.row.clone();
            for blank in ["", " ", "\t \t"] {
                row.headers[place].1 = blank.into();
                judge(&row);
            }
            row.headers.retain(|(other, _)| other != name);
            judge(&row);
        }
    }
}

#[test]
fn a_required_header_repeated_with_another_value_is_refused_in_any_order() {
    for genuine in GENUINE.iter() {
        for place in 0..genuine.row.headers.len() {
            let (name, value) = genuine.row.headers[place].clone();
            let role = genuine.role(&name);
            for (at, other) in [(place, "other"), (place + 1, "other"), (place, "")] {
                let mut row = genuine.row.clone();
                row.headers
                    .insert(at, (name.to_ascii_uppercase(), other.into()));
                let code = genuine.both(&row);
                match role {
                    Role::Required => assert_eq!(code, "AMBIGUOUS_HEADER", "{}: {name}", row.id),
                    Role::Unread => assert_eq!(code, "ok", "{}: {name} {other:?}", row.id),
                    Role::Optional => {
                        assert!(
                            ["AMBIGUOUS_HEADER", "ok"].contains(&code),
                            "{}: {name}",
                            row.id
                        );
                    }
                }
            }
            let mut row = genuine.row.clone();
            row.headers.push((name.to_ascii_uppercase(), value));
            assert_eq!(genuine.both(&row), "ok", "{}: {name} twice", row.id);
        }
    }
}

#[test]
fn a_fixed_header_with_another_value_is_refused() {
    for genuine in GENUINE.iter() {
        for fixed in genuine.row.scheme.require.iter() {
            let mut row = genuine.row.clone();
            let place = row.places(&fixed.name)[0];
            for other in ["2", "HmacSHA1", "none"] {
                row.headers[place].1 = other.into();
                let code = genuine.both(&row);
                assert_eq!(code, "UNSUPPORTED_SCHEME", "{}: {}", row.id, fixed.name);
            }
        }
    }
}

#[test]
fn another_method_or_url_is_refused_where_it_is_signed() {
    let mut seen = 0;
    for genuine in GENUINE.iter() {
        let parts = genuine.row.scheme.content.parts();
        let mut row = genuine.row.clone();
        if parts.contains(&Part::Method) {
            row.method = Some("DELETE".to_owned());
            assert_eq!(genuine.both(&row), INVALID, "{}", row.id);
            seen += 1;
        }
        let mut row = genuine.row.clone();
        if let Some(url) = &row.url
            && (parts.contains(&Part::Url) || parts.contains(&Part::QuerySorted))
        {
            let separator = if url.contains('?') { '&' } else { '?' };
            row.url = Some(format!("{url}{separator}zz=1"));
            // The registered URL is the verifier's own.
            assert_eq!(row.verdict().err(), Some(INVALID), "{}", row.id);
            seen += 1;
        }
    }
    assert!(seen >= 15, "{seen}");
}

#[test]
fn a_signature_under_another_version_is_refused() {
    for genuine in GENUINE.iter().filter(|genuine| !genuine.is_in_body()) {
        let text = String::from_utf8(genuine.row.bytes(genuine.holder()).to_vec()).unwrap();
        let (before, after) = text.split_at(genuine.signature.range.start);
        let tag = match &genuine.row.scheme.format {
            Format::KeyValue { signature_key, .. } => signature_key.to_string(),
            Format::Tagged { tag, .. } => tag.to_string(),
            _ => continue,
        };
        // Only keys that are versions have other versions.
        if !tag.ends_with(|last: char| last.is_ascii_digit()) {
            continue;
        }
        let other = format!("{tag}9");
        let at = before.rfind(&tag).unwrap();
        let changed = format!(
            "{}{other}{}{after}",
            &before[..at],
            &before[at + tag.len()..]
        );
        let mut row = genuine.row.clone();
        *row.bytes_mut(genuine.holder()) = changed.into_bytes();
        assert_eq!(genuine.both(&row), "UNSUPPORTED_SCHEME", "{}", row.id);
    }
}

#[test]
fn another_secret_is_refused() {
    let others = providers::every();
    for genuine in GENUINE.iter() {
        let id = &genuine.row.scheme.id;
        let other = others.iter().find(|party| party.scheme.id == *id).unwrap();
        let row = Row {
            secrets: vec![other.other_secret()],
            ..genuine.row.clone()
        };
        assert_eq!(row.verdict().err(), Some(INVALID), "{}", row.id);
    }
}

/// The numbered headers of a scheme take the signature at every number, and at no other.
#[test]
fn numbered_headers_begin_and_end() {
    for genuine in GENUINE.iter() {
        let SignatureSource::Numbered { prefix, from, to } = &genuine.row.scheme.signature else {
            continue;
        };
        let Holder::Header(header) = genuine.holder() else {
            continue;
        };
        for number in u16::from(*from)..=u16::from(*to) + 1 {
            let mut row = genuine.row.clone();
            row.headers[header].0 = format!("{prefix}{number}");
            let expected = if number <= u16::from(*to) {
                "ok"
            } else {
                MISSING
            };
            assert_eq!(genuine.both(&row), expected, "{}: {number}", row.id);
        }
    }
}

/// The schemes that are a procedure of their own: `tests/outside_*.rs` has the rest.
#[test]
fn what_a_procedure_accepts_is_refused_under_another_secret_or_with_a_byte_more() {
    for row in rows::all() {
        // A row that is refused is an exception, which tests/vectors.rs judges.
        if rows::is_declared(row.scheme) || row.verdict().is_err() {
            continue;
        }
        let mut longer = row.clone();
        longer.body.push(b'x');
        assert!(longer.verdict().is_err(), "{}", row.id);
        let other = match row.secret_encoding.as_deref().unwrap() {
            "utf8" => "another secret of this test, in clear",
            "hex" => "616e6f746865722074657374206b657920746861742069732033322062797465",
            _ => continue,
        };
        let strange = Row {
            secrets: vec![other.to_owned()],
            ..row.clone()
        };
        assert_eq!(strange.verdict().err(), Some(INVALID), "{}", row.id);
    }
}
