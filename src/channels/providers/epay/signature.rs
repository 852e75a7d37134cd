//! What 易支付 signs, and its two signatures: MD5 with a shared key, and RSA with SHA-256.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, PublicKey};
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
};
use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use md5::{Digest, Md5};

use super::config::misconfigured;
use crate::channels::provider::ProviderError;

/// The text that is signed: sorted by name, joined, nothing encoded; signatures and blank values left out.
pub(super) fn canonical<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut signed: Vec<_> = parameters
        .into_iter()
        .filter(|(name, value)| !matches!(*name, "sign" | "sign_type") && !is_blank(value))
        .collect();
    signed.sort_unstable_by_key(|(name, _)| *name);
    let pairs: Vec<String> = signed
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// V1's signature of parameters, as the protocol's platforms make it.
pub fn md5_of<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>, key: &str) -> [u8; 16] {
    Md5Key(key.to_owned()).digest(&canonical(parameters))
}

/// Blank as PHP's `trim` sees it; Unicode knows more spaces, which are signed.
pub(super) fn is_blank(value: &str) -> bool {
    php_trim(value).is_empty()
}

/// PHP's `trim`.
pub(super) fn php_trim(value: &str) -> &str {
    value.trim_matches([' ', '\t', '\n', '\r', '\0', '\x0B'])
}

/// The shared key of V1, and its signature. Shows itself to nobody.
pub(super) struct Md5Key(String);

impl Md5Key {
    pub(super) fn parse(text: &str) -> Result<Self, ProviderError> {
        let key = text.trim();
        if key.is_empty() || key.len() > 256 || key.chars().any(char::is_whitespace) {
            return Err(misconfigured("key: one word of 1 to 256 characters"));
        }
        Ok(Self(key.to_owned()))
    }

    /// The last four characters of a long key, none of a short one.
    pub(super) fn hint(&self) -> String {
        let letters = self.0.chars().count();
        let shown = if letters < 16 { 0 } else { 4 };
        let end: String = self.0.chars().skip(letters - shown).collect();
        format!("****{end}")
    }

    /// The key itself, which V1 wants to see in queries.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    fn digest(&self, canonical: &str) -> [u8; 16] {
        let mut digest = Md5::new();
        digest.update(canonical);
        digest.update(&self.0);
        digest.finalize().into()
    }

    pub(super) fn sign(&self, canonical: &str) -> String {
        HEXLOWER.encode(&self.digest(canonical))
    }

    pub(super) fn verify(&self, canonical: &str, sign: &str) -> bool {
        let given = HEXLOWER_PERMISSIVE
            .decode(sign.as_bytes())
            .unwrap_or_default();
        verify_slices_are_equal(&self.digest(canonical), &given).is_ok()
    }
}

impl fmt::Debug for Md5Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Md5Key(…)")
    }
}

/// Our own key and the platform's, and V2's signatures.
pub(super) struct RsaKeys {
    merchant: KeyPair,
    platform: ParsedPublicKey,
}

