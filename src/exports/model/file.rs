//! A file under way: rows in, bytes out, whatever its format.

use std::io::{Result, Write};

use entity::export::{ExportFormat, ExportKind};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::cell::{Cell, Style};
use super::columns::{Heading, title};
use super::xlsx::Workbook;
use super::{csv, jsonl};

/// A file under way. Texts are packed as they are written; a workbook is packed by itself.
#[derive(Debug)]
pub struct File {
    style: Style,
    names: Vec<&'static str>,
    form: Form,
    plain: Vec<u8>,
    bytes: u64,
}

#[derive(Debug)]
enum Form {
    Csv(GzEncoder<Vec<u8>>),
    Jsonl(GzEncoder<Vec<u8>>),
    Xlsx(Box<Workbook>),
}

impl File {
    /// A file without rows, with its headings where its format has some.
    pub fn begin(
        kind: ExportKind,
        format: ExportFormat,
        headings: &[Heading],
        style: Style,
    ) -> Result<Self> {
        let packer = || GzEncoder::new(Vec::new(), Compression::fast());
        let said: Vec<String> = headings.iter().map(|heading| heading.say(&style)).collect();
        let mut file = Self {
            style,
            names: headings.iter().map(|heading| heading.name).collect(),
            form: match format {
                ExportFormat::Csv => Form::Csv(packer()),
                ExportFormat::Jsonl => Form::Jsonl(packer()),
                ExportFormat::Xlsx => {
                    let (en, zh) = title(kind);
                    let book = Workbook::begin(style.say(en, zh), said.clone(), style)?;
                    Form::Xlsx(Box::new(book))
                }
            },
            plain: Vec::new(),
            bytes: 0,
        };
        if matches!(file.form, Form::Csv(_)) {
            file.plain.extend_from_slice(csv::BOM);
            let cells: Vec<Cell> = said.into_iter().map(Cell::Text).collect();
            csv::write_row(&mut file.plain, &cells, &style)?;
        }
        Ok(file)
    }

    /// Writes a row.
    pub fn write_row(&mut self, cells: &[Cell]) -> Result<()> {
        match &mut self.form {
            Form::Csv(_) => csv::write_row(&mut self.plain, cells, &self.style),
            Form::Jsonl(_) => jsonl::write_row(&mut self.plain, &self.names, cells),
            Form::Xlsx(book) => book.write_row(cells),
        }
    }

    /// What is to be kept since this was last asked.
    pub fn take(&mut self) -> Result<Vec<u8>> {
        match &mut self.form {
            Form::Csv(packer) | Form::Jsonl(packer) => {
                packer.write_all(&self.plain)?;
                self.bytes += self.plain.len() as u64;
                self.plain.clear();
                Ok(std::mem::take(packer.get_mut()))
            }
            Form::Xlsx(book) => {
                let packed = book.take();
                self.bytes += packed.len() as u64;
                Ok(packed)
            }
        }
    }

    /// Ends the file; [`File::take`] gives its end.
    pub fn finish(&mut self) -> Result<()> {
        match &mut self.form {
            Form::Csv(packer) | Form::Jsonl(packer) => {
                packer.write_all(&self.plain)?;
                self.bytes += self.plain.len() as u64;
                self.plain.clear();
                packer.try_finish()
            }
            Form::Xlsx(book) => book.finish(),
        }
    }

    /// How long it is, as it is downloaded.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// What a file's name ends in.
#[must_use]
pub const fn extension(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "csv",
        ExportFormat::Xlsx => "xlsx",
        ExportFormat::Jsonl => "jsonl",
    }
}

/// What browsers are told that it is.
#[must_use]
pub const fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "text/csv; charset=utf-8; header=present",
        ExportFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ExportFormat::Jsonl => "application/x-ndjson; charset=utf-8",
    }
}
