//! Properties over random deliveries of every scheme that a user can sign by.
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

use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::LazyLock;

use countersign::scheme::{Algorithm, Dedupe, Encoding, Part, TimestampPlace};
use countersign::{Timestamp, Verifier};
use place::Holder;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use providers::Provider;
use rows::Row;

const INVALID: &str = "INVALID_SIGNATURE";

struct Party {
    provider: Provider,
    verifier: Verifier,
    /// A verifier that holds another secret.
    stranger: Verifier,
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.provider.scheme.id)
    }
}

/// Verifiers are built once and shared by all cases.
static PARTIES: LazyLock<Vec<Party>> = LazyLock::new(|| {
    let providers = providers::every().into_iter();
    providers
        .map(|provider| {
            let row = provider.send("e", providers::at(0));
            let stranger = Row {
                secrets: vec![provider.other_secret()],
                ..row.clone()
            };
            Party {
                verifier: row.verifier().unwrap(),
                stranger: stranger.verifier().unwrap(),
                provider,
            }
        })
        .collect()
});

fn party() -> impl Strategy<Value = &'static Party> {
    any::<Index>().prop_map(|index| index.get(&PARTIES))
}

/// A party of those that `fits` takes.
fn party_that(fits: fn(&Party) -> bool) -> impl Strategy<Value = &'static Party> {
    any::<Index>().prop_map(move |index| {
        let fitting: Vec<&Party> = PARTIES.iter().filter(|party| fits(party)).collect();
        *index.get(&fitting)
    })
}

/// Ids that a header can hold: visible, and without what Standard Webhooks (a full stop)
/// and Twitch (a brace) refuse in one.
fn id() -> impl Strategy<Value = String> {
    "[!-\\-/-z|-~]{1,64}"
}

/// Seconds of ten digits, which is what some schemes take: the years 2001 to 2286.
fn seconds() -> impl Strategy<Value = i64> {
    1_000_000_000..10_000_000_000_i64
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(count)
    }
}

impl Party {
    fn authentic(&self, row: &Row, now: Timestamp) -> Result<(), &'static str> {
        let verdict = self.verifier.authenticate(&row.delivery(), now);
        verdict
            .map(|_| ())
            .map_err(|rejection| rejection.code().as_str())
    }

    fn is_token(&self) -> bool {
        self.provider.scheme.algorithm == Algorithm::Equals
    }

    fn takes_any_body(&self) -> bool {
        self.provider.takes_any_body()
    }

    /// Any body can be signed, and every byte of it is covered.
    fn covers_any_body(&self) -> bool {
        self.takes_any_body() && !self.is_token()
    }

    fn is_streamable(&self) -> bool {
        self.covers_any_body() && self.verifier.streaming().is_ok()
    }

    fn has_signature_header(&self) -> bool {
        use countersign::scheme::SignatureSource::{Form, Json};
        !matches!(self.provider.scheme.signature, Form { .. } | Json { .. })
    }

    /// A delivery of `body` where the scheme takes any, else of a body for `id`.
    fn send(&self, body: &[u8], id: &str, now: Timestamp) -> Row {
        if self.takes_any_body() {
            self.provider.send_body(body, id, now)
        } else {
            self.provider.send(id, now)
        }
    }

    /// Whether another scheme computes the signature from the same secret in the same
    /// way: then what is signed decides.
    fn signs_like(&self, other: &Self) -> bool {
        let (own, other) = (self.provider.scheme, other.provider.scheme);
        own.algorithm == other.algorithm && own.key.form == other.key.form
    }

    /// What the row's signature is over, put together from the row alone.
    fn message(&self, row: &Row) -> Vec<u8> {
        let mut message = Vec::new();
        for part in self.provider.scheme.content.parts() {
            let piece = match part {
                Part::Body => row.body.clone(),
                Part::Form { field, .. } => row.form(field).unwrap().into_bytes(),
                Part::Header { name, .. } => row.text(name).into_bytes(),
                Part::Json { path, .. } => row.json(&path.0).unwrap().into_bytes(),
                Part::Literal(text) => text.as_bytes().to_vec(),
                Part::Method => row.method.clone().unwrap().into_bytes(),
                Part::Timestamp => row.at(&row.time_place().unwrap().0).to_vec(),
                Part::Url => row.url.clone().unwrap().into_bytes(),
                // Only one scheme has each of these.
                part => part.to_string().into_bytes(),
            };
            message.extend(piece);
        }
        message
    }
}

