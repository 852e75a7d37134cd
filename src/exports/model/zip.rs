//! A ZIP archive, written from front to back: sizes follow their data, so nothing is ever written twice.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// Sizes follow the data; names are UTF-8.
const FLAGS: u16 = 0x0808;
/// The version that such archives need.
const VERSION: u16 = 20;
const DEFLATE: u16 = 8;
/// 1980-01-01: when it was written is no business of the archive.
const DATE: u16 = 0x0021;

/// A file of the archive that is complete.
#[derive(Debug)]
struct Entry {
    name: String,
    crc: u32,
    packed: u32,
    plain: u32,
    offset: u32,
}

/// An archive under way. All of it is shorter than four gigabytes.
#[derive(Debug, Default)]
pub struct Zip {
    entries: Vec<Entry>,
    /// How much was handed out before `out`.
    gone: u64,
    out: Vec<u8>,
    open: Option<Open>,
}

/// The file that is being written.
#[derive(Debug)]
struct Open {
    name: String,
    offset: u64,
    crc: Crc,
    packer: DeflateEncoder<Vec<u8>>,
    packed: u64,
}

impl Zip {
    fn place(&self) -> u64 {
        self.gone + self.out.len() as u64
    }

    /// Begins a file.
    pub fn begin(&mut self, name: &str) -> std::io::Result<()> {
        let offset = self.place();
        self.numbers(&[0x0403_4b50], &[VERSION, FLAGS, DEFLATE, 0, DATE]);
        self.numbers(&[0, 0, 0], &[]);
        self.numbers(&[], &[short(name.len())?, 0]);
        self.out.extend_from_slice(name.as_bytes());
        self.open = Some(Open {
            name: name.to_owned(),
            offset,
            crc: Crc::new(),
            packer: DeflateEncoder::new(Vec::new(), Compression::fast()),
            packed: 0,
        });
        Ok(())
    }

    /// Writes some more of the file that was begun.
    pub fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let Some(open) = &mut self.open else {
            return Err(std::io::Error::other("no file was begun"));
        };
        open.crc.update(bytes);
        open.packer.write_all(bytes)?;
        let packed = open.packer.get_mut();
        open.packed += packed.len() as u64;
        self.out.append(packed);
        Ok(())
    }

    /// Ends the file that was begun.
    pub fn end(&mut self) -> std::io::Result<()> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        let rest = open.packer.finish()?;
        self.out.extend_from_slice(&rest);
        let entry = Entry {
            name: open.name,
            crc: open.crc.sum(),
            packed: long(open.packed + rest.len() as u64)?,
            plain: open.crc.amount(),
            offset: long(open.offset)?,
        };
        self.numbers(&[0x0807_4b50, entry.crc, entry.packed, entry.plain], &[]);
        self.entries.push(entry);
        Ok(())
    }

    /// Ends the archive.
    pub fn finish(&mut self) -> std::io::Result<()> {
        let begins = self.place();
        let entries = std::mem::take(&mut self.entries);
        for entry in &entries {
            self.numbers(&[0x0201_4b50], &[VERSION, VERSION, FLAGS, DEFLATE, 0, DATE]);
            self.numbers(&[entry.crc, entry.packed, entry.plain], &[]);
            self.numbers(&[], &[short(entry.name.len())?, 0, 0, 0, 0]);
            self.numbers(&[0, entry.offset], &[]);
            self.out.extend_from_slice(entry.name.as_bytes());
        }
        let size = long(self.place() - begins)?;
        let count = short(entries.len())?;
        self.numbers(&[0x0605_4b50], &[0, 0, count, count]);
        self.numbers(&[size, long(begins)?], &[0]);
        Ok(())
    }

    /// What was written since this was last asked.
    pub fn take(&mut self) -> Vec<u8> {
        self.gone += self.out.len() as u64;
        std::mem::take(&mut self.out)
    }

    fn numbers(&mut self, long: &[u32], short: &[u16]) {
        for number in long {
            self.out.extend_from_slice(&number.to_le_bytes());
        }
        for number in short {
            self.out.extend_from_slice(&number.to_le_bytes());
        }
    }
}

fn short(number: usize) -> std::io::Result<u16> {
    u16::try_from(number).map_err(std::io::Error::other)
}

fn long(number: u64) -> std::io::Result<u32> {
    u32::try_from(number).map_err(std::io::Error::other)
}