impl RsaKeys {
    pub(super) fn parse(private: &str, public: &str) -> Result<Self, ProviderError> {
        let merchant = parse_private(private)
            .ok_or_else(|| misconfigured("merchant_private_key: no RSA key in PKCS#8 or PKCS#1"))?;
        if merchant.public_modulus_len() < 256 {
            return Err(misconfigured("merchant_private_key: fewer than 2048 bits"));
        }
        let public = der(public)
            .and_then(|der| PublicKey::from_der(&der).ok())
            .ok_or_else(|| misconfigured("platform_public_key: no RSA key in SPKI"))?;
        // The platform's page shows both public keys, and the wrong one is copied often.
        if public.as_ref() == merchant.public_key().as_ref() {
            return Err(misconfigured(
                "platform_public_key: this is the merchant's own public key (商户公钥), not 平台公钥",
            ));
        }
        let platform = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public.as_ref())
            .map_err(|_| misconfigured("platform_public_key: cannot be used"))?;
        if public.modulus_len() < 256 {
            return Err(misconfigured("platform_public_key: fewer than 2048 bits"));
        }
        Ok(Self { merchant, platform })
    }

    /// The beginning of the fingerprint of our own public key: of the private one nothing is shown.
    pub(super) fn hint(&self) -> String {
        let public = digest(&SHA256, self.merchant.public_key().as_ref());
        let start = public.as_ref().get(..4).unwrap_or_default();
        format!("SHA256:{}", HEXLOWER.encode(start))
    }

    pub(super) fn sign(&self, canonical: &str) -> Result<String, ProviderError> {
        sign_with(&self.merchant, canonical)
            .ok_or_else(|| misconfigured("merchant_private_key: cannot sign"))
    }

    pub(super) fn verify(&self, canonical: &str, sign: &str) -> bool {
        // A clone that does not encode its query turns `+` into a space.
        let sign = sign.trim().replace(' ', "+");
        BASE64.decode(sign.as_bytes()).is_ok_and(|sign| {
            self.platform
                .verify_sig(canonical.as_bytes(), &sign)
                .is_ok()
        })
    }
}

impl fmt::Debug for RsaKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RsaKeys(…)")
    }
}

fn sign_with(key: &KeyPair, canonical: &str) -> Option<String> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        canonical.as_bytes(),
        &mut signature,
    )
    .ok()?;
    Some(BASE64.encode(&signature))
}

fn parse_private(text: &str) -> Option<KeyPair> {
    let der = der(text)?;
    KeyPair::from_pkcs8(&der)
        .or_else(|_| KeyPair::from_der(&der))
        .ok()
}

