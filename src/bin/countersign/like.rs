//! `schemes --like`: which schemes could a delivery be of?

use std::path::Path;

use countersign::Likeness;
use countersign::scheme::catalogue;
use serde::Serialize;

use super::fault::{self, Failure};
use super::{output, received};

/// What a delivery could be, as a line for programs.
#[derive(Serialize)]
struct Line<'l> {
    index: u64,
    like: Vec<Candidate<'l>>,
}

#[derive(Serialize)]
struct Candidate<'l> {
    scheme: &'l str,
    name: &'l str,
    present: &'l [String],
    absent: &'l [String],
}

/// The exit status of a delivery that is like no scheme.
const NONE: u8 = 1;

pub(crate) fn run(path: &Path, as_json: bool) -> Result<u8, Failure> {
    let mut status = 0;
    for (index, delivery) in (0..).zip(received::streamed(path)) {
        let delivery = match delivery {
            Ok(delivery) => delivery,
            Err(problem) => {
                output::fault(&problem, index, as_json)?;
                status = fault::STATUS;
                continue;
            }
        };
        let like = catalogue::like(&delivery.headers);
        if like.is_empty() {
            status = status.max(NONE);
        }
        if as_json {
            output::json(&Line {
                index,
                like: like.iter().map(candidate).collect(),
            })?;
        } else {
            output::text(&text(index, &like))?;
        }
    }
    Ok(status)
}

fn candidate<'l>(like: &'l Likeness<'_>) -> Candidate<'l> {
    Candidate {
        scheme: &like.scheme.id,
        name: &like.scheme.name,
        present: &like.present,
        absent: &like.absent,
    }
}

fn text(index: u64, like: &[Likeness<'_>]) -> String {
    if like.is_empty() {
        return format!("delivery {index}: like no scheme that shows in headers");
    }
    let lines = like.iter().map(|like| {
        let absent = if like.absent.is_empty() {
            String::new()
        } else {
            format!("; lacks {}", like.absent.join(", "))
        };
        format!(
            "\n  {:<24}{} (has {}{absent})",
            like.scheme.id,
            like.scheme.name,
            like.present.join(", ")
        )
    });
    format!("delivery {index} could be{}", lines.collect::<String>())
}
