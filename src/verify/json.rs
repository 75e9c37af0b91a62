//! Named fields of a JSON body, read strictly.
//!
//! An attacker who holds a key, or a provider's customer who chooses parts of a
//! body, controls the text. Keys on the way to a named field must not repeat,
//! written plainly or escaped; what stands beside the way is skipped without
//! recursion, however deep it is.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::values::Value;
use crate::scheme::JsonPath;

/// A text that is no JSON.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotJson;

/// Reads the fields at `paths` into `values`, which is as long.
pub(super) fn read<'d>(
    body: &'d [u8],
    paths: &[JsonPath],
    values: &mut [Value<'d>],
) -> Result<(), NotJson> {
    let text = core::str::from_utf8(body).map_err(|_| NotJson)?;
    let mut json = serde_json::Deserializer::from_str(text);
    if text.trim_ascii_start().starts_with('{') {
        let active = (1u64 << paths.len().min(32)).wrapping_sub(1);
        let level = Level {
            paths,
            depth: 0,
            active: u32::try_from(active).unwrap_or(u32::MAX),
            values,
        };
        level.deserialize(&mut json).map_err(|_| NotJson)?;
    } else {
        json.deserialize_ignored_any(IgnoredAny)
            .map_err(|_| NotJson)?;
    }
    json.end().map_err(|_| NotJson)
}

/// Fields of a JSON body; all absent if it is none.
#[cfg_attr(
    not(any(feature = "challenge", feature = "diagnose")),
    allow(dead_code, reason = "nobody asks")
)]
pub(crate) fn fields<'d, const COUNT: usize>(
    body: &'d [u8],
    paths: [&JsonPath; COUNT],
) -> [Value<'d>; COUNT] {
    let mut values = [const { Value::Absent }; COUNT];
    let paths: alloc::vec::Vec<_> = paths.into_iter().cloned().collect();
    match read(body, &paths, &mut values) {
        Ok(()) => values,
        Err(_) => [const { Value::Absent }; COUNT],
    }
}

/// Every value at a path that goes through arrays, in order; `None` where the
/// body has another form.
pub(super) fn read_items<'d>(
    body: &'d [u8],
    path: &JsonPath,
) -> Option<alloc::vec::Vec<Cow<'d, str>>> {
    objects(body, path)?
        .into_iter()
        .map(|raw| match classify(raw) {
            Value::Integer(text) => Some(Cow::Borrowed(text)),
            Value::Text(text) => Some(text),
            _ => None,
        })
        .collect()
}

/// The text of every value at a path that goes through arrays, in order; `None` where
/// the body has another form.
pub(super) fn objects<'d>(body: &'d [u8], path: &JsonPath) -> Option<alloc::vec::Vec<&'d str>> {
    let mut level: alloc::vec::Vec<&'d str> = alloc::vec![core::str::from_utf8(body).ok()?];
    for segment in path.segments() {
        let (name, is_array) = segment
            .strip_suffix("[]")
            .map_or((segment, false), |name| (name, true));
        let mut next = alloc::vec::Vec::new();
        for text in level {
            let value = if name.is_empty() {
                text
            } else {
                member(text, name)?
            };
            if is_array {
                let items: alloc::vec::Vec<&'d RawValue> = serde_json::from_str(value).ok()?;
                next.extend(items.into_iter().map(RawValue::get));
            } else {
                next.push(value);
            }
        }
        level = next;
    }
    Some(level)
}

/// The raw text of one member.
fn member<'d>(text: &'d str, name: &str) -> Option<&'d str> {
    struct Find<'p>(&'p str);
    impl<'de> Visitor<'de> for Find<'_> {
        type Value = Option<&'de RawValue>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
            let mut found = None;
            while let Some(key) = map.next_key::<String>()? {
                if key != self.0 {
                    map.next_value::<IgnoredAny>()?;
                } else if found.replace(map.next_value::<&'de RawValue>()?).is_some() {
                    return Err(M::Error::custom("a key stands twice"));
                }
            }
            Ok(found)
        }
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let found = json.deserialize_map(Find(name)).ok()??;
    json.end().ok()?;
    Some(found.get())
}

/// One object on the way, with the paths that lead through it.
struct Level<'p, 'v, 'd> {
    paths: &'p [JsonPath],
    depth: usize,
    active: u32,
    values: &'v mut [Value<'d>],
}

impl<'de> DeserializeSeed<'de> for Level<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Level<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut seen = 0;
        let key = Key {
            paths: self.paths,
            depth: self.depth,
            active: self.active,
        };
        while let Some(matched) = map.next_key_seed(key)? {
            if matched == 0 {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let raw: &'de str = map.next_value::<&'de RawValue>()?.get();
            let mut inner = 0;
            for (index, (path, value)) in self.paths.iter().zip(self.values.iter_mut()).enumerate()
            {
                let bit = bit(index);
                if matched & bit == 0 {
                    continue;
                }
                if seen & bit != 0 {
                    *value = Value::Duplicate;
                } else if path.segments().nth(self.depth.saturating_add(1)).is_some() {
                    inner |= bit;
                } else {
                    *value = classify(raw);
                }
            }
            seen |= matched;
            if inner != 0 && raw.starts_with('{') {
                let level = Level {
                    paths: self.paths,
                    depth: self.depth.saturating_add(1),
                    active: inner,
                    values: &mut *self.values,
                };
                level
                    .deserialize(&mut serde_json::Deserializer::from_str(raw))
                    .map_err(M::Error::custom)?;
            }
        }
        Ok(())
    }
}

