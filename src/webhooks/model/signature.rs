//! Secrets and signatures as Standard Webhooks has them: HMAC-SHA256 over id, time and body.

use aws_lc_rs::hmac;
use data_encoding::BASE64;

/// How many bytes a secret has.
pub const SECRET_BYTES: usize = 32;

/// A secret as its owner is shown it, once.
#[must_use]
pub fn secret_text(secret: &[u8]) -> String {
    format!("whsec_{}", BASE64.encode(secret))
}

/// What may be shown of a secret: its end.
#[must_use]
pub fn hint(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let end = letters.len().saturating_sub(4);
    let shown: String = letters.get(end..).unwrap_or_default().iter().collect();
    format!("****{shown}")
}

/// The header of signatures: one for each secret, separated by spaces.
#[must_use]
pub fn sign(secrets: &[Vec<u8>], id: &str, timestamp_s: i64, body: &str) -> String {
    let signed = format!("{id}.{timestamp_s}.{body}");
    let one = |secret: &Vec<u8>| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, signed.as_bytes());
        format!("v1,{}", BASE64.encode(tag.as_ref()))
    };
    let all: Vec<String> = secrets.iter().map(one).collect();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn the_vector_of_standard_webhooks_is_reproduced() {
        let secret = BASE64.decode(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let told = sign(
            &[secret],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(told, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_secret_signs() {
        let told = sign(&[vec![1; 32], vec![2; 32]], "evt_1", 1, "{}");
        let parts: Vec<&str> = told.split(' ').collect();
        assert_eq!(parts.len(), 2);
        assert_ne!(parts[0], parts[1]);
        assert!(parts.iter().all(|part| part.starts_with("v1,")));
    }

    #[test]
    fn of_a_secret_only_its_end_is_shown() {
        let text = secret_text(&[7; SECRET_BYTES]);
        assert!(text.starts_with("whsec_"));
        assert_eq!(hint(&text), format!("****{}", &text[text.len() - 4..]));
    }
}
