//! Reads workbooks: the archive by its directory, a sheet cell by cell.

use std::io::Read;

use flate2::read::DeflateDecoder;

/// The files of an archive: names and contents, each as long and with the sum that the archive says.
pub fn unpacked(bytes: &[u8]) -> Vec<(String, String)> {
    let short = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let long = |at: usize| {
        let four: [u8; 4] = bytes[at..at + 4].try_into().expect("four bytes");
        usize::try_from(u32::from_le_bytes(four)).expect("a size")
    };
    let end = bytes.len() - 22;
    assert_eq!(&bytes[end..end + 4], b"PK\x05\x06", "the end of an archive");
    let mut at = long(end + 16);
    let mut files = Vec::new();
    for _ in 0..short(end + 10) {
        assert_eq!(&bytes[at..at + 4], b"PK\x01\x02");
        let name = &bytes[at + 46..at + 46 + short(at + 28)];
        let (sum, packed, plain, begins) =
            (long(at + 16), long(at + 20), long(at + 24), long(at + 42));
        assert_eq!(&bytes[begins..begins + 4], b"PK\x03\x04");
        let data = begins + 30 + short(begins + 26) + short(begins + 28);
        let mut text = Vec::new();
        DeflateDecoder::new(&bytes[data..data + packed])
            .read_to_end(&mut text)
            .expect("deflated");
        assert_eq!(text.len(), plain);
        let mut check = flate2::Crc::new();
        check.update(&text);
        assert_eq!(usize::try_from(check.sum()).expect("a sum"), sum);
        assert_eq!(&bytes[data + packed..data + packed + 4], b"PK\x07\x08");
        files.push((
            String::from_utf8(name.to_vec()).expect("UTF-8"),
            String::from_utf8(text).expect("UTF-8"),
        ));
        at += 46 + name.len();
    }
    files
}

/// The sheets of a workbook: rows of cells. Every row has as many as the first.
pub fn sheets(bytes: &[u8]) -> Vec<Vec<Vec<String>>> {
    let files = unpacked(bytes);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    for name in [
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    files
        .iter()
        .filter(|(name, _)| name.starts_with("xl/worksheets/"))
        .map(|(_, text)| rows(text))
        .collect()
}

fn rows(sheet: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in sheet.split("<row ").skip(1) {
        let mut cells = vec![String::new(); rows.first().map_or(0, Vec::len)];
        for cell in row.split("<c r=\"").skip(1) {
            let letters = cell.chars().take_while(char::is_ascii_uppercase);
            let place = letters.fold(0, |place, letter| {
                place * 26 + usize::from(letter as u8 - b'A') + 1
            }) - 1;
            if rows.is_empty() {
                cells.resize(place + 1, String::new());
            }
            cells[place] = value(cell);
        }
        rows.push(cells);
    }
    rows
}

fn value(cell: &str) -> String {
    let between = |open: &str, close: &str| {
        let (_, rest) = cell.split_once(open)?;
        Some(rest.split_once(close)?.0.to_owned())
    };
    assert!(!cell.contains("<f>"), "a formula: {cell}");
    let text = between("xml:space=\"preserve\">", "</t>").or_else(|| between("<v>", "</v>"));
    text.unwrap_or_else(|| panic!("no value: {cell}"))
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#13;", "\r")
        .replace("&amp;", "&")
}