/// Reads a key, escaped or not, as the set of active paths that it is on.
#[derive(Clone, Copy)]
struct Key<'p> {
    paths: &'p [JsonPath],
    depth: usize,
    active: u32,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = u32;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u32, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<u32, E> {
        let on_path = |(index, path): (usize, &JsonPath)| {
            let bit = bit(index);
            (self.active & bit != 0 && path.segments().nth(self.depth) == Some(key)).then_some(bit)
        };
        Ok(self
            .paths
            .iter()
            .enumerate()
            .filter_map(on_path)
            .fold(0, |mask, bit| mask | bit))
    }
}

fn bit(index: usize) -> u32 {
    u32::try_from(index)
        .ok()
        .and_then(|index| 1u32.checked_shl(index))
        .unwrap_or(0)
}

/// What a value's own text is.
fn classify(raw: &str) -> Value<'_> {
    if raw.starts_with('"') {
        return serde_json::from_str::<&str>(raw)
            .map(Cow::Borrowed)
            .or_else(|_| serde_json::from_str::<String>(raw).map(Cow::Owned))
            .map_or(Value::Other, Value::Text);
    }
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_integer && raw != "-0" {
        Value::Integer(raw)
    } else if raw == "null" {
        Value::Null
    } else {
        Value::Other
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn values<'d>(body: &'d str, paths: &[&'static str]) -> Result<vec::Vec<Value<'d>>, NotJson> {
        let paths: vec::Vec<_> = paths.iter().map(|path| JsonPath((*path).into())).collect();
        let mut values = vec![Value::Absent; paths.len()];
        read(body.as_bytes(), &paths, &mut values).map(|()| values)
    }

    #[test]
    fn named_fields_are_read_as_they_are_written() {
        let body = r#"{"id":"a\u002eb","n":123456789012345678901234567890,"data":{"id":7},"f":1.0,"e":1e3,"z":-0,"x":null}"#;
        let read = values(
            body,
            &[
                "id", "n", "data.id", "data", "f", "e", "z", "x", "no", "id.no",
            ],
        )
        .unwrap();
        assert_eq!(
            read,
            [
                Value::Text("a.b".into()),
                Value::Integer("123456789012345678901234567890"),
                Value::Integer("7"),
                Value::Other,
                Value::Other,
                Value::Other,
                Value::Other,
                Value::Null,
                Value::Absent,
                Value::Absent,
            ]
        );
    }

    #[test]
    fn a_repeated_key_on_the_way_is_told_however_it_is_written() {
        for body in [
            r#"{"data":{"id":1,"id":1}}"#,
            r#"{"data":{"id":1,"\u0069d":2}}"#,
            r#"{"data":{"id":1},"d\u0061ta":{}}"#,
            r#"{"data":{"id":1},"x":0,"data":null,"data":{"id":1}}"#,
        ] {
            assert_eq!(
                values(body, &["data.id"]).unwrap(),
                [Value::Duplicate],
                "{body}"
            );
        }
        let beside = r#"{"x":1,"x":2,"data":{"y":1,"y":2,"id":3}}"#;
        assert_eq!(values(beside, &["data.id"]).unwrap(), [Value::Integer("3")]);
    }

    #[test]
    fn depth_beside_the_way_is_skipped_without_recursion() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        let body = alloc::format!(r#"{{"deep":{deep},"id":"x","data":{deep}}}"#);
        assert_eq!(
            values(&body, &["id", "data.id"]).unwrap(),
            [Value::Text("x".into()), Value::Absent]
        );
    }

    #[test]
    fn what_is_no_json_is_told() {
        for body in [
            "",
            "{",
            r#"{"id":1}x"#,
            r#"{"id":1,}"#,
            r#"{"id":01}"#,
            "nul",
            "[1,]",
        ] {
            assert!(values(body, &["id"]).is_err(), "{body}");
        }
        assert!(
            read(
                b"{\"x\":\"\xff\",\"id\":1}",
                &[JsonPath("id".into())],
                &mut [Value::Absent]
            )
            .is_err()
        );
        for body in ["[]", "1", "null", " \"x\" "] {
            assert_eq!(values(body, &["id"]).unwrap(), [Value::Absent], "{body}");
        }
    }

    #[test]
    fn item_ids_come_in_order() {
        let path = |text: &'static str| JsonPath(text.into());
        let body = br#"{"events":[{"id":"a"},{"id":2}]}"#;
        assert_eq!(read_items(body, &path("events[].id")).unwrap(), ["a", "2"]);
        assert_eq!(read_items(br#"[{"e":"x"}]"#, &path("[].e")).unwrap(), ["x"]);
        assert_eq!(
            read_items(br#"{"events":[]}"#, &path("events[].id")).unwrap(),
            [""; 0]
        );
        for body in [
            r#"{"events":[{}]}"#,
            r#"{"events":[{"id":1}]}x"#,
            r#"{"events":[{"id":1}],"events":[]}"#,
            r#"{"events":{"id":1}}"#,
        ] {
            assert_eq!(read_items(body.as_bytes(), &path("events[].id")), None);
        }
    }
}
