//! Unpacks a file of members, and reads which letters it is written in.

use std::io::Read;

use data_encoding::BASE64;
use encoding_rs::GBK;
use flate2::read::MultiGzDecoder;

use super::{FileRefusal, MOST_BYTES};
use crate::members::model::hidden;

/// A file of members, as it came.
#[derive(Clone)]
pub enum MemberFile {
    /// As text.
    Text(String),
    /// As base64 of gzip.
    GzipBase64(String),
}

hidden!(MemberFile);

/// The text of a file: UTF-8, else GBK, without the mark that some begin with.
pub fn unpack(file: MemberFile) -> Result<String, FileRefusal> {
    let text = match file {
        MemberFile::Text(text) => text,
        MemberFile::GzipBase64(text) => text_of(gunzip(&text)?)?,
    };
    if text.len() > MOST_BYTES {
        return Err(FileRefusal::TooLarge);
    }
    if text.contains('\0') {
        return Err(not_text());
    }
    Ok(match text.strip_prefix('\u{feff}') {
        Some(bare) => bare.to_owned(),
        None => text,
    })
}

fn gunzip(text: &str) -> Result<Vec<u8>, FileRefusal> {
    let letters = text.bytes().filter(|letter| !letter.is_ascii_whitespace());
    let letters: Vec<u8> = letters.collect();
    let packed = BASE64.decode(&letters).map_err(|_| {
        FileRefusal::unreadable(
            "`gzipBase64` is not base64 (RFC 4648, with padding).",
            "`gzipBase64` 不是有效的 base64（RFC 4648，含填充）。",
        )
    })?;
    let mut plain = Vec::new();
    let limit = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    let read = MultiGzDecoder::new(packed.as_slice())
        .take(limit.saturating_add(1))
        .read_to_end(&mut plain);
    match read {
        Ok(_) if plain.len() > MOST_BYTES => Err(FileRefusal::TooLarge),
        Ok(_) => Ok(plain),
        Err(_) => Err(FileRefusal::unreadable(
            "The packed file is not gzip, or not all of it.",
            "压缩内容不是完整的 gzip 数据。",
        )),
    }
}

fn text_of(bytes: Vec<u8>) -> Result<String, FileRefusal> {
    String::from_utf8(bytes).or_else(|error| {
        let (text, broken) = GBK.decode_without_bom_handling(error.as_bytes());
        if broken {
            return Err(not_text());
        }
        Ok(text.into_owned())
    })
}

fn not_text() -> FileRefusal {
    FileRefusal::unreadable(
        "The file is no text in UTF-8 or GBK.",
        "文件不是 UTF-8 或 GBK 编码的文本。",
    )
}
