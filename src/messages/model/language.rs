//! In which language a member is written to.

use crate::locale::Locale;

/// The member's own language, else the merchant's; Chinese where the message has no English.
#[must_use]
pub fn language(member: Option<&str>, merchant: &str, has_english: bool) -> Locale {
    if has_english && member.unwrap_or(merchant) == "en" {
        Locale::En
    } else {
        Locale::ZhCn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_reads_their_own_language_else_the_merchants_and_chinese_where_there_is_no_other() {
        for (member, merchant, has_english, told) in [
            (Some("en"), "zh-CN", true, Locale::En),
            (Some("zh-CN"), "en", true, Locale::ZhCn),
            (None, "en", true, Locale::En),
            (None, "zh-CN", true, Locale::ZhCn),
            (Some("en"), "en", false, Locale::ZhCn),
        ] {
            assert_eq!(language(member, merchant, has_english), told);
        }
    }
}
