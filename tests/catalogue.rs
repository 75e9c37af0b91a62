//! What holds for every scheme of the catalogue, and which ones are exceptions.
#![cfg(feature = "serde")]

use std::collections::BTreeMap;

use countersign::scheme::{Challenge, Part, Scheme, Template, Waiver, catalogue};
use serde_json::{Value, json};

const WAIVERS: &str = include_str!("catalogue/waivers.json");
const JOINED: &str = include_str!("catalogue/joined.json");

#[test]
fn every_scheme_passes_the_checker() {
    for scheme in catalogue::ALL {
        assert_eq!(scheme.check(), Ok(()), "{}", scheme.id);
    }
}

#[test]
fn ids_are_in_order_and_found() {
    let ids: Vec<&str> = catalogue::ALL.iter().map(|scheme| &*scheme.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    for id in ids {
        assert_eq!(catalogue::find(id).unwrap().id, id);
    }
}

/// A scheme that waives a check stands in `waivers.json` with what it waives and why, and
/// nothing else stands there.
#[test]
fn waivers_are_those_of_the_list() {
    let listed: Value = serde_json::from_str(WAIVERS).unwrap();
    let waived: serde_json::Map<String, Value> = catalogue::ALL
        .iter()
        .filter(|scheme| !scheme.waivers.is_empty())
        .map(|scheme| {
            let waivers = scheme.waivers.iter().map(|waiver| json!(waiver)).collect();
            (scheme.id.to_string(), Value::Array(waivers))
        })
        .collect();
    let waived = Value::Object(waived);
    assert!(
        listed == waived,
        "tests/catalogue/waivers.json must hold:\n{waived:#}"
    );
}

/// Contents that join two fields without a separator, and what keeps each apart: what an
/// attacker can move and cannot.
#[test]
fn joined_fields_are_those_of_the_list() {
    let listed: BTreeMap<String, String> = serde_json::from_str(JOINED).unwrap();
    assert!(listed.values().all(|reason| reason.len() > 40));
    let literal = |part: &Part| matches!(part, Part::Literal(_));
    let joins = |content: &Template| {
        let pairs = content.parts().windows(2);
        pairs.into_iter().any(|pair| !pair.iter().any(literal))
            || content.parts().contains(&Part::FormSorted)
            || content.parts().contains(&Part::QuerySorted)
    };
    let joined: Vec<&str> = catalogue::ALL
        .iter()
        .filter(|scheme| joins(&scheme.content) || scheme.other_contents.iter().any(joins))
        .map(|scheme| &*scheme.id)
        .collect();
    let listed: Vec<&str> = listed.keys().map(String::as_str).collect();
    assert_eq!(joined, listed);
}

/// A waiver that waives nothing is refused by nobody else.
#[test]
fn no_waiver_is_idle() {
    for scheme in catalogue::ALL {
        for (index, waiver) in scheme.waivers.iter().enumerate() {
            let mut strict = scheme.clone();
            strict.waivers.to_mut().remove(index);
            let code = strict.check().err().map(|fault| fault.code());
            assert_eq!(
                code,
                Some(countersign::Code::UnsafeScheme),
                "{} {waiver:?}",
                scheme.id
            );
        }
    }
}

/// Answers to challenges that are made with the signing key.
#[test]
fn challenges_that_are_answered_with_the_key() {
    let keyed = |scheme: &&Scheme| matches!(scheme.challenge, Challenge::Mac(_));
    for scheme in catalogue::ALL.iter().filter(keyed) {
        let mut silent = scheme.clone();
        let Challenge::Mac(challenge) = &mut silent.challenge else {
            unreachable!()
        };
        challenge.apart = " ".into();
        let fault = silent.check().unwrap_err();
        assert_eq!(fault.code(), countersign::Code::UnsafeScheme, "{fault}");
    }
    let ids: Vec<&str> = catalogue::ALL
        .iter()
        .filter(keyed)
        .map(|scheme| &*scheme.id)
        .collect();
    assert_eq!(ids, KEYED_CHALLENGES);
}

const KEYED_CHALLENGES: [&str; 1] = ["braintree"];

/// What a receiver needs to know is said of every scheme.
#[test]
fn nothing_is_left_out() {
    for scheme in catalogue::ALL {
        assert!(scheme.docs.starts_with("https://"), "{}", scheme.id);
        assert!(!scheme.sender.rotation.is_empty(), "{}", scheme.id);
        assert!(!scheme.sender.quirks.is_empty(), "{}", scheme.id);
        for waiver in scheme.waivers.iter() {
            let (Waiver::InsecureAmbiguousContent { reason }
            | Waiver::InsecureUnsignedTimestamp { reason }
            | Waiver::InsecureUnsignedKey { reason }) = waiver
            else {
                panic!("{waiver:?} is new here");
            };
            assert!(reason.len() > 40, "{}: {reason}", scheme.id);
        }
    }
}
