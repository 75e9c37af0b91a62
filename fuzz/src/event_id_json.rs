//! Bodies signed with the key: which event they are is told as a slow reader of its own
//! tells it.

mod reader;

use std::sync::OnceLock;

use countersign::scheme::{
    ANY_DELIVERY, Algorithm, Dedupe, DedupeRule, Encoding, EventIdRule, JsonPath, KeyPart,
    KeyRules, Scheme, catalogue,
};
use countersign::{Code, KeyRing, Outgoing, Secret, Signer, Timestamp, Verifier};

use self::reader::{Body, Found};
use super::Reached;
use super::input::Input;
use super::oracle::secrets;

pub static REACHED: Reached = Reached::new();

const ROUTES: [Option<&str>; 9] = [
    None,
    Some("/other"),
    Some("https://wallet.example/win?x=1"),
    Some("/a/rollback/"),
    Some("/bet"),
    Some("/balance#/win"),
    Some("/WIN"),
    Some("/%77in"),
    Some("/win;x"),
];

/// A code, or the id and the texts of the signed parts of the key.
type Verdict = Result<(Option<(String, bool)>, Vec<String>), Code>;

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let which = usize::from(input.byte()) % 6;
    let route = *input.pick(&ROUTES);
    let levels = usize::from(input.byte()) * 64;
    let header_id = String::from_utf8_lossy(input.short()).into_owned();
    // A zero byte in the body stands for a nest of arrays, of any depth.
    let nest = ["[".repeat(levels), "]".repeat(levels)].concat();
    let pieces: Vec<&[u8]> = input.rest().splitn(4, |byte| *byte == 0).collect();
    let body = pieces.join(nest.as_bytes());

    let (verifier, signer) = &pairs()[which];
    let mut sent = Outgoing::new(&body).event_id(&header_id);
    if let Some(route) = route {
        sent = sent.url(route);
    }
    let delivery = signer.sign(&sent, Timestamp::EPOCH).unwrap();
    let delivery = delivery.as_delivery();
    let authentic = verifier.authenticate(&delivery, Timestamp::EPOCH);
    let header_id = header_id.trim_ascii();
    if verifier.scheme().id == "openpoly" && header_id.is_empty() {
        assert_eq!(authentic.unwrap_err().code(), Code::MissingSignatureHeaders);
        return;
    }
    let verdict: Verdict = authentic
        .expect("signed by our key")
        .identify()
        .map_err(|rejection| rejection.code())
        .map(|verified| {
            let id = verified.event_id().map(|id| id.get());
            let id = id.map(|id| (id.text().to_owned(), id.is_integer()));
            let key = verified.dedupe_key("fuzz");
            let parts = key.iter().flat_map(|key| key.parts());
            let texts = parts.filter(|part| part.name() != "body_sha256");
            (
                id,
                texts
                    .filter_map(|part| part.text().map(str::to_owned))
                    .collect(),
            )
        });
    REACHED.note(verdict.is_ok());
    if let Some(read) = Body::read(&body) {
        let expected = expect(which, route, header_id, &read);
        let shown = body.escape_ascii().to_string();
        assert_eq!(verdict, expected, "{} {shown:?}", verifier.scheme().id);
    }
}

fn expect(which: usize, route: Option<&str>, header_id: &str, body: &Body) -> Verdict {
    let single = |path: &str| -> Result<(String, bool), Code> {
        id(body.find(&path.split('.').collect::<Vec<_>>())?)?.ok_or(Code::MissingEventId)
    };
    let event =
        |(text, is_integer): (String, bool)| Ok((Some((text.clone(), is_integer)), vec![text]));
    let both = |first, second| {
        // A repeated key of either is told before anything that only one of them is.
        for path in [first, second] {
            if let Found::Duplicate = body.find(&[path])? {
                return Err(Code::InvalidEventId);
            }
        }
        Ok((None, vec![single(first)?.0, single(second)?.0]))
    };
    match which {
        0 => {
            let found = single("event_id")?;
            if found.0 != header_id {
                return Err(Code::EventIdMismatch);
            }
            event(found)
        }
        1 => event(single("id")?),
        2 => match body.find(&["id"]) {
            Err(_) | Ok(Found::Absent | Found::Null) => Ok((None, Vec::new())),
            Ok(found) => event(id(found)?.ok_or(Code::MissingEventId)?),
        },
        3 => both("payment_id", "event"),
        4 => marbles(route, body),
        _ => event(single("data.object.id")?),
    }
}