/// Deliveries of each scheme in the main property. One of a public key is a hundred
/// times a MAC's work without optimisation, so these take part in every 40th case only.
const DELIVERIES: u32 = 1000;
const PUBLIC_KEY_STEP: usize = 40;

static CASE: AtomicUsize = AtomicUsize::new(0);

proptest! {
    #![proptest_config(cases(DELIVERIES))]

    /// Each case is a delivery of every scheme, and four that must never be accepted:
    /// under another secret, with a changed body, with a changed header, and with the
    /// signature that another scheme makes of the same things with the same secret.
    #[test]
    fn nothing_but_the_delivery_itself_is_accepted(
        id in id(),
        body in vec(any::<u8>(), 1..200),
        seconds in seconds(),
        place in any::<Index>(),
        bit in 0..8_u32,
        other in any::<Index>(),
    ) {
        let now = Timestamp::from_unix_seconds(seconds);
        let case = CASE.fetch_add(1, Ordering::Relaxed);
        let is_slow = |party: &&Party| party.provider.scheme.algorithm.is_public_key();
        let takes_part = |party: &&Party| case.is_multiple_of(PUBLIC_KEY_STEP) || !is_slow(party);
        let parties: Vec<&Party> = PARTIES.iter().filter(takes_part).collect();
        let thief = *other.get(&parties);
        let stolen = thief.send(&body, &id, now);
        let message = thief.message(&stolen);
        let signature = stolen.own_signature();
        let encoding = thief.provider.scheme.encoding;
        let signature = place::decode(encoding, stolen.at(&signature)).unwrap();
        for party in &parties {
            let row = party.send(&body, &id, now);
            prop_assert_eq!(party.authentic(&row, now), Ok(()), "{:?}", party);

            let strange = party.stranger.authenticate(&row.delivery(), now);
            let strange = strange.err().map(|rejection| rejection.code().as_str());
            prop_assert_eq!(strange, Some(INVALID), "{:?}", party);

            let own = row.own_signature();
            if party.provider.scheme.covers_body() && own.holder != Holder::Body {
                let mut changed = row.clone();
                changed.body[place.index(row.body.len())] ^= 1 << bit;
                let code = party.authentic(&changed, now);
                // A time in the body is read before the signature is judged.
                let is_time = !party.takes_any_body() && code == Err("INVALID_TIMESTAMP");
                prop_assert!(code == Err(INVALID) || is_time, "{:?} {:?}", party, code);
            }
            for (index, (name, value)) in row.headers.iter().enumerate() {
                let at = place.index(value.len());
                let mut changed = row.clone();
                changed.headers[index].1[at] ^= 1 << bit;
                let is_hex_case = own.holder == Holder::Header(index)
                    && own.range.contains(&at)
                    && party.provider.scheme.encoding == Encoding::Hex
                    && changed.headers[index].1.eq_ignore_ascii_case(value);
                // An id beside the signature is compared with the signed body's.
                let is_blank = changed.headers[index].1.trim_ascii().is_empty();
                let is_unsigned = is_unsigned_id(party, name) && !is_blank;
                let is_ok = party.authentic(&changed, now).is_ok();
                prop_assert_eq!(is_ok, is_hex_case || is_unsigned, "{:?} {:?}", party, changed);
                if is_unsigned {
                    prop_assert!(changed.verdict_of(&party.verifier).is_err(), "{:?}", party);
                }
            }
            let text = place::encode(party.provider.scheme.encoding, &signature);
            let foreign = row.put(&own, text.as_bytes());
            let is_ok = party.authentic(&foreign, now).is_ok();
            let is_same = party.is_token() || party.message(&row) == message;
            let may_be = party.signs_like(thief) && is_same;
            prop_assert!(!is_ok || may_be, "{:?} took that of {:?}", party, thief);
        }
    }
}

