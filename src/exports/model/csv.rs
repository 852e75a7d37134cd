//! Rows as CSV: UTF-8, RFC 4180, with nothing in them that a spreadsheet would run.

use std::io::Write;

use super::cell::{Cell, Style, joined, rate};

/// Says that what follows is UTF-8: Excel believes nothing else.
pub const BOM: &[u8] = "\u{feff}".as_bytes();

/// What makes a text a formula, in one width or the other.
const FORMULAS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// From how many digits on a spreadsheet writes a number as 1.23E+18.
const MANY_DIGITS: usize = 12;

/// Writes a row.
pub fn write_row(out: &mut Vec<u8>, cells: &[Cell], style: &Style) -> std::io::Result<()> {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_cell(out, cell, style)?;
    }
    out.extend_from_slice(b"\r\n");
    Ok(())
}

fn write_cell(out: &mut Vec<u8>, cell: &Cell, style: &Style) -> std::io::Result<()> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => write_text(out, text),
        Cell::Parts(parts) => write_text(out, &joined(parts)),
        Cell::Whole(number) => write!(out, "{number}")?,
        Cell::Money(money) => write!(out, "{}", money.to_decimal())?,
        Cell::Rate(ppm) => write!(out, "{}", rate(*ppm))?,
        Cell::Time(at) => write!(out, "{}", style.local(*at).format("%Y-%m-%d %H:%M:%S"))?,
        Cell::Day(day) => write!(out, "{day}")?,
        Cell::Flag(is_so) => write_field(out, style.say_flag(*is_so)),
        Cell::Word(word) => write_field(out, style.say(word.en, word.zh)),
    }
    Ok(())
}

impl Style {
    /// Yes or no.
    #[must_use]
    pub const fn say_flag(&self, is_so: bool) -> &'static str {
        if is_so {
            self.say("yes", "是")
        } else {
            self.say("no", "否")
        }
    }
}

/// Writes a text that somebody else has chosen. One that a spreadsheet would take for a formula begins with `'`,
/// one that it would take for a number and spoil ends with a tab, as in Alipay's own bills.
fn write_text(out: &mut Vec<u8>, text: &str) {
    if is_formula(text) {
        write_field(out, &format!("'{text}"));
    } else if is_spoiled(text) {
        write_field(out, &format!("{text}\t"));
    } else {
        write_field(out, text);
    }
}

/// Whether a spreadsheet may take a text for a formula. What is not seen before it does not help.
fn is_formula(text: &str) -> bool {
    let is_unseen = |letter: char| {
        letter.is_whitespace() || matches!(letter, '\u{feff}' | '\u{200b}'..='\u{200f}')
    };
    let begins = |wanted: &[char]| text.starts_with(wanted);
    begins(&['\t', '\r', '\n']) || text.trim_start_matches(is_unseen).starts_with(FORMULAS)
}

/// Whether a spreadsheet would read digits as a number, and lose some of them.
fn is_spoiled(text: &str) -> bool {
    let digits = text.len();
    text.bytes().all(|letter| letter.is_ascii_digit())
        && (digits >= MANY_DIGITS || (digits > 1 && text.starts_with('0')))
}

/// Writes a field as it is, between quotes where it has to be.
fn write_field(out: &mut Vec<u8>, text: &str) {
    if text.contains([',', '"', '\r', '\n']) {
        out.push(b'"');
        out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;
    use crate::money::Currency;

    fn style() -> Style {
        Style {
            zone: chrono_tz::Asia::Shanghai,
            language: Locale::ZhCn,
            currency: Currency::Cny,
        }
    }

    fn told(cell: &Cell) -> String {
        let mut out = Vec::new();
        write_cell(&mut out, cell, &style()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_a_text() {
        for (text, is_told) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+86 138", "'+86 138"),
            ("-5", "'-5"),
            ("＝1+1", "'＝1+1"),
            ("＠x", "'＠x"),
            ("\tx", "'\tx"),
            ("  =1", "'  =1"),
            ("\u{feff}=1", "'\u{feff}=1"),
            ("\r=1", "\"'\r=1\""),
            (
                "=HYPERLINK(\"x\",\"y\")",
                "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"",
            ),
            ("宫保鸡丁", "宫保鸡丁"),
            ("1=1", "1=1"),
            ("a, b", "\"a, b\""),
        ] {
            assert_eq!(told(&Cell::Text(text.to_owned())), is_told, "{text}");
        }
    }

    #[test]
    fn a_number_stays_one_and_a_long_text_of_digits_a_text() {
        assert_eq!(told(&Cell::money(-1_230, Currency::Cny)), "-12.30");
        assert_eq!(told(&Cell::Whole(-3)), "-3");
        assert_eq!(told(&Cell::Rate(6_000)), "0.006");
        for (text, is_told) in [
            ("2245000000000000000", "2245000000000000000\t"),
            ("00123", "00123\t"),
            ("0", "0"),
            ("13812345678", "13812345678"),
        ] {
            assert_eq!(told(&Cell::Text(text.to_owned())), is_told, "{text}");
        }
    }

    #[test]
    fn times_are_the_merchants() {
        let at = "2026-11-29T01:00:00.900Z".parse().unwrap();
        assert_eq!(told(&Cell::Time(at)), "2026-11-29 09:00:00");
    }
}
