//! One event, printed in the way of each language.

use super::case::Random;

/// How it is printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Print {
    pub(crate) comma: &'static str,
    pub(crate) colon: &'static str,
    pub(crate) indent: &'static str,
    pub(crate) sorted: bool,
    pub(crate) slash: &'static str,
    pub(crate) accent: &'static str,
    pub(crate) less: &'static str,
    pub(crate) amount: &'static str,
}

pub(crate) const COMPACT: Print = Print {
    comma: ",",
    colon: ":",
    indent: "",
    sorted: false,
    slash: "/",
    accent: "é",
    less: "<",
    amount: "1000.00",
};

/// What the sender prints, and what the receiver makes of it: each a documented pair.
pub(crate) const PAIRS: &[(&str, Print, Print)] = &[
    (
        "Python's spacing",
        COMPACT,
        Print {
            comma: ", ",
            colon: ": ",
            ..COMPACT
        },
    ),
    (
        "compact of spaced",
        Print {
            comma: ", ",
            colon: ": ",
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "2 spaces",
        COMPACT,
        Print {
            colon: ": ",
            indent: "  ",
            ..COMPACT
        },
    ),
    (
        "pretty signed",
        Print {
            colon: ": ",
            indent: "  ",
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "4 spaces signed",
        Print {
            colon: ": ",
            indent: "    ",
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "tabs signed",
        Print {
            colon: ": ",
            indent: "\t",
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "sorted signed",
        Print {
            sorted: true,
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "sorted, spaced",
        Print {
            sorted: true,
            comma: ", ",
            colon: ": ",
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "slashes escaped",
        COMPACT,
        Print {
            slash: "\\/",
            ..COMPACT
        },
    ),
    (
        "slashes escaped by the sender",
        Print {
            slash: "\\/",
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "ASCII",
        COMPACT,
        Print {
            accent: "\\u00e9",
            ..COMPACT
        },
    ),
    (
        "ASCII by the sender",
        Print {
            accent: "\\u00e9",
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "ASCII, upper case",
        Print {
            accent: "\\u00E9",
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "Python",
        Print {
            comma: ", ",
            colon: ": ",
            accent: "\\u00e9",
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "PHP",
        COMPACT,
        Print {
            slash: "\\/",
            accent: "\\u00e9",
            ..COMPACT
        },
    ),
    (
        "PHP by the sender",
        Print {
            slash: "\\/",
            accent: "\\u00e9",
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "Go by the sender",
        Print {
            less: "\\u003c",
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "HTML characters escaped",
        COMPACT,
        Print {
            less: "\\u003c",
            ..COMPACT
        },
    ),
    (
        "1000.00 to 1000",
        COMPACT,
        Print {
            amount: "1000",
            ..COMPACT
        },
    ),
    (
        "1000.00 to 1000.0",
        COMPACT,
        Print {
            amount: "1000.0",
            ..COMPACT
        },
    ),
    (
        "1000 to 1000.00",
        Print {
            amount: "1000",
            ..COMPACT
        },
        COMPACT,
    ),
    (
        "1000.0 to 1000",
        Print {
            amount: "1000.0",
            ..COMPACT
        },
        Print {
            amount: "1000",
            ..COMPACT
        },
    ),
    (
        "Python of JavaScript",
        Print {
            comma: ", ",
            colon: ": ",
            amount: "1000.0",
            accent: "\\u00e9",
            ..COMPACT
        },
        Print {
            amount: "1000.00",
            ..COMPACT
        },
    ),
];

/// The event.
pub(crate) fn event(print: Print, random: &mut Random) -> String {
    let (name, number) = (random.word(9), random.below(90) + 10);
    let Print {
        slash,
        accent,
        less,
        amount,
        ..
    } = print;
    let mut members = vec![
        ("event_id", "\"evt_0001\"".to_owned()),
        ("id", "\"evt_0001\"".to_owned()),
        ("event", "\"payment.completed\"".to_owned()),
        ("type", "\"payment\"".to_owned()),
        ("payment_id", "\"p_1\"".to_owned()),
        ("revtainTransactionId", "\"r_1\"".to_owned()),
        ("transactionId", "\"t_1\"".to_owned()),
        ("name", format!("\"{name}{slash}{accent}{less}x\"")),
        ("count", number.to_string()),
        ("amount", amount.to_owned()),
        ("webhookTimestamp", "1781740800000".to_owned()),
        ("live", "true".to_owned()),
    ];
    if print.sorted {
        members.sort();
    }
    let line = |depth: usize| match print.indent {
        "" => String::new(),
        indent => format!("\n{}", indent.repeat(depth)),
    };
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{}\"{name}\"{}{value}", line(1), print.colon))
        .collect();
    format!("{{{}{}}}", members.join(print.comma), line(0))
}
