//! The verdicts as a table; colours only on a terminal.

use std::io::IsTerminal;

use countersign::Code;

pub(crate) struct Row {
    pub(crate) system: String,
    pub(crate) sent: &'static str,
    pub(crate) status: u16,
    pub(crate) code: Option<Code>,
    pub(crate) is_right: bool,
}

pub(crate) fn print(rows: &[Row]) {
    let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let paint = |text: String, colour: &str| match colours {
        true => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
        false => text,
    };
    println!(
        "{:<9} {:<35} {:>4}  {:<26} next action",
        "system", "what was sent", "HTTP", "code"
    );
    let mut system = "";
    for row in rows {
        let shown = if row.system == system {
            ""
        } else {
            row.system.as_str()
        };
        system = &row.system;
        let (code, action, colour) = match row.code {
            None => ("-", "none: processed", "32"),
            Some(code) => (
                code.as_str(),
                code.next_action(),
                if row.status == 200 { "36" } else { "33" },
            ),
        };
        let code = paint(
            format!("{code:<26}"),
            if row.is_right { colour } else { "31;1" },
        );
        let wrong = if row.is_right {
            ""
        } else {
            "  <- not the right verdict"
        };
        println!(
            "{shown:<9} {:<35} {:>4}  {code} {action}{wrong}",
            row.sent, row.status
        );
    }
    let right = rows.iter().filter(|row| row.is_right).count();
    println!("\n{right} of {} verdicts are right", rows.len());
}
