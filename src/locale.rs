//! The languages that merchants read.

/// A language that messages exist in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// Simplified Chinese.
    ZhCn,
    /// English.
    #[default]
    En,
}

impl Locale {
    /// What something is called for who reads this language: in English, where it has an English name.
    #[must_use]
    pub fn pick<'a>(self, name: &'a str, en: Option<&'a str>) -> &'a str {
        match (self, en) {
            (Self::En, Some(en)) => en,
            _ => name,
        }
    }

    /// The first language of an `Accept-Language` that we have, by its weights; English otherwise.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        let mut best = (0_u16, Self::default());
        for part in header.split(',') {
            let mut pieces = part.split(';');
            let tag = pieces
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase();
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(1000, |q| {
                    q.parse::<rust_decimal::Decimal>()
                        .ok()
                        .and_then(|q| u16::try_from(q * rust_decimal::Decimal::from(1000)).ok())
                        .unwrap_or(0)
                });
            let locale = match tag.split('-').next() {
                Some("zh") => Self::ZhCn,
                Some("en") => Self::En,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, locale);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_largest_weight_wins() {
        for (header, locale) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Locale::ZhCn),
            ("en-US,en;q=0.9,zh;q=0.8", Locale::En),
            ("fr,zh;q=0.2,en;q=0.1", Locale::ZhCn),
            ("fr", Locale::En),
            ("", Locale::En),
            ("zh;q=0", Locale::En),
            ("zh;q=nonsense", Locale::En),
        ] {
            assert_eq!(Locale::accepted(header), locale, "{header}");
        }
    }
}
