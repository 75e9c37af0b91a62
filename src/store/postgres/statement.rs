//! A statement with its values, sent prepared or whole.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres};

/// How statements reach the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sending {
    /// Prepared once per connection; then only values travel.
    Prepared,
    /// With the values in the text: nothing is kept on a server, so that the next
    /// statement may go to another one.
    Whole,
}

/// A value of a statement. None can hold a character that would end a literal.
#[derive(Clone)]
pub(super) enum Value<'a> {
    Bytes(Option<&'a [u8]>),
    Number(Option<i64>),
    ManyBytes(Vec<Option<&'a [u8]>>),
    ManyNumbers(Vec<i64>),
}

impl Sending {
    /// The row that a statement answers with, if any; `$1`, `$2`, … in its text are the
    /// values.
    pub(super) async fn row(
        self,
        connection: &mut PgConnection,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<PgRow>, sqlx::Error> {
        match self {
            Self::Prepared => bound(statement, values).fetch_optional(connection).await,
            Self::Whole => {
                let text = AssertSqlSafe(whole(statement, values));
                sqlx::raw_sql(text).fetch_optional(connection).await
            }
        }
    }

    /// All rows that it answers with.
    pub(super) async fn rows(
        self,
        connection: &mut PgConnection,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        match self {
            Self::Prepared => bound(statement, values).fetch_all(connection).await,
            Self::Whole => {
                let text = AssertSqlSafe(whole(statement, values));
                sqlx::raw_sql(text).fetch_all(connection).await
            }
        }
    }
}

fn bound<'q>(statement: &'static str, values: &'q [Value<'_>]) -> Query<'q, Postgres, PgArguments> {
    values
        .iter()
        .fold(sqlx::query(statement), |query, value| match value {
            Value::Bytes(bytes) => query.bind(*bytes),
            Value::Number(number) => query.bind(*number),
            Value::ManyBytes(many) => query.bind(many.as_slice()),
            Value::ManyNumbers(many) => query.bind(many.as_slice()),
        })
}

/// The text with the values in it.
fn whole(statement: &str, values: &[Value<'_>]) -> String {
    let mut pieces = statement.split('$');
    let mut text = String::from(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = piece.split_at_checked(digits).unwrap_or((piece, ""));
        let at = number.parse().ok().and_then(|at: usize| at.checked_sub(1));
        if let Some(value) = at.and_then(|at| values.get(at)) {
            value.write(&mut text);
        }
        text.push_str(rest);
    }
    text
}

impl<'a> Value<'a> {
    pub(super) const fn bytes(bytes: &'a [u8]) -> Self {
        Self::Bytes(Some(bytes))
    }

    /// As a literal with its type, which means the same whatever
    /// `standard_conforming_strings` is.
    fn write(&self, text: &mut String) {
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Bytes(Some(bytes)) => {
                write!(text, "E'\\\\x{}'::bytea", hex::encode(bytes))
            }
            Self::Bytes(None) => text.write_str("NULL::bytea"),
            Self::Number(Some(number)) => write!(text, "({number})::bigint"),
            Self::Number(None) => text.write_str("NULL::bigint"),
            Self::ManyBytes(many) => {
                text.push_str("ARRAY[");
                for (at, bytes) in many.iter().enumerate() {
                    text.push_str(if at == 0 { "" } else { ", " });
                    Value::Bytes(*bytes).write(text);
                }
                text.write_str("]::bytea[]")
            }
            Self::ManyNumbers(many) => {
                text.push_str("ARRAY[");
                for (at, number) in many.iter().enumerate() {
                    text.push_str(if at == 0 { "" } else { ", " });
                    Value::Number(Some(*number)).write(text);
                }
                text.write_str("]::bigint[]")
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_literals() {
        let values = [
            Value::bytes(b"'\\"),
            Value::Bytes(None),
            Value::Number(Some(-5)),
            Value::Number(None),
            Value::ManyBytes(alloc::vec![Some(b"a".as_slice()), None]),
            Value::ManyNumbers(alloc::vec![1, -2]),
        ];
        assert_eq!(
            whole("SELECT $5, $6", &values),
            "SELECT ARRAY[E'\\\\x61'::bytea, NULL::bytea]::bytea[], \
             ARRAY[(1)::bigint, (-2)::bigint]::bigint[]"
        );
        assert_eq!(
            whole("SELECT $1, $2::x, ($3) $4$1", &values),
            "SELECT E'\\\\x275c'::bytea, NULL::bytea::x, ((-5)::bigint) NULL::bigint\
             E'\\\\x275c'::bytea"
        );
    }
}