/// The bytes of a key that was pasted as PEM or as bare base64, broken into lines or not.
fn der(text: &str) -> Option<Vec<u8>> {
    // A PEM that went through a settings file has `\n` spelled out.
    let text = text.replace("\\r", "").replace("\\n", "\n");
    let body = if text.contains("-----BEGIN") {
        text.split("-----").nth(2)?
    } else {
        &text
    };
    let body: String = body.chars().filter(|char| !char.is_whitespace()).collect();
    BASE64_NOPAD
        .decode(body.trim_end_matches('=').as_bytes())
        .ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Vector {
        case: String,
        key: Option<String>,
        merchant_private_key_pkcs8_der_b64: Option<String>,
        public_key_spki_der_b64: Option<String>,
        params: BTreeMap<String, String>,
        string_to_sign: String,
        sign: String,
    }

    impl Vector {
        fn canonical(&self) -> String {
            canonical(
                self.params
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str())),
            )
        }
    }

    #[test]
    fn a_hint_shows_four_characters_of_a_long_key_and_none_of_a_short_one() {
        for (key, hint) in [
            ("89unJUB8HZ54Hj7x4nUj56HN4nUzUJ8i", "****UJ8i"),
            ("0123456789abcdef", "****cdef"),
            ("0123456789abcde", "****"),
            ("k", "****"),
            ("密钥密钥密钥密钥密钥密钥密钥密钥", "****密钥密钥"),
        ] {
            assert_eq!(Md5Key::parse(key).unwrap().hint(), hint);
        }
    }

    fn vectors() -> Vec<Vector> {
        let text = include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/epay_test_vectors.json"
        ));
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn every_vector_is_written_as_the_platform_writes_it() {
        for vector in vectors() {
            assert_eq!(vector.canonical(), vector.string_to_sign, "{}", vector.case);
        }
    }

    #[test]
    fn every_md5_vector_is_reproduced_and_verified() {
        let vectors: Vec<_> = vectors()
            .into_iter()
            .filter(|vector| vector.key.is_some())
            .collect();
        assert_eq!(vectors.len(), 3);
        for vector in vectors {
            let key = Md5Key::parse(vector.key.as_deref().unwrap()).unwrap();
            assert_eq!(
                key.sign(&vector.canonical()),
                vector.sign,
                "{}",
                vector.case
            );
            assert!(key.verify(&vector.canonical(), &vector.sign));
            assert!(key.verify(&vector.canonical(), &vector.sign.to_uppercase()));
            for wrong in ["", "00", "not hex", &vector.sign[1..], &"0".repeat(32)] {
                assert!(!key.verify(&vector.canonical(), wrong), "{wrong}");
            }
        }
    }

    #[test]
    fn the_rsa_vector_is_reproduced_and_verified() {
        let vectors = vectors();
        let vector = vectors.last().unwrap();
        let private = vector
            .merchant_private_key_pkcs8_der_b64
            .as_deref()
            .unwrap();
        let merchant = parse_private(private).unwrap();
        let public = der(vector.public_key_spki_der_b64.as_deref().unwrap()).unwrap();
        assert_eq!(
            sign_with(&merchant, &vector.canonical()).unwrap(),
            vector.sign
        );
        let keys = RsaKeys {
            merchant,
            platform: ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public).unwrap(),
        };
        assert!(keys.verify(&vector.canonical(), &vector.sign));
        assert!(keys.verify(&vector.canonical(), &vector.sign.replace('+', " ")));
        assert!(!keys.verify(&format!("{}x", vector.canonical()), &vector.sign));
        assert!(!keys.verify(&vector.canonical(), ""));
        assert!(!keys.verify(&vector.canonical(), "not base64"));
    }

    #[test]
    fn our_own_public_key_is_not_taken_for_the_platforms() {
        let vectors = vectors();
        let vector = vectors.last().unwrap();
        let private = vector
            .merchant_private_key_pkcs8_der_b64
            .as_deref()
            .unwrap();
        let public = vector.public_key_spki_der_b64.as_deref().unwrap();
        let error = RsaKeys::parse(private, public).unwrap_err().to_string();
        assert!(error.contains("platform_public_key"), "{error}");
        for bad in ["", "x", private] {
            let error = RsaKeys::parse(private, bad).unwrap_err().to_string();
            assert!(error.contains("platform_public_key"), "{error}");
            assert!(!error.contains(&private[..20]));
        }
        let error = RsaKeys::parse(public, public).unwrap_err().to_string();
        assert!(error.contains("merchant_private_key"), "{error}");
    }

    #[test]
    fn a_key_is_read_from_every_form_it_is_pasted_in() {
        let vectors = vectors();
        let bare = vectors
            .last()
            .unwrap()
            .merchant_private_key_pkcs8_der_b64
            .clone()
            .unwrap();
        let lines: Vec<&str> = bare
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        let pem = |separator: &str| {
            let body = lines.join(separator);
            format!(
                "-----BEGIN RSA PRIVATE KEY-----{separator}{body}{separator}-----END RSA PRIVATE KEY-----{separator}"
            )
        };
        for text in [
            bare.clone(),
            lines.join("\r\n"),
            pem("\n"),
            pem("\r\n"),
            pem("\\n"),
            pem(" "),
        ] {
            assert!(parse_private(&text).is_some(), "{text}");
        }
    }

    #[test]
    fn blank_values_are_left_out_as_php_sees_blank() {
        let parameters = [
            ("b", " \t"),
            ("a", "1"),
            ("c", "\u{3000}"),
            ("sign", "x"),
            ("d", "0"),
        ];
        assert_eq!(canonical(parameters), "a=1&c=\u{3000}&d=0");
        assert_eq!(canonical([]), "");
    }

    proptest! {
        #[test]
        fn a_signature_holds_in_any_order_and_for_nothing_else(
            parameters in prop::collection::btree_map("[a-z_]{1,8}", "\\PC{0,12}", 1..8),
            changed in "\\PC{1,12}",
        ) {
            let key = Md5Key::parse("k").unwrap();
            let pairs = || parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let forward = canonical(pairs());
            let backward = canonical(pairs().collect::<Vec<_>>().into_iter().rev());
            prop_assert_eq!(&forward, &backward);
            prop_assert!(key.verify(&forward, &key.sign(&forward)));
            let other = format!("{forward}{changed}");
            prop_assert!(!key.verify(&other, &key.sign(&forward)));
        }
    }
}
