//! Rows as JSON, one object a line, named and written as GraphQL does.

use std::io::Write;

use chrono::SecondsFormat;

use super::cell::{Cell, rate};

/// Writes a row.
pub fn write_row(out: &mut Vec<u8>, names: &[&'static str], cells: &[Cell]) -> std::io::Result<()> {
    write_object(out, names.iter().copied().zip(cells))?;
    out.push(b'\n');
    Ok(())
}

fn write_object<'a>(
    out: &mut Vec<u8>,
    fields: impl Iterator<Item = (&'static str, &'a Cell)>,
) -> std::io::Result<()> {
    out.push(b'{');
    for (place, (name, cell)) in fields.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write!(out, "\"{name}\":")?;
        write_cell(out, cell)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_cell(out: &mut Vec<u8>, cell: &Cell) -> std::io::Result<()> {
    match cell {
        Cell::Empty => out.extend_from_slice(b"null"),
        Cell::Text(text) => serde_json::to_writer(out, text)?,
        Cell::Whole(number) => write!(out, "{number}")?,
        Cell::Money(money) => write!(
            out,
            "{{\"amount\":\"{}\",\"currency\":\"{}\"}}",
            money.to_decimal(),
            money.currency.code()
        )?,
        Cell::Rate(ppm) => write!(out, "\"{}\"", rate(*ppm))?,
        Cell::Time(at) => write!(
            out,
            "\"{}\"",
            at.to_rfc3339_opts(SecondsFormat::Millis, true)
        )?,
        Cell::Day(day) => write!(out, "\"{day}\"")?,
        Cell::Flag(is_so) => write!(out, "{is_so}")?,
        Cell::Word(word) => write!(out, "\"{}\"", word.code)?,
        Cell::Parts(parts) => {
            out.push(b'[');
            for (place, part) in parts.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_object(out, part.fields.iter().map(|(name, cell)| (*name, cell)))?;
            }
            out.push(b']');
        }
    }
    Ok(())
}
