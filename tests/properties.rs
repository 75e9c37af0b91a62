//! Properties over random deliveries of all eight schemes.
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    dead_code
)]

#[path = "common/providers.rs"]
mod providers;
#[path = "common/rows.rs"]
mod rows;

use core::fmt;
use std::sync::LazyLock;

use countersign::scheme::TimestampPlace;
use countersign::{Timestamp, Verifier};
use proptest::collection::vec;
use proptest::prelude::*;
use providers::Provider;
use rows::Row;

struct Party {
    provider: Provider,
    verifier: Verifier,
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.provider.scheme.id)
    }
}

static PARTIES: LazyLock<Vec<Party>> = LazyLock::new(|| {
    let providers = providers::all().into_iter();
    providers
        .map(|provider| Party {
            verifier: provider.send("e", Timestamp::EPOCH).verifier().unwrap(),
            provider,
        })
        .collect()
});

fn party() -> impl Strategy<Value = &'static Party> {
    (0..8_usize).prop_map(|index| &PARTIES[index])
}

/// Ids that a header can hold: visible, and without the separator of Standard Webhooks.
fn id() -> impl Strategy<Value = String> {
    "[!-\\-/-~]{1,64}"
}

/// Seconds that RFC 3339 can write.
fn seconds() -> impl Strategy<Value = i64> {
    prop_oneof![0..253_402_300_800_i64, 1_700_000_000..1_900_000_000_i64]
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(512)
    }
}

impl Party {
    fn authentic(&self, row: &Row, now: Timestamp) -> Result<(), &'static str> {
        let verdict = self.verifier.authenticate(&row.delivery(), now);
        verdict
            .map(|_| ())
            .map_err(|rejection| rejection.code().as_str())
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_signed_verifies(party in party(), id in id(), seconds in seconds(), nanos in 0..1_000_000_000_i64) {
        let now = Timestamp::from_unix_seconds(seconds)
            .saturating_add(time::Duration::nanoseconds(nanos));
        let row = party.provider.send(&id, now);
        let facts = row.verdict_of(&party.verifier).unwrap();
        if let Some(event_id) = facts.event_id {
            prop_assert_eq!(event_id, id);
        }
        prop_assert!(facts.dedupe.is_some());
        prop_assert_eq!(facts.time.is_some(), party.provider.has_time());
    }

    #[test]
    fn any_body_that_is_signed_is_authentic(party in party(), body in vec(any::<u8>(), 0..600), seconds in seconds()) {
        let now = Timestamp::from_unix_seconds(seconds);
        let row = party.provider.send_body(&body, "e", now);
        prop_assert_eq!(party.authentic(&row, now), Ok(()));
    }

    #[test]
    fn one_flipped_bit_of_the_body_rejects(party in party(), body in vec(any::<u8>(), 1..300), place in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let now = providers::at(0);
        let mut row = party.provider.send_body(&body, "e", now);
        let place = place.index(body.len());
        row.body[place] ^= 1 << bit;
        prop_assert_eq!(party.authentic(&row, now), Err("INVALID_SIGNATURE"));
    }

