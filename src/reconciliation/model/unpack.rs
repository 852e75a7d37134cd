//! From bytes to text: base64, gzip up to a bound, UTF-8 or GBK.

use std::io::Read;

use data_encoding::BASE64;
use encoding_rs::GBK;
use flate2::read::MultiGzDecoder;

use super::refusal::ImportRefusal;
use crate::error::Problem;

/// How many bytes a bill has, unpacked, at the most.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Reads base64; blanks and line ends in it do not matter.
pub fn of_base64(text: &str) -> Result<Vec<u8>, ImportRefusal> {
    let letters: Vec<u8> = text
        .bytes()
        .filter(|letter| !letter.is_ascii_whitespace())
        .collect();
    BASE64.decode(&letters).map_err(|_| {
        ImportRefusal::not_a_bill(
            "`gzipBase64` is not base64 (RFC 4648, with padding).",
            "`gzipBase64` 不是有效的 base64（RFC 4648，含填充）。",
        )
    })
}

/// Whether bytes are gzip's.
#[must_use]
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Unpacks gzip; no more than [`MOST_BYTES`] are ever unpacked.
pub fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, ImportRefusal> {
    let mut plain = Vec::new();
    let limit = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    let read = MultiGzDecoder::new(bytes)
        .take(limit.saturating_add(1))
        .read_to_end(&mut plain);
    match read {
        Ok(_) if plain.len() > MOST_BYTES => Err(too_large()),
        Ok(_) => Ok(plain),
        Err(_) => Err(ImportRefusal::not_a_bill(
            "The packed bill is not gzip, or not all of it.",
            "压缩内容不是完整的 gzip 数据。",
        )),
    }
}

/// A bill's text: UTF-8, else GBK, without the mark that some begin with, and with plain line ends.
pub fn text_of(bytes: Vec<u8>) -> Result<String, ImportRefusal> {
    if bytes.len() > MOST_BYTES {
        return Err(too_large());
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let (text, broken) = GBK.decode_without_bom_handling(error.as_bytes());
            if broken {
                return Err(unreadable());
            }
            text.into_owned()
        }
    };
    if text.contains('\0') {
        return Err(unreadable());
    }
    let bare = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(bare.replace("\r\n", "\n"))
}

fn too_large() -> ImportRefusal {
    let mib = MOST_BYTES / 1024 / 1024;
    ImportRefusal::TooLarge(Problem::new(
        format!("A bill has at most {mib} MiB, unpacked; divide the channel's payments."),
        format!("账单解压后最大 {mib} MiB，请分渠道对账。"),
    ))
}

fn unreadable() -> ImportRefusal {
    ImportRefusal::not_a_bill(
        "The bill is text in UTF-8 or GBK; unpack a zip archive first.",
        "账单应为 UTF-8 或 GBK 编码的文本；zip 压缩包请先解压。",
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_unpacked_to_the_bound_and_no_further() {
        let bomb = gzip(&vec![b'0'; MOST_BYTES * 2]);
        assert!(bomb.len() < 100_000);
        assert!(matches!(gunzip(&bomb), Err(ImportRefusal::TooLarge(_))));
        assert_eq!(
            gunzip(&gzip(&vec![0; MOST_BYTES])).unwrap().len(),
            MOST_BYTES
        );
    }

    #[test]
    fn what_is_no_gzip_or_cut_off_is_refused() {
        let packed = gzip(b"0123456789");
        for bytes in [b"plain".as_slice(), &packed[..packed.len() - 3], b""] {
            assert!(matches!(gunzip(bytes), Err(ImportRefusal::NotABill(_))));
        }
    }

    #[test]
    fn text_is_utf_8_or_gbk() {
        let (gbk, _, _) = GBK.encode("支付宝交易号");
        assert_eq!(text_of(gbk.into_owned()).unwrap(), "支付宝交易号");
        assert_eq!(
            text_of("\u{feff}交易时间\r\n".into()).unwrap(),
            "交易时间\n"
        );
        for bytes in [vec![0xff, 0xff], b"PK\x03\x04\x00\x00".to_vec()] {
            assert!(text_of(bytes).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (gunzip(&bytes), text_of(bytes));
        }
    }
}
