//! `explain`: meaning, cause and next action of a code.

use countersign::Code;
use serde::Serialize;
use serde_json::Value;

use super::arguments::Explain;
use super::fault::Failure;
use super::output;

#[derive(Serialize)]
struct Explanation {
    code: &'static str,
    meaning: &'static str,
    cause: &'static str,
    next_action: &'static str,
    answer: Option<Value>,
}

pub(crate) fn run(arguments: &Explain) -> Result<u8, Failure> {
    let codes = arguments
        .code
        .as_ref()
        .map_or(Code::ALL, core::slice::from_ref);
    for code in codes {
        if arguments.json {
            output::json(&Explanation {
                code: code.as_str(),
                meaning: code.meaning(),
                cause: code.cause(),
                next_action: code.next_action(),
                answer: output::answer(*code),
            })?;
        } else {
            output::text(&text(*code))?;
        }
    }
    Ok(0)
}

fn text(code: Code) -> String {
    let answer = match output::answer(code) {
        Some(Value::Number(status)) => format!("HTTP {status}"),
        Some(_) => "the status that makes this sender try again (503 for most)".to_owned(),
        None => "none: a fault of the receiver's own configuration or input".to_owned(),
    };
    format!(
        "{code}\n  meaning      {}\n  cause        {}\n  next action  {}\n  answer       {answer}",
        code.meaning(),
        code.cause(),
        code.next_action(),
    )
}