    #[test]
    fn one_flipped_bit_of_a_signed_header_rejects(party in party(), id in id(), header in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let now = providers::at(0);
        let mut row = party.provider.send(&id, now);
        let index = header.index(row.headers.len());
        let (name, value) = &mut row.headers[index];
        let place = place.index(value.len());
        let before = value.clone();
        value[place] ^= 1 << bit;
        // Hexadecimal digits have two cases; a time in lower case is the same instant
        // but another text, so only the signature's own digits are exempt.
        let is_same_hex = name.ends_with("signature") || name.ends_with("-256");
        let is_exempt = is_same_hex
            && party.provider.scheme.encoding == countersign::scheme::Encoding::Hex
            && value.eq_ignore_ascii_case(&before)
            && before.len() - place <= 64;
        // A blank header counts as absent.
        let is_blank = value.trim_ascii().is_empty();
        let is_unsigned_id = name == "x-polynion-event-id" && !is_blank;
        let verdict = party.authentic(&row, now);
        prop_assert_eq!(verdict.is_ok(), is_exempt || is_unsigned_id, "{:?} {:?}", verdict, row);
        if is_unsigned_id {
            prop_assert!(row.verdict_of(&party.verifier).is_err());
        }
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
    fn random_chunks_agree_with_the_whole_body(party in party(), body in vec(any::<u8>(), 0..5000), cuts in vec(1..1500_usize, 1..12), forged: bool) {
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
    fn a_naive_verifier_agrees(index in 0..5_usize, body in vec(any::<u8>(), 0..300), forge in 0..4_u8) {
        let parties: Vec<&Party> = PARTIES
            .iter()
            .filter(|party| !matches!(party.provider.scheme.id.as_ref(), "155io" | "debitura" | "standard_webhooks_v1"))
            .collect();
        let party = parties[index];
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
        if matches!(verdict, Ok(()) | Err("INVALID_SIGNATURE")) {
            prop_assert_eq!(naive(&party.provider, &row), verdict.is_ok());
        }
    }

    #[test]
    fn random_headers_never_panic_and_never_verify(party in party(), values in vec(vec(any::<u8>(), 0..200), 4), body in vec(any::<u8>(), 0..50)) {
        let mut row = party.provider.send_body(&body, "e", providers::at(0));
        for ((_, value), random) in row.headers.iter_mut().zip(values) {
            *value = random;
        }
        prop_assert!(party.authentic(&row, providers::at(0)).is_err());
        prop_assert!(row.verdict_of(&party.verifier).is_err());
    }

    #[test]
    fn random_texts_of_the_signatures_alphabet_never_verify(party in party(), text in "(t=[0-9]{0,12}|v1=|v1,|v1a,|sha256=|,| |=|[0-9a-f]{0,64}|[A-Za-z0-9+/]{0,44}){0,12}") {
        let name = party.provider.signature_header();
        let row = party.provider.send("e", providers::at(0)).with(name, text);
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
            _ if is_plain => Err("INVALID_SIGNATURE"),
            _ => Err("INVALID_TIMESTAMP"),
        };
        prop_assert_eq!(party.authentic(&row, providers::at(0)), expected);
    }

    #[test]
    fn random_json_beside_the_id_changes_neither_verdict_nor_key(party in party(), text in "\\PC{0,80}", number: f64) {
        prop_assume!(party.provider.reads_body());
        let body = String::from_utf8(party.provider.body("e")).unwrap();
        let text = serde_json::to_string(&text).unwrap();
        let number = serde_json::to_string(&number).unwrap();
        let more = format!("{{\"beside\":{{\"id\":{text},\"transactionId\":[{number}]}},{}", &body[1..]);
        let row = party.provider.send_body(more.as_bytes(), "e", providers::at(0));
        let plain = party.provider.send("e", providers::at(0));
        prop_assert_eq!(row.verdict_of(&party.verifier), plain.verdict_of(&party.verifier));
    }

    #[test]
    fn random_bodies_under_a_good_signature_never_panic(party in party(), body in "[\\[\\]{}:,\"\\\\u0-9a-z \\n.eE+-]{0,200}") {
        let row = party.provider.send_body(body.as_bytes(), "e", providers::at(0));
        let verdict = row.verdict_of(&party.verifier);
        let allowed = ["INVALID_EVENT_ID", "MISSING_EVENT_ID", "EVENT_ID_MISMATCH"];
        prop_assert!(verdict.is_ok() || allowed.contains(&verdict.unwrap_err()));
    }
}

/// Ten lines over text: an HMAC of time and body, in hexadecimal, in the header.
fn naive(provider: &Provider, row: &Row) -> bool {
    use hmac::{Hmac, KeyInit, Mac};
    let header = row.text(provider.signature_header());
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(provider.secret.as_bytes()).unwrap();
    if let Some(source) = provider.scheme.timestamp.first() {
        let time = match &source.place {
            TimestampPlace::Header(name) => row.text(name),
            _ => header[2..].split(',').next().unwrap().to_owned(),
        };
        mac.update(format!("{time}.").as_bytes());
    }
    mac.update(&row.body);
    let tag = mac.finalize().into_bytes();
    let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    header.to_ascii_lowercase().ends_with(&hex)
}
