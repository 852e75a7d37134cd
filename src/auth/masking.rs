//! Masks personal data for those who may not see it in full.

/// A name as those see it who may not see it in full: its first character, then `**`.
#[must_use]
pub fn mask_name(name: &str) -> String {
    name.chars()
        .next()
        .map_or_else(String::new, |first| format!("{first}**"))
}

/// A telephone number as those see it who may not see it in full: `138****5678`.
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().collect();
    if digits.len() < 8 {
        return "*".repeat(digits.len());
    }
    let head: String = digits[..3].iter().collect();
    let tail: String = digits[digits.len() - 4..].iter().collect();
    format!("{head}{}{tail}", "*".repeat(digits.len() - 7))
}

/// An e-mail address as those see it who may not see it in full: `z***@example.com`.
#[must_use]
pub fn mask_email(email: &str) -> String {
    match email.split_once('@') {
        Some((name, host)) => {
            let first: String = name.chars().take(1).collect();
            format!("{first}***@{host}")
        }
        None => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_data_tells_only_what_staff_need_to_recognise() {
        assert_eq!(mask_name("张伟"), "张**");
        assert_eq!(mask_name(""), "");
        assert_eq!(mask_phone("13812345678"), "138****5678");
        assert_eq!(mask_phone("12345"), "*****");
        assert_eq!(mask_email("zhang@example.com"), "z***@example.com");
    }
}
