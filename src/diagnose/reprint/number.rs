//! How numbers are written.

use alloc::string::String;

pub(super) fn is_whole(raw: &str) -> bool {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number's shortest text that reads back as the same: `1e21` and beyond, and below
/// `1e-6`, with an exponent, as JavaScript and Go; or as Python, with decimals always and
/// an exponent from `1e16` on and below `1e-4`.
pub(super) fn float(value: f64, with_point: bool) -> String {
    let text = alloc::format!("{value:e}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (least, most) = if with_point { (-4, 15) } else { (-6, 20) };
    if (least..=most).contains(&exponent) {
        let plain = alloc::format!("{value}");
        return if with_point && !plain.contains('.') {
            alloc::format!("{plain}.0")
        } else {
            plain
        };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    let width = if with_point { 2 } else { 1 };
    alloc::format!("{digits}e{sign}{:0width$}", exponent.unsigned_abs())
}

/// A number with decimals, as exactly so many where that loses no digit but zeros.
pub(super) fn decimals(raw: &str, count: usize) -> String {
    let Some((whole, part)) = raw.split_once('.') else {
        return raw.into();
    };
    let part = part.trim_end_matches('0');
    if part.len() > count {
        return raw.into();
    }
    if count == 0 {
        return whole.into();
    }
    alloc::format!("{whole}.{part:0<count$}")
}
