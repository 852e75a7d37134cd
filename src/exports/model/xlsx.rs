//! Rows as a workbook of Excel, written row by row: a sheet is never in memory.

use std::fmt::Write as _;

use chrono::{NaiveDate, NaiveDateTime};

use super::cell::{Cell, Style, joined, rate};
use super::zip::Zip;

/// How many rows a sheet has; Excel knows 1,048,576.
const ROWS: u64 = 1_000_000;
/// How long a sheet's text is at the most; an archive's file must stay below four gigabytes.
const LONGEST_SHEET: u64 = 3_500_000_000;
/// How many characters a cell holds.
const LONGEST_TEXT: usize = 32_767;

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const DOCUMENT: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const CONTENT: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// The styles of cells, by their place in `styles.xml`.
const BOLD: u8 = 1;
const TIME: u8 = 2;
const DAY: u8 = 3;
const MONEY: u8 = 4;
const TEXT: u8 = 5;

/// A workbook under way.
#[derive(Debug)]
pub struct Workbook {
    zip: Zip,
    title: &'static str,
    headings: Vec<String>,
    letters: Vec<String>,
    style: Style,
    sheets: usize,
    /// Rows of the sheet under way, its heading among them.
    rows: u64,
    /// How long the sheet's text is.
    length: u64,
}

impl Workbook {
    /// A workbook without rows.
    pub fn begin(
        title: &'static str,
        headings: Vec<String>,
        style: Style,
    ) -> std::io::Result<Self> {
        let mut book = Self {
            zip: Zip::default(),
            title,
            letters: (0..headings.len()).map(letters).collect(),
            headings,
            style,
            sheets: 0,
            rows: 0,
            length: 0,
        };
        book.begin_sheet()?;
        Ok(book)
    }

    fn begin_sheet(&mut self) -> std::io::Result<()> {
        self.sheets += 1;
        (self.rows, self.length) = (0, 0);
        self.zip
            .begin(&format!("xl/worksheets/sheet{}.xml", self.sheets))?;
        let columns = self.headings.len().max(1);
        self.write(&format!(
            "{XML}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" \
             topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
             <sheetFormatPr defaultRowHeight=\"15\"/><cols><col min=\"1\" max=\"{columns}\" width=\"20\" \
             customWidth=\"1\"/></cols><sheetData>"
        ))?;
        self.rows += 1;
        let mut row = String::from("<row r=\"1\">");
        for (letters, heading) in self.letters.iter().zip(&self.headings) {
            write_text(&mut row, letters, self.rows, BOLD, heading);
        }
        row += "</row>";
        self.write(&row)
    }

    fn end_sheet(&mut self) -> std::io::Result<()> {
        self.write("</sheetData></worksheet>")?;
        self.zip.end()
    }

    fn write(&mut self, text: &str) -> std::io::Result<()> {
        self.length += text.len() as u64;
        self.zip.write(text.as_bytes())
    }

    /// Writes a row; on a new sheet where the last one is full.
    pub fn write_row(&mut self, cells: &[Cell]) -> std::io::Result<()> {
        if self.rows > ROWS || self.length > LONGEST_SHEET {
            self.end_sheet()?;
            self.begin_sheet()?;
        }
        self.rows += 1;
        let mut row = String::with_capacity(2_048);
        let _ = write!(row, "<row r=\"{}\">", self.rows);
        for (letters, cell) in self.letters.iter().zip(cells) {
            self.write_cell(&mut row, letters, cell);
        }
        row += "</row>";
        self.write(&row)
    }

    fn write_cell(&self, row: &mut String, letters: &str, cell: &Cell) {
        let no = self.rows;
        let mut number = |style: u8, value: std::fmt::Arguments<'_>| {
            let _ = write!(
                row,
                "<c r=\"{letters}{no}\" s=\"{style}\"><v>{value}</v></c>"
            );
        };
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => write_text(row, letters, no, TEXT, text),
            Cell::Parts(parts) => write_text(row, letters, no, TEXT, &joined(parts)),
            Cell::Flag(is_so) => write_text(row, letters, no, TEXT, self.style.say_flag(*is_so)),
            Cell::Word(word) => {
                write_text(row, letters, no, TEXT, self.style.say(word.en, word.zh));
            }
            Cell::Whole(whole) => number(0, format_args!("{whole}")),
            Cell::Money(money) => number(MONEY, format_args!("{}", money.to_decimal())),
            Cell::Rate(ppm) => number(0, format_args!("{}", rate(*ppm))),
            Cell::Time(at) => number(TIME, format_args!("{}", serial(self.style.local(*at)))),
            Cell::Day(day) => number(DAY, format_args!("{}", days(*day))),
        }
    }

    /// Ends the workbook: what names its sheets comes last, when it is known how many there are.
    pub fn finish(&mut self) -> std::io::Result<()> {
        self.end_sheet()?;
        let (mut kinds, mut sheets, mut links) = (String::new(), String::new(), String::new());
        for no in 1..=self.sheets {
            let name = match no {
                1 => self.title.to_owned(),
                _ => format!("{} {no}", self.title),
            };
            let _ = write!(
                kinds,
                "<Override PartName=\"/xl/worksheets/sheet{no}.xml\" ContentType=\"{CONTENT}.worksheet+xml\"/>"
            );
            let _ = write!(
                sheets,
                "<sheet name=\"{name}\" sheetId=\"{no}\" r:id=\"rId{no}\"/>"
            );
            let _ = write!(
                links,
                "<Relationship Id=\"rId{no}\" Type=\"{DOCUMENT}/worksheet\" Target=\"worksheets/sheet{no}.xml\"/>"
            );
        }
        let decimals = match self.style.currency.decimals() {
            0 => "0".to_owned(),
            places => format!("0.{}", "0".repeat(places as usize)),
        };
        for (name, text) in [
            ("xl/styles.xml", styles(&decimals)),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{DOCUMENT}\"><sheets>{sheets}</sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns=\"{PACKAGE}/relationships\">{links}<Relationship Id=\"styles\" \
                     Type=\"{DOCUMENT}/styles\" Target=\"styles.xml\"/></Relationships>"
                ),
            ),
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" \
                     Type=\"{DOCUMENT}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
                ),
            ),
            (
                "[Content_Types].xml",
                format!(
                    "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
                     ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                     <Override PartName=\"/xl/workbook.xml\" ContentType=\"{CONTENT}.sheet.main+xml\"/>\
                     <Override PartName=\"/xl/styles.xml\" ContentType=\"{CONTENT}.styles+xml\"/>{kinds}</Types>"
                ),
            ),
        ] {
            self.zip.begin(name)?;
            self.zip.write(XML.as_bytes())?;
            self.zip.write(text.as_bytes())?;
            self.zip.end()?;
        }
        self.zip.finish()
    }

    /// What was written since this was last asked.
    pub fn take(&mut self) -> Vec<u8> {
        self.zip.take()
    }
}