/// The rules of 155.io, by hand.
fn marbles(route: Option<&str>, body: &Body) -> Verdict {
    let transaction = body.find(&["transactionId"])?;
    let reference = body.find(&["referenceTransactionId"])?;
    let amount = body.find(&["amount"])?;
    let is = |found: &Found| !matches!(found, Found::Absent);
    let twice = |found: &Found| matches!(found, Found::Duplicate);
    let (t, r, a) = (is(&transaction), is(&reference), is(&amount));
    let route = route.map(|url| url.split(['?', '#']).next().unwrap().trim_end_matches('/'));
    let at = |wanted: &str| route.is_some_and(|route| route.ends_with(wanted));
    let routed = ["/rollback", "/win", "/bet", "/balance"]
        .iter()
        .position(|wanted| at(wanted));

    // A path that no rule names is refused whatever the fields are.
    if route.is_some() && routed.is_none() {
        return Err(Code::EventIdMismatch);
    }
    let looks_at_amount = routed.is_none_or(|rule| rule < 2);
    if twice(&transaction) || twice(&reference) || looks_at_amount && twice(&amount) {
        return Err(Code::InvalidEventId);
    }
    let fits = [t && r && !a, t && r && a, t && !r, !t && !r];
    let rule = match routed {
        Some(rule) if !fits[rule] => return Err(Code::EventIdMismatch),
        Some(rule) => Some(rule),
        None => fits.iter().position(|fits| *fits),
    };
    let key = match rule {
        Some(0) => id(reference)?,
        Some(1 | 2) => id(transaction)?,
        Some(_) => None,
        // The last rule takes what is left, and wants a transaction.
        None => return Err(Code::MissingEventId),
    };
    Ok((None, key.map(|(text, _)| text).into_iter().collect()))
}

fn id(found: Found) -> Result<Option<(String, bool)>, Code> {
    match found {
        Found::Absent => Ok(None),
        Found::Integer(text) => Ok(Some((text, true))),
        Found::Text(text) if !text.is_empty() => Ok(Some((text, false))),
        Found::Text(_) | Found::Duplicate | Found::Null | Found::Other => Err(Code::InvalidEventId),
    }
}

fn pairs() -> &'static [(Verifier, Signer)] {
    static PAIRS: OnceLock<Vec<(Verifier, Signer)>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        let hmac = |scheme: Scheme| Scheme {
            algorithm: Algorithm::HmacSha256,
            encoding: Encoding::Hex,
            key: KeyRules {
                ..catalogue::GITHUB.key
            },
            ..scheme
        };
        let schemes = [
            catalogue::OPENPOLY,
            catalogue::DEBITURA,
            catalogue::STRIPE,
            catalogue::MUTOPAY,
            hmac(catalogue::MARBLES_155IO),
            nested(),
        ];
        let build = |scheme: Scheme| {
            let secret: Secret = secrets(&scheme).0;
            let ring = KeyRing::new().with_secret(secret.clone()).unwrap();
            (
                Verifier::new(scheme.clone(), &ring).unwrap(),
                Signer::new(scheme, &secret).unwrap(),
            )
        };
        schemes.into_iter().map(build).collect()
    })
}

fn nested() -> Scheme {
    Scheme::builder("nested", "Nested")
        .signature_header("x-signature")
        .event_id(EventIdRule {
            header: None,
            json: Some(JsonPath("data.object.id".into())),
            required: true,
        })
        .dedupe(Dedupe::Rules(
            vec![DedupeRule {
                name: "event".into(),
                key: vec![KeyPart::EventId].into(),
                ..ANY_DELIVERY
            }]
            .into(),
        ))
        .build()
        .unwrap()
}
