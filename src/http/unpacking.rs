//! Unpacks gzip that comes in pieces, a bounded step at a time: memory follows the steps, not what a piece holds.

use std::io::{Error, ErrorKind, Read, Result};

use flate2::read::GzDecoder;

/// How much is unpacked at once.
const STEP: usize = 65_536;

/// What has come and was not unpacked yet.
#[derive(Debug, Default)]
struct Fed {
    bytes: Vec<u8>,
    at: usize,
    is_end: bool,
}

impl Read for Fed {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.is_empty() && !self.is_end {
            return Err(Error::from(ErrorKind::WouldBlock));
        }
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

/// One step of unpacking.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Some bytes.
    Some(Vec<u8>),
    /// The next piece is needed.
    Hungry,
    /// That was all.
    Over,
}

/// Unpacks one gzip file.
#[derive(Debug)]
pub struct Unpacker(GzDecoder<Fed>);

impl Default for Unpacker {
    fn default() -> Self {
        Self(GzDecoder::new(Fed::default()))
    }
}

impl Unpacker {
    /// Hands over the next piece; the one before was unpacked to its end.
    pub fn feed(&mut self, bytes: Vec<u8>) {
        let fed = self.0.get_mut();
        (fed.bytes, fed.at) = (bytes, 0);
    }

    /// Says that no piece follows.
    pub fn end(&mut self) {
        self.feed(Vec::new());
        self.0.get_mut().is_end = true;
    }

    /// Unpacks at most [`STEP`] bytes. What breaks off, or is no gzip, is an error.
    pub fn step(&mut self) -> Result<Step> {
        let mut bytes = vec![0; STEP];
        match self.0.read(&mut bytes) {
            Ok(0) => Ok(Step::Over),
            Ok(count) => {
                bytes.truncate(count);
                Ok(Step::Some(bytes))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Step::Hungry),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// Unpacks pieces of a length: what comes out, and the longest step.
    fn unpacked(packed: &[u8], piece: usize) -> Result<(Vec<u8>, usize)> {
        let mut unpacker = Unpacker::default();
        let mut pieces = packed.chunks(piece);
        let (mut all, mut longest) = (Vec::new(), 0);
        loop {
            match unpacker.step()? {
                Step::Some(bytes) => {
                    longest = longest.max(bytes.len());
                    all.extend(bytes);
                }
                Step::Hungry => match pieces.next() {
                    Some(piece) => unpacker.feed(piece.to_vec()),
                    None => unpacker.end(),
                },
                Step::Over => return Ok((all, longest)),
            }
        }
    }

    fn packed(plain: &[u8]) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn what_a_piece_holds_is_unpacked_in_bounded_steps() {
        let plain = b"2026-11-29,36.00,CNY,PAID\r\n".repeat(800_000);
        let packed = packed(&plain);
        assert!(packed.len() * 50 < plain.len(), "a piece holds much");
        for piece in [1_000_003, 262_144, 4_097] {
            let (all, longest) = unpacked(&packed, piece).unwrap();
            assert!(longest <= STEP, "{longest}");
            assert!(all == plain, "in pieces of {piece}");
        }
        let short = self::packed(b"x");
        assert_eq!(unpacked(&short, 1).unwrap().0, b"x");
    }

    #[test]
    fn a_part_is_not_taken_for_the_whole() {
        let packed = packed(&b"36.00\r\n".repeat(10_000));
        for kept in [0, 5, packed.len() / 2, packed.len() - 1] {
            assert!(unpacked(&packed[..kept], 100).is_err(), "{kept}");
        }
    }
}
