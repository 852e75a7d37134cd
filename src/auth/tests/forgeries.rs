//! Every forgery that JWT libraries have fallen for, each a small step from a token that is accepted.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};

use super::{Stage, assert_nobody};

/// What a forger knows (a token, the public key) and, for tokens of ours with a twist, the key itself.
struct Forge {
    stage: Stage,
    ours: Ed25519KeyPair,
    header: Value,
    claims: Value,
}

fn encode(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

fn decode(part: &str) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

fn assemble(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = BASE64URL_NOPAD.encode(&sign(message.as_bytes()));
    format!("{message}.{signature}")
}

impl Forge {
    async fn set() -> Self {
        let stage = Stage::set().await;
        let token = stage.sign_in().await.access_token;
        let parts: Vec<&str> = token.split('.').collect();
        let key = stage.auth.keyring().signer().await.unwrap();
        Self {
            ours: Ed25519KeyPair::from_pkcs8(key.signing().as_bytes()).unwrap(),
            header: decode(parts[0]),
            claims: decode(parts[1]),
            stage,
        }
    }

    /// Signed with our own key: only header or claims are wrong.
    fn signed_by_us(&self, header: &Value, claims: &Value) -> String {
        assemble(header, claims, |message| {
            self.ours.sign(message).as_ref().to_vec()
        })
    }

    fn header_with(&self, name: &str, value: Value) -> Value {
        let mut header = self.header.clone();
        header[name] = value;
        header
    }

    fn claims_with(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims.clone();
        claims[name] = value;
        claims
    }

    fn claims_without(&self, name: &str) -> Value {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        claims
    }

    async fn is_refused(&self, what: &str, token: &str) {
        let answer = self.stage.auth.authenticate(token, None).await;
        assert!(answer.is_err(), "accepted: {what}");
        assert_nobody(answer);
    }
}

#[tokio::test]
async fn the_forge_itself_makes_good_tokens() {
    let forge = Forge::set().await;
    assert_eq!(forge.header["alg"], "EdDSA");
    assert_eq!(forge.header["typ"], "at+jwt");
    assert_eq!(forge.claims["aud"], "yigate");
    assert_eq!(
        forge.claims["exp"],
        forge.claims["iat"].as_i64().unwrap() + 600
    );
    let token = forge.signed_by_us(&forge.header, &forge.claims);
    forge.stage.auth.authenticate(&token, None).await.unwrap();
}

#[tokio::test]
async fn another_algorithm_is_refused() {
    let forge = Forge::set().await;
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let header = forge.header_with("alg", json!(none));
        let unsigned = assemble(&header, &forge.claims, |_| Vec::new());
        forge.is_refused(none, &unsigned).await;
        forge
            .is_refused(none, &forge.signed_by_us(&header, &forge.claims))
            .await;
    }
    let public = forge.ours.public_key().as_ref().to_vec();
    let x = BASE64URL_NOPAD.encode(&public).into_bytes();
    let der_head = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
    let der = [der_head.as_slice(), &public].concat();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        BASE64.encode(&der)
    );
    let header = forge.header_with("alg", json!("HS256"));
    for secret in [public, x, der, pem.into_bytes(), Vec::new()] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let token = assemble(&header, &forge.claims, |message| {
            hmac::sign(&key, message).as_ref().to_vec()
        });
        forge.is_refused("HS256 with the public key", &token).await;
    }
    for algorithm in ["HS256", "RS256", "ES256", "PS256", "Ed25519", "eddsa"] {
        let header = forge.header_with("alg", json!(algorithm));
        forge
            .is_refused(algorithm, &forge.signed_by_us(&header, &forge.claims))
            .await;
    }
}

#[tokio::test]
async fn another_key_is_refused_however_it_is_brought_along() {
    let forge = Forge::set().await;
    let theirs = Ed25519KeyPair::generate().unwrap();
    let x = BASE64URL_NOPAD.encode(theirs.public_key().as_ref());
    let sign = |header: &Value| {
        assemble(header, &forge.claims, |message| {
            theirs.sign(message).as_ref().to_vec()
        })
    };
    forge
        .is_refused("our kid, their key", &sign(&forge.header))
        .await;
    let kids = [
        json!("unknown"),
        json!(""),
        json!(null),
        json!(7),
        json!("../../dev/null"),
        json!("' OR 1=1 --"),
    ];
    for kid in kids {
        let header = forge.header_with("kid", kid);
        forge.is_refused("their kid", &sign(&header)).await;
        forge
            .is_refused(
                "their kid, our key",
                &forge.signed_by_us(&header, &forge.claims),
            )
            .await;
    }
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
    for (name, value) in [
        ("jwk", jwk),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("anything", json!(1)),
    ] {
        let header = forge.header_with(name, value);
        forge.is_refused(name, &sign(&header)).await;
        forge
            .is_refused(name, &forge.signed_by_us(&header, &forge.claims))
            .await;
    }
    for kind in ["JWT", "at+JWT", "application/at+jwt", ""] {
        let header = forge.header_with("typ", json!(kind));
        forge
            .is_refused(kind, &forge.signed_by_us(&header, &forge.claims))
            .await;
    }
}