/// Whether a header holds an id that the signature does not cover.
fn is_unsigned_id(party: &Party, name: &str) -> bool {
    let scheme = party.provider.scheme;
    let rule = scheme.event_id.as_ref();
    let is_id = rule.is_some_and(|rule| rule.header.as_deref() == Some(name));
    let mut parts = scheme.content.parts().iter();
    is_id && !parts.any(|part| matches!(part, Part::Header { name: own, .. } if own == name))
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn what_is_signed_verifies(party in party(), id in id(), seconds in seconds(), nanos in 0..1_000_000_000_i64) {
        let now = Timestamp::from_unix_seconds(seconds)
            .saturating_add(time::Duration::nanoseconds(nanos));
        let row = party.provider.send(&id, now);
        let facts = row.verdict_of(&party.verifier).unwrap();
        if let Some(event_id) = facts.event_id {
            prop_assert_eq!(event_id, id);
        }
        let has_rules = !matches!(party.provider.scheme.dedupe, Dedupe::None { .. });
        prop_assert_eq!(facts.dedupe.is_some(), has_rules, "{:?}", party);
        prop_assert_eq!(facts.time.is_some(), party.provider.has_time());
    }

    #[test]
    fn freshness_is_monotone(party in party(), skews in vec(-700_i64..700, 2..6), nanos in -1_000_000_000_i64..1_000_000_000) {
        let sent = providers::at(0);
        let row = party.provider.send("e", sent);
        let judged: Vec<(time::Duration, bool)> = skews
            .iter()
            .map(|skew| {
                let skew = time::Duration::seconds(*skew) + time::Duration::nanoseconds(nanos);
                (skew, party.authentic(&row, sent.saturating_add(skew)).is_ok())
            })
            .collect();
        for (skew, is_ok) in &judged {
            for (other, other_ok) in &judged {
                let is_nearer = other.is_negative() == skew.is_negative() && other.abs() <= skew.abs();
                prop_assert!(!is_ok || !is_nearer || *other_ok, "{} passes, {} does not", skew, other);
            }
        }
    }

    #[test]
    fn random_chunks_agree_with_the_whole_body(party in party_that(Party::is_streamable), body in vec(any::<u8>(), 0..5000), cuts in vec(1..1500_usize, 1..12), forged: bool) {
        let now = providers::at(0);
        let mut row = party.provider.send_body(&body, "e", now);
        if forged {
            row.body.push(b' ');
        }
        let mut stream = party.verifier.streaming().unwrap().begin(row.head()).unwrap();
        let mut rest = row.body.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, after) = rest.split_at((*cut).min(rest.len()));
            stream.update(chunk).unwrap();
            rest = after;
        }
        let streamed = stream.finish(now).map(|_| ()).map_err(|rejection| rejection.code().as_str());
        prop_assert_eq!(streamed, party.authentic(&row, now));
        prop_assert_eq!(streamed.is_err(), forged);
    }

    #[test]
    fn a_naive_verifier_agrees(party in party_that(is_plain), body in vec(any::<u8>(), 0..300), forge in 0..4_u8) {
        let now = providers::at(0);
        let mut row = party.provider.send_body(&body, "e", now);
        if forge == 1 {
            row.body.insert(0, b'.');
        }
        if forge == 2 {
            let name = party.provider.signature_header();
            let text = row.text(name);
            let (tag, hex) = text.split_at(text.len() - 64);
            row = row.with(name, format!("{tag}{}", hex.to_ascii_uppercase()));
        }
        let verdict = party.authentic(&row, now);
        if matches!(verdict, Ok(()) | Err(INVALID)) {
            prop_assert_eq!(naive(&party.provider, &row), verdict.is_ok());
        }
    }

    #[test]
    fn random_headers_never_panic_and_never_verify(party in party_that(Party::has_signature_header), values in vec(vec(any::<u8>(), 0..200), 8), body in vec(any::<u8>(), 0..50)) {
        let mut row = party.send(&body, "e", providers::at(0));
        for ((_, value), random) in row.headers.iter_mut().zip(values) {
            *value = random;
        }
        prop_assert!(party.authentic(&row, providers::at(0)).is_err());
        prop_assert!(row.verdict_of(&party.verifier).is_err());
    }

    #[test]
    fn random_texts_of_the_signatures_alphabet_never_verify(party in party_that(Party::has_signature_header), text in "(t=[0-9]{0,12}|v1=|v1,|v1a,|sha256=|h1=|v0=|,|;| |=|[0-9a-f]{0,64}|[A-Za-z0-9+/]{0,44}){0,12}") {
        let mut row = party.provider.send("e", providers::at(0));
        let holder = row.own_signature().holder;
        *row.bytes_mut(holder) = text.into_bytes();
        prop_assert!(party.authentic(&row, providers::at(0)).is_err());
    }

    #[test]
    fn random_times_are_read_as_the_plain_number_or_not_at_all(text in "[-+ 0-9a-fx.eE_]{0,22}") {
        let party = PARTIES.iter().find(|party| party.provider.scheme.id == "standard_webhooks_v1").unwrap();
        let row = party.provider.send("e", providers::at(0)).with("webhook-timestamp", &text);
        let trimmed = text.trim();
        let is_plain = trimmed.parse::<u64>().is_ok_and(|number| {
            number.to_string() == trimmed && number <= 253_402_300_799
        });
        let expected = match trimmed {
            "" => Err("MISSING_SIGNATURE_HEADERS"),
            "1781740800" => Ok(()),
            _ if is_plain => Err(INVALID),
            _ => Err("INVALID_TIMESTAMP"),
        };
        prop_assert_eq!(party.authentic(&row, providers::at(0)), expected);
    }

    #[test]
    fn random_json_beside_the_id_changes_neither_verdict_nor_key(party in party_that(names_by_json), text in "\\PC{0,80}", number: f64) {
        let body = String::from_utf8(party.provider.body("e")).unwrap();
        let text = serde_json::to_string(&text).unwrap();
        let number = serde_json::to_string(&number).unwrap();
        let more = format!("{{\"beside\":{{\"id\":{text},\"transactionId\":[{number}]}},{}", &body[1..]);
        let row = party.provider.send_body(more.as_bytes(), "e", providers::at(0));
        let plain = party.provider.send("e", providers::at(0));
        prop_assert_eq!(row.verdict_of(&party.verifier), plain.verdict_of(&party.verifier));
    }

    #[test]
    fn random_bodies_under_a_good_signature_never_panic(party in party_that(Party::takes_any_body), body in "[\\[\\]{}:,\"\\\\u0-9a-z \\n.eE+-]{0,200}") {
        let row = party.provider.send_body(body.as_bytes(), "e", providers::at(0));
        let verdict = row.verdict_of(&party.verifier);
        let allowed = ["INVALID_EVENT_ID", "MISSING_EVENT_ID", "EVENT_ID_MISMATCH"];
        prop_assert!(verdict.is_ok() || allowed.contains(&verdict.unwrap_err()));
    }
}

