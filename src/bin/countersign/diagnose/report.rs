//! Findings as lines, for programs and for people.

use core::fmt::Write as _;

use countersign::diagnose::{
    Cause, Common, DetailValue, Explanation, Finding, Mistake, Unexplained,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::fault::Failure;
use super::super::output::{self, Tone, coloured, printable};

/// Columns of the line that shows where two bodies begin to differ.
const RULER: i64 = 40;

#[derive(Serialize)]
struct ExplainedLine {
    index: u64,
    verdict: &'static str,
    #[serde(flatten)]
    first: MistakeObject,
    proven: bool,
    macs: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<MistakeObject>,
}

#[derive(Serialize)]
struct MistakeObject {
    cause: &'static str,
    detail: Map<String, Value>,
    fix: String,
}

#[derive(Serialize)]
struct UnexplainedLine {
    index: u64,
    verdict: &'static str,
    ruled_out: Vec<&'static str>,
    macs: u32,
    complete: bool,
}

#[derive(Serialize)]
struct VerifiesLine {
    index: u64,
    verdict: &'static str,
}

#[derive(Serialize)]
struct CommonLine {
    verdict: &'static str,
    #[serde(flatten)]
    mistake: MistakeObject,
    deliveries: u32,
    of: u32,
}

impl MistakeObject {
    fn new(mistake: &Mistake) -> Self {
        let detail = mistake.detail().iter();
        Self {
            cause: mistake.cause().as_str(),
            detail: detail
                .map(|(name, value)| ((*name).to_owned(), json(value)))
                .collect(),
            fix: mistake.fix().to_owned(),
        }
    }
}

/// Prints what was found of one delivery.
pub(super) fn finding(finding: &Finding, index: u64, as_json: bool) -> Result<(), Failure> {
    match finding {
        Finding::Explained(why) if as_json => output::json(&ExplainedLine {
            index,
            verdict: "explained",
            first: MistakeObject::new(why.mistake()),
            proven: why.is_proven(),
            macs: why.macs(),
            also: why.also().iter().map(MistakeObject::new).collect(),
        }),
        Finding::Explained(why) => output::text(&explained(why, index)),
        Finding::Unexplained(nothing) if as_json => output::json(&UnexplainedLine {
            index,
            verdict: "unexplained",
            ruled_out: nothing
                .ruled_out()
                .iter()
                .map(|cause| cause.as_str())
                .collect(),
            macs: nothing.macs(),
            complete: nothing.is_complete(),
        }),
        Finding::Unexplained(nothing) => output::text(&unexplained(nothing, index)),
        _ if as_json => output::json(&VerifiesLine {
            index,
            verdict: "verifies",
        }),
        _ => output::text(&format!(
            "{}    delivery {index}: nothing is wrong with it at this time and with this key",
            coloured("verifies", Tone::Good)
        )),
    }
}

/// Prints what several deliveries have in common.
pub(super) fn common(common: &Common, as_json: bool) -> Result<(), Failure> {
    let mistake = common.mistake();
    if as_json {
        return output::json(&CommonLine {
            verdict: "common",
            mistake: MistakeObject::new(mistake),
            deliveries: common.deliveries(),
            of: common.of(),
        });
    }
    let mut text = format!(
        "common      {} of {} deliveries: {}",
        common.deliveries(),
        common.of(),
        mistake.cause()
    );
    facts(&mut text, mistake);
    output::text(&text)
}

fn explained(why: &Explanation, index: u64) -> String {
    let word = if why.is_proven() {
        "explained"
    } else {
        "likely"
    };
    let mut text = format!(
        "{}   delivery {index}: {}",
        coloured(word, Tone::Good),
        why.cause()
    );
    let is_alone = why.also().is_empty();
    for mistake in core::iter::once(why.mistake()).chain(why.also()) {
        if !is_alone {
            fact(&mut text, "mistake", mistake.cause().as_str());
        }
        facts(&mut text, mistake);
    }
    let proof = if why.is_proven() {
        if matches!(
            why.cause(),
            Cause::ClockDrift
                | Cause::StaleDelivery
                | Cause::EventIdMismatch
                | Cause::SignatureMatches
        ) {
            "the signature matches as it is"
        } else if is_alone {
            "with this change the signature matches"
        } else {
            "with these changes together the signature matches"
        }
    } else {
        "none: the facts of the delivery say so, and no signature matched"
    };
    fact(&mut text, "proof", proof);
    fact(&mut text, "tried", &tried(why.macs()));
    text
}

fn unexplained(nothing: &Unexplained, index: u64) -> String {
    let mut text = format!(
        "{} delivery {index}: no change that was tried makes the signature match",
        coloured("unexplained", Tone::Bad)
    );
    let causes: Vec<&str> = nothing
        .ruled_out()
        .iter()
        .map(|cause: &Cause| cause.as_str())
        .collect();
    fact(&mut text, "ruled out", &causes.join(", "));
    fact(&mut text, "tried", &tried(nothing.macs()));
    if !nothing.is_complete() {
        fact(
            &mut text,
            "left",
            "the budget ended first; give a larger --budget",
        );
    }
    fact(
        &mut text,
        "next",
        "get the secret of exactly this endpoint from the provider and offer it as another key; capture the delivery in front of every proxy",
    );
    text
}

fn tried(macs: u32) -> String {
    match macs {
        1 => "1 MAC".to_owned(),
        _ => format!("{macs} MACs"),
    }
}

fn facts(text: &mut String, mistake: &Mistake) {
    fact(text, "what", mistake.cause().meaning());
    for (name, value) in mistake.detail() {
        let value = match json(value) {
            Value::String(value) => value,
            Value::Array(values) => {
                let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
                values.join(", ")
            }
            value => value.to_string(),
        };
        fact(text, &name.replace('_', " "), &value);
    }
    if let Some(ruler) = ruler(mistake) {
        fact(text, "where", &ruler);
    }
    fact(text, "change", mistake.fix());
}

/// A line that shows where in the body the two begin to differ.
fn ruler(mistake: &Mistake) -> Option<String> {
    let number = |name| match mistake.fact(name) {
        Some(DetailValue::Number(number)) => Some(*number),
        _ => None,
    };
    let at = number("first_difference")?;
    let length = number("delivered_bytes")?
        .max(number("signed_bytes")?)
        .max(1);
    let column = at
        .checked_mul(RULER)?
        .checked_div(length)?
        .clamp(0, RULER.checked_sub(1)?);
    let before = usize::try_from(column).ok()?;
    let after = usize::try_from(RULER.checked_sub(1)?.checked_sub(column)?).ok()?;
    Some(format!(
        "|{}^{}| byte {at}",
        "-".repeat(before),
        "-".repeat(after)
    ))
}

fn json(value: &DetailValue) -> Value {
    match value {
        DetailValue::Number(number) => (*number).into(),
        DetailValue::Text(text) => text.as_str().into(),
        DetailValue::Texts(texts) => texts.iter().map(String::as_str).collect(),
        _ => Value::Null,
    }
}

fn fact(text: &mut String, name: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\n  {name:<17}{}", printable(value));
}