fn styles(decimals: &str) -> String {
    let of = |format: u16, font: u8| {
        format!(
            "<xf numFmtId=\"{format}\" fontId=\"{font}\" fillId=\"0\" borderId=\"0\" xfId=\"0\" \
             applyNumberFormat=\"1\" applyFont=\"1\"/>"
        )
    };
    // In the order of the constants above; 49 is Excel's own "text".
    let cells = [
        of(0, 0),
        of(49, 1),
        of(164, 0),
        of(165, 0),
        of(166, 0),
        of(49, 0),
    ]
    .concat();
    format!(
        "<styleSheet xmlns=\"{MAIN}\"><numFmts count=\"3\"><numFmt numFmtId=\"164\" \
         formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss\"/><numFmt numFmtId=\"165\" formatCode=\"yyyy\\-mm\\-dd\"/>\
         <numFmt numFmtId=\"166\" formatCode=\"{decimals}\"/></numFmts><fonts count=\"2\"><font><sz val=\"11\"/>\
         <name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>\
         <fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill \
         patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border/></borders><cellStyleXfs \
         count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs><cellXfs \
         count=\"6\">{cells}</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" \
         builtinId=\"0\"/></cellStyles></styleSheet>"
    )
}

/// The name of a column: A, B … Z, AA.
fn letters(place: usize) -> String {
    let letter = |digit: usize| char::from(b'A' + u8::try_from(digit % 26).unwrap_or(0));
    match place / 26 {
        0 => letter(place).to_string(),
        more => format!("{}{}", letters(more - 1), letter(place)),
    }
}

/// Days since the last day of 1899, less one: Excel believes that 1900 was a leap year.
fn days(day: NaiveDate) -> i64 {
    let first = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    (day - first).num_days()
}

/// A moment as Excel keeps it: days, and ten places of a day.
fn serial(at: NaiveDateTime) -> String {
    let seconds = i64::from(chrono::Timelike::num_seconds_from_midnight(&at));
    let part = (seconds * 10_000_000_000 + 43_200) / 86_400;
    format!("{}.{part:010}", days(at.date()))
}

/// Writes a text, whatever it is: a cell of this kind is never a formula.
fn write_text(row: &mut String, letters: &str, no: u64, style: u8, text: &str) {
    let _ = write!(
        row,
        "<c r=\"{letters}{no}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">"
    );
    // Excel counts as UTF-16 does.
    let mut left = LONGEST_TEXT;
    for (at, letter) in text.char_indices() {
        let Some(rest) = left.checked_sub(letter.len_utf16()) else {
            break;
        };
        left = rest;
        match letter {
            '&' => row.push_str("&amp;"),
            '<' => row.push_str("&lt;"),
            '>' => row.push_str("&gt;"),
            // `_x0041_` would be read as an A.
            '_' if text[at..].starts_with("_x") => row.push_str("_x005F_"),
            '\t' | '\n' => row.push(letter),
            '\r' => row.push_str("&#13;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => row.push('\u{fffd}'),
            _ => row.push(letter),
        }
    }
    row.push_str("</t></is></c>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_in_excel() {
        for (place, name) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (27, "AB"),
            (701, "ZZ"),
            (702, "AAA"),
        ] {
            assert_eq!(letters(place), name);
        }
    }

    #[test]
    fn a_moment_is_so_many_days() {
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap();
        assert_eq!(serial(at("2026-11-29 12:00:00")), "46355.5000000000");
        assert_eq!(serial(at("1970-01-01 00:00:00")), "25569.0000000000");
    }

    #[test]
    fn a_text_is_a_text() {
        let mut row = String::new();
        write_text(&mut row, "A", 2, TEXT, "=1<2&\u{1}_x0041_");
        assert!(
            row.contains("=1&lt;2&amp;\u{fffd}_x005F_x0041_</t>"),
            "{row}"
        );
        assert!(row.contains("t=\"inlineStr\""));
        let mut long = String::new();
        write_text(&mut long, "A", 2, TEXT, &"菜".repeat(40_000));
        assert_eq!(long.matches('菜').count(), LONGEST_TEXT);
    }
}
