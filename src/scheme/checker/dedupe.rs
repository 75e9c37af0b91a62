//! Whether dedupe rules let nobody choose which event a delivery is.

use alloc::format;

use super::{MAX_KEY_PARTS, json_path, waived};
use crate::ConfigError;
use crate::scheme::{Coverage, Dedupe, DedupeRule, JsonPath, KeyPart, Scheme, Waiver};

/// Dedupe rules: the longest known scheme has five.
const MAX_RULES: usize = 16;

pub(super) fn dedupe(scheme: &Scheme) -> Result<(), ConfigError> {
    let Dedupe::Rules(rules) = &scheme.dedupe else {
        return Ok(());
    };
    if rules.is_empty() || rules.len() > MAX_RULES {
        return Err(ConfigError::invalid_scheme(
            "dedupe",
            format!("needs 1 to {MAX_RULES} rules, or `none` with a reason"),
        ));
    }
    for (index, rule) in rules.iter().enumerate() {
        if rules
            .iter()
            .skip(index.saturating_add(1))
            .any(|other| other.name == rule.name)
        {
            return Err(ConfigError::invalid_scheme(
                "dedupe",
                format!("two rules are named `{}`", rule.name),
            ));
        }
        dedupe_rule(scheme, rule)?;
    }
    Ok(())
}

fn dedupe_rule(scheme: &Scheme, rule: &DedupeRule) -> Result<(), ConfigError> {
    for path in rule_paths(rule) {
        json_path("dedupe", path, false)?;
    }
    if let Some(route) = &rule.route {
        if !route.starts_with('/') || route.len() < 2 || route.contains(['?', '#']) {
            return Err(ConfigError::invalid_scheme(
                "dedupe",
                format!("the route `{route}` must be the end of a URL path, such as `/win`"),
            ));
        }
        if rule.has.is_empty() && rule.lacks.is_empty() && rule.equals.is_empty() {
            return Err(ConfigError::unsafe_scheme(
                "dedupe",
                format!(
                    "the route `{route}` is not signed, so a captured body could be posted to it; name fields that its body must and must not have"
                ),
            ));
        }
    }
    if rule.key.len() > MAX_KEY_PARTS {
        return Err(ConfigError::invalid_scheme(
            "dedupe",
            format!("a key has at most {MAX_KEY_PARTS} parts"),
        ));
    }
    if rule.key.contains(&KeyPart::EventId) && scheme.event_id.is_none() {
        return Err(ConfigError::invalid_scheme(
            "dedupe",
            "a key uses the event id, and `event_id` names no place",
        ));
    }
    let waived = waived(scheme, |waiver| {
        matches!(waiver, Waiver::InsecureUnsignedKey { .. })
    });
    let coverage = Coverage::of(scheme);
    if !rule.key.is_empty() && !waived && !rule.key.iter().any(|part| coverage.key_part(part)) {
        return Err(ConfigError::unsafe_scheme(
            "dedupe",
            format!(
                "the key of rule `{}` is outside the signature, so a stranger could choose it; add `body_digest` or a signed field, or waive with `insecure_unsigned_key` and a reason",
                rule.name
            ),
        ));
    }
    Ok(())
}

/// Every JSON path of a rule.
pub(crate) fn rule_paths(rule: &DedupeRule) -> impl Iterator<Item = &JsonPath> {
    let keys = rule.key.iter().filter_map(|part| match part {
        KeyPart::Json(path) => Some(path),
        _ => None,
    });
    rule.has
        .iter()
        .chain(rule.lacks.iter())
        .chain(rule.equals.iter().map(|field| &field.json))
        .chain(keys)
}
