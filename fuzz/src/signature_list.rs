//! The text of a signature header, judged by a naive reader of the same rules.
//!
//! In the text `$` stands for the good signature and `#` for the receiver's time, so
//! that the fuzzer can splice them in without knowing the key.

use std::sync::OnceLock;

use countersign::scheme::catalogue;
use countersign::scheme::{Format, Scheme};
use countersign::{Delivery, KeyRing, Timestamp, Verifier};

use super::Reached;
use super::input::Input;
use super::oracle::{base64, contains, hex, mac, number, secrets};

pub static REACHED: Reached = Reached::new();

const NOW: i64 = 1_700_000_000;
const ID: &str = "evt_1";
const BODY: &[u8] = br#"{"id":"evt_1"}"#;
const SCHEMES: [Scheme; 4] = [
    catalogue::STRIPE,
    catalogue::STANDARD_WEBHOOKS_V1,
    catalogue::GITHUB,
    catalogue::DEBITURA,
];

/// What the naive reader says of a text.
#[derive(Debug, PartialEq)]
enum Verdict {
    Broken,
    Stale,
    NoMatch { room: bool },
    Match { room: bool },
}

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let verifier = &verifiers()[usize::from(input.byte()) % SCHEMES.len()];
    let repeats = usize::from(input.byte());
    let once = input.short();
    let mut template = once.to_vec();
    let tail = input.rest();
    for _ in 0..=repeats {
        template.extend_from_slice(tail);
    }
    template.truncate(20_000);

    let text = splice(verifier.scheme(), &template);
    let good = good(verifier.scheme(), &text);
    let verdict = judge(verifier.scheme(), &text, &good);
    let accepted = accepts(verifier, &text);
    assert_eq!(
        accepted,
        matches!(verdict, Verdict::Match { .. }),
        "{} {verdict:?} {:?}",
        verifier.scheme().id,
        text.escape_ascii().to_string()
    );
    if accepted {
        let folded = text.to_ascii_lowercase();
        assert!(contains(&folded, good.to_ascii_lowercase().as_bytes()));
    }
    if let Verdict::Match { room: true } | Verdict::NoMatch { room: true } = verdict {
        let mut longer = item(verifier.scheme(), &good).into_bytes();
        longer.extend_from_slice(&text);
        assert!(accepts(verifier, &longer), "a good signature put in front");
    }
    REACHED.note(accepted);
}

fn verifiers() -> &'static [Verifier; 4] {
    static VERIFIERS: OnceLock<[Verifier; 4]> = OnceLock::new();
    VERIFIERS.get_or_init(|| {
        SCHEMES.map(|scheme| {
            let ring = KeyRing::new().with_secret(secrets(&scheme).1).unwrap();
            Verifier::new(scheme, &ring).unwrap()
        })
    })
}

fn accepts(verifier: &Verifier, text: &[u8]) -> bool {
    let now = NOW.to_string();
    let names = verifier.scheme().required_headers();
    let headers: Vec<(&str, &[u8])> = names
        .into_iter()
        .map(|name| match name {
            "webhook-id" => (name, ID.as_bytes()),
            "webhook-timestamp" => (name, now.as_bytes()),
            name => (name, text),
        })
        .collect();
    let now = Timestamp::from_unix_seconds(NOW);
    verifier.verify(&Delivery::new(&headers, BODY), now).is_ok()
}

/// Puts the good signature and the time in. The time is the text's own, if it has one.
fn splice(scheme: &Scheme, template: &[u8]) -> Vec<u8> {
    let now = NOW.to_string();
    let timed = replace(template, b'#', now.as_bytes());
    let good = good(scheme, &timed);
    replace(&timed, b'$', good.as_bytes())
}

fn replace(text: &[u8], mark: u8, value: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = text.split(|byte| *byte == mark).collect();
    parts.join(value)
}

/// The one signature that is good for this text's time.
fn good(scheme: &Scheme, text: &[u8]) -> String {
    match scheme.format {
        Format::KeyValue { .. } => hex(&mac(&[time(text).unwrap_or(b"0"), b".", BODY])),
        Format::Tagged { .. } => {
            let now = NOW.to_string();
            base64(&mac(&[ID.as_bytes(), b".", now.as_bytes(), b".", BODY]))
        }
        _ => hex(&mac(&[BODY])),
    }
}

/// One well-formed item with its separator behind, where the format takes several.
fn item(scheme: &Scheme, good: &str) -> String {
    match scheme.format {
        Format::KeyValue { .. } => format!("v1={good},"),
        _ => format!("v1,{good} "),
    }
}

fn time(text: &[u8]) -> Option<&[u8]> {
    let mut items = text.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    items.find_map(|item| item.strip_prefix(b"t="))
}

/// The naive reader: splits the whole text, then looks for the good signature.
fn judge(scheme: &Scheme, text: &[u8], good: &str) -> Verdict {
    let text = text.trim_ascii();
    if text.is_empty() || text.len() > 16 * 1024 {
        return Verdict::Broken;
    }
    let candidates: Vec<&[u8]> = match scheme.format {
        Format::KeyValue { .. } => {
            let items: Vec<_> = text.split(|b| *b == b',').map(<[u8]>::trim_ascii).collect();
            let bare = |item: &&&[u8]| !item.is_empty() && !item.contains(&b'=');
            let times = items.iter().filter(|item| item.starts_with(b"t="));
            let seconds = time(text).and_then(|text| number(text, 253_402_300_799));
            if items.iter().any(|item| bare(&item)) || times.count() != 1 || seconds.is_none() {
                return Verdict::Broken;
            }
            let future = i64::from(scheme.window.future_s.unwrap());
            if !(NOW - 300..=NOW + future).contains(&seconds.unwrap()) {
                return Verdict::Stale;
            }
            items
                .iter()
                .filter_map(|item| item.strip_prefix(b"v1="))
                .collect()
        }
        Format::Tagged { .. } => text
            .split(|b| *b == b' ')
            .filter_map(|item| item.strip_prefix(b"v1,"))
            .collect(),
        _ => text.strip_prefix(b"sha256=").into_iter().collect(),
    };
    if candidates.len() > 128 {
        return Verdict::Broken;
    }
    let is_list = !matches!(scheme.format, Format::Bare { .. });
    let room = is_list && candidates.len() < 128 && text.len() < 16 * 1024 - 100;
    // Base64 has one text per signature; hexadecimal digits come in either case.
    let is_good = |text: &&[u8]| match scheme.format {
        Format::Tagged { .. } => *text == good.as_bytes(),
        _ => text.eq_ignore_ascii_case(good.as_bytes()),
    };
    if candidates.iter().any(is_good) {
        Verdict::Match { room }
    } else {
        Verdict::NoMatch { room }
    }
}