#[tokio::test]
async fn a_changed_or_missing_signature_is_refused() {
    let forge = Forge::set().await;
    let good = forge.signed_by_us(&forge.header, &forge.claims);
    let (message, signature) = good.rsplit_once('.').unwrap();
    forge
        .is_refused("no signature", &format!("{message}."))
        .await;
    forge.is_refused("two parts", message).await;
    forge.is_refused("four parts", &format!("{good}.")).await;
    forge
        .is_refused("five parts", &format!("{good}.{message}"))
        .await;
    forge
        .is_refused("half a signature", &good[..good.len() - 43])
        .await;
    forge.is_refused("padded", &format!("{good}==")).await;
    forge.is_refused("a blank", &format!("{good} ")).await;
    forge.is_refused("empty", "").await;
    forge.is_refused("endless", &"a.".repeat(1 << 20)).await;

    // The last letter carries four bits that decode to nothing; all but one spelling is refused.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = good.chars().next_back().unwrap();
    for letter in alphabet.chars().filter(|letter| *letter != last) {
        let respelt = format!("{}{letter}", &good[..good.len() - 1]);
        forge.is_refused("respelt", &respelt).await;
    }

    // S + L is the same number to a verifier that does not reduce.
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut bytes = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    let mut carry = 0_u16;
    for (byte, order) in bytes[32..].iter_mut().zip(L) {
        carry += u16::from(*byte) + u16::from(order);
        *byte = u8::try_from(carry & 0xff).unwrap();
        carry >>= 8;
    }
    let twin = BASE64URL_NOPAD.encode(&bytes);
    forge
        .is_refused("the signature's twin", &format!("{message}.{twin}"))
        .await;

    let other = forge.claims_with("sub", json!("stf_0000000000000"));
    let swapped = format!("{}.{}.{signature}", encode(&forge.header), encode(&other));
    forge.is_refused("other claims", &swapped).await;
}

#[tokio::test]
async fn wrong_or_missing_claims_are_refused_though_we_signed_them() {
    let forge = Forge::set().await;
    let now = forge.stage.now().timestamp();
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", json!(["yigate"])),
        ("aud", json!("somebody else")),
        ("aud", json!(["yigate"])),
        ("aud", json!("")),
        ("exp", json!(now - 5)),
        ("exp", json!(-1)),
        ("exp", json!(i64::MIN)),
        ("exp", json!((now + 600).to_string())),
        ("exp", json!(null)),
        ("nbf", json!(now + 6)),
        ("nbf", json!("0")),
        ("iat", json!(now + 6)),
        ("sub", json!("mer_0000000000000")),
        ("sub", json!("")),
        ("mer", json!(forge.claims["sub"])),
        ("sid", json!("1")),
    ] {
        let claims = forge.claims_with(name, value.clone());
        let what = format!("{name}: {value}");
        forge
            .is_refused(&what, &forge.signed_by_us(&forge.header, &claims))
            .await;
    }
    for name in [
        "iss", "aud", "sub", "mer", "sid", "iat", "nbf", "exp", "jti",
    ] {
        let claims = forge.claims_without(name);
        forge
            .is_refused(name, &forge.signed_by_us(&forge.header, &claims))
            .await;
    }
}

#[tokio::test]
async fn clocks_may_be_five_seconds_apart() {
    let forge = Forge::set().await;
    let now = forge.stage.now().timestamp();
    for (name, value) in [("nbf", now + 5), ("iat", now + 5), ("exp", now - 4)] {
        let claims = forge.claims_with(name, json!(value));
        let token = forge.signed_by_us(&forge.header, &claims);
        forge.stage.auth.authenticate(&token, None).await.unwrap();
    }
}