/// HMAC-SHA256 in hexadecimal over the body, or over time and body with a dot.
fn is_plain(party: &Party) -> bool {
    let scheme = party.provider.scheme;
    let content = scheme.content.to_string();
    scheme.algorithm == Algorithm::HmacSha256
        && scheme.encoding == Encoding::Hex
        && scheme.key.form == countersign::scheme::KeyForm::Utf8
        && party.has_signature_header()
        && party.covers_any_body()
        && ["{body}", "{timestamp}.{body}"].contains(&content.as_str())
}

/// Whether what names the event is signed fields of a JSON body alone.
fn names_by_json(party: &Party) -> bool {
    let Dedupe::Rules(rules) = &party.provider.scheme.dedupe else {
        return false;
    };
    let mut parts = rules.iter().flat_map(|rule| rule.key.iter());
    let is_named = parts.all(|part| {
        use countersign::scheme::KeyPart;
        matches!(part, KeyPart::EventId | KeyPart::Json(_))
    });
    party.takes_any_body() && party.provider.reads_body() && is_named
}

/// Ten lines over text: an HMAC of time and body, in hexadecimal, in the header.
fn naive(provider: &Provider, row: &Row) -> bool {
    use hmac::{Hmac, KeyInit, Mac};
    let header = row.text(provider.signature_header());
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(provider.secret.as_bytes()).unwrap();
    if let Some(source) = provider.scheme.timestamp.first() {
        let time = match &source.place {
            TimestampPlace::Header(name) => row.text(name),
            TimestampPlace::SignatureField(name) => {
                let (_, after) = header.split_once(&format!("{name}=")).unwrap();
                let end = after.find(|c: char| !c.is_ascii_digit()).unwrap();
                after[..end].to_owned()
            }
            _ => return false,
        };
        mac.update(format!("{time}.").as_bytes());
    }
    mac.update(&row.body);
    let tag = mac.finalize().into_bytes();
    let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    header.to_ascii_lowercase().ends_with(&hex)
}
