//! A QR code that an authenticator app reads, as an address that a page shows.

use data_encoding::BASE64;
use qrcode::QrCode;
use qrcode::render::svg;

use crate::error::Error;

/// The least pixels of a side.
const SIDE: u32 = 240;

/// A QR code of a text: `data:image/svg+xml;base64,…`.
pub fn data_uri(text: &str) -> Result<String, Error> {
    let code = QrCode::new(text.as_bytes())
        .map_err(|error| Error::internal(format!("a QR code: {error}")))?;
    let drawn = code
        .render::<svg::Color<'_>>()
        .min_dimensions(SIDE, SIDE)
        .build();
    let drawn = BASE64.encode(drawn.as_bytes());
    Ok(format!("data:image/svg+xml;base64,{drawn}"))
}
