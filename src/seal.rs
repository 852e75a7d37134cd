//! Secrets and personal data at rest: sealed with AES-256-GCM under the master key, bound to the row
//! they belong to.

use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hmac, rand};
use data_encoding::BASE64;

use crate::error::Error;

/// The first byte of everything sealed: which format it is in.
const FORMAT: u8 = 1;

/// The key that everything sealed depends on.
pub struct MasterKey {
    sealing: LessSafeKey,
    hashing: hmac::Key,
    /// Those before, which open what they sealed and seal nothing.
    previous: Vec<LessSafeKey>,
    /// Those before, which know their hashes and make none.
    previous_hashing: Vec<hmac::Key>,
}

/// What is to become of something sealed where the key has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// Nothing: it is sealed under the key of now.
    Same,
    /// It is to be this, sealed under the key of now.
    Anew(Vec<u8>),
    /// Nothing: no key that is known opens it.
    Unreadable,
}

/// How many sealed things were looked at, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Looked at.
    pub seen: u64,
    /// Sealed again, under the key of now.
    pub resealed: u64,
    /// Left as they are, since no key opens them.
    pub unreadable: u64,
}

impl Resealed {
    /// Counts one more, and returns what is to be written in its place. One that cannot be read stops nobody
    /// behind it: it is logged by what it is of.
    pub fn count(&mut self, again: Again, of: &str) -> Option<Vec<u8>> {
        self.seen += 1;
        match again {
            Again::Same => None,
            Again::Anew(sealed) => {
                self.resealed += 1;
                Some(sealed)
            }
            Again::Unreadable => {
                self.unreadable += 1;
                tracing::error!(of, "something sealed cannot be opened by any key");
                None
            }
        }
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: Self) {
        self.seen += other.seen;
        self.resealed += other.resealed;
        self.unreadable += other.unreadable;
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The text is not 32 bytes in base 64.
    #[error("must be 32 bytes in base 64, such as `openssl rand -base64 32` prints")]
    Malformed,
    /// The key file cannot be read or written.
    #[error("the key file {path} cannot be used: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
}

impl MasterKey {
    /// Reads 32 bytes in base 64.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::of_bytes(&decode(text)?)
    }

    /// Reads the key file, and makes it where there is none yet, readable by its owner alone.
    pub fn read_or_make(path: &Path) -> Result<Self, KeyError> {
        let file_error = |source| KeyError::File {
            path: path.display().to_string(),
            source,
        };
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut bytes = [0_u8; 32];
                rand::fill(&mut bytes).map_err(|_| KeyError::Malformed)?;
                write_private(path, &BASE64.encode(&bytes)).map_err(file_error)?;
                Self::of_bytes(&bytes)
            }
            Err(error) => Err(file_error(error)),
        }
    }

    fn of_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        Ok(Self {
            sealing: sealing(bytes)?,
            hashing: hmac::Key::new(hmac::HMAC_SHA256, bytes),
            previous: Vec::new(),
            previous_hashing: Vec::new(),
        })
    }

    /// The same key, which also opens what keys before it sealed; each is 32 bytes in base 64.
    pub fn with_previous(mut self, texts: &[String]) -> Result<Self, KeyError> {
        for text in texts {
            let bytes = decode(text)?;
            self.previous.push(sealing(&bytes)?);
            self.previous_hashing
                .push(hmac::Key::new(hmac::HMAC_SHA256, &bytes));
        }
        Ok(self)
    }

    /// Seals `plain` so that it opens only with the same `bound_to`: the row it belongs to.
    pub fn seal(&self, plain: &[u8], bound_to: &str) -> Result<Vec<u8>, Error> {
        let mut nonce = [0_u8; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|_| Error::internal("no randomness"))?;
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + plain.len() + 16);
        sealed.push(FORMAT);
        sealed.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        self.sealing
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound_to.as_bytes()),
                &mut body,
            )
            .map_err(|_| Error::internal("sealing failed"))?;
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// Opens what [`MasterKey::seal`] sealed, under this key or one before; anything else is an internal error.
    pub fn open(&self, sealed: &[u8], bound_to: &str) -> Result<Vec<u8>, Error> {
        let plain = open(&self.sealing, sealed, bound_to);
        let plain = plain.or_else(|| self.open_before(sealed, bound_to));
        plain.ok_or_else(|| Error::internal("something sealed cannot be opened: wrong master key?"))
    }

    /// Opens what a key before this one sealed.
    fn open_before(&self, sealed: &[u8], bound_to: &str) -> Option<Vec<u8>> {
        let mut keys = self.previous.iter();
        keys.find_map(|key| open(key, sealed, bound_to))
    }

    /// Seals again what a key before sealed.
    pub fn reseal(&self, sealed: &[u8], bound_to: &str) -> Result<Again, Error> {
        if open(&self.sealing, sealed, bound_to).is_some() {
            return Ok(Again::Same);
        }
        match self.open_before(sealed, bound_to) {
            Some(plain) => self.seal(&plain, bound_to).map(Again::Anew),
            None => Ok(Again::Unreadable),
        }
    }

    /// A keyed hash: the same text gives the same bytes, and nobody without the key can try texts.
    #[must_use]
    pub fn keyed_hash(&self, text: &str) -> Vec<u8> {
        hmac::sign(&self.hashing, text.as_bytes()).as_ref().to_vec()
    }

    /// The keyed hashes of a text under the key of now and those before it: what is kept under any of them is found.
    #[must_use]
    pub fn keyed_hashes(&self, text: &str) -> Vec<Vec<u8>> {
        let keys = std::iter::once(&self.hashing).chain(&self.previous_hashing);
        keys.map(|key| hmac::sign(key, text.as_bytes()).as_ref().to_vec())
            .collect()
    }

    /// Whether a hash is this text's, under the key of now or one before it.
    #[must_use]
    pub fn is_hash_of(&self, hash: &[u8], text: &str) -> bool {
        let mut keys = std::iter::once(&self.hashing).chain(&self.previous_hashing);
        keys.any(|key| hmac::verify(key, text.as_bytes(), hash).is_ok())
    }
}

fn decode(text: &str) -> Result<Vec<u8>, KeyError> {
    let bytes = BASE64.decode(text.trim().as_bytes());
    bytes.map_err(|_| KeyError::Malformed)
}

fn sealing(bytes: &[u8]) -> Result<LessSafeKey, KeyError> {
    let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| KeyError::Malformed)?;
    Ok(LessSafeKey::new(key))
}

/// What one key opens; none where it did not seal it for this owner.
fn open(key: &LessSafeKey, sealed: &[u8], bound_to: &str) -> Option<Vec<u8>> {
    let (format, rest) = sealed.split_first()?;
    if *format != FORMAT || rest.len() < NONCE_LEN {
        return None;
    }
    let (nonce, body) = rest.split_at(NONCE_LEN);
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = body.to_vec();
    let aad = Aad::from(bound_to.as_bytes());
    let plain = key.open_in_place(nonce, aad, &mut body).ok()?;
    Some(plain.to_vec())
}

/// Writes a file that only its owner may read.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_for_the_row_it_was_sealed_for() {
        let key = MasterKey::of_bytes(&[7; 32]).unwrap();
        let sealed = key.seal("密钥".as_bytes(), "mer_1/chn_1").unwrap();
        assert_eq!(key.open(&sealed, "mer_1/chn_1").unwrap(), "密钥".as_bytes());
        assert!(key.open(&sealed, "mer_1/chn_2").is_err());
        let other = MasterKey::of_bytes(&[8; 32]).unwrap();
        assert!(other.open(&sealed, "mer_1/chn_1").is_err());
    }

    #[test]
    fn what_a_key_before_sealed_opens_and_is_sealed_again_once() {
        let texts = [7_u8, 8, 9].map(|byte| BASE64.encode(&[byte; 32]));
        let [old, older, new] = &texts;
        let sealed = MasterKey::parse(older)
            .unwrap()
            .seal(b"secret", "row")
            .unwrap();
        let before = [old.clone(), older.clone()];
        let key = MasterKey::parse(new)
            .unwrap()
            .with_previous(&before)
            .unwrap();
        assert_eq!(key.open(&sealed, "row").unwrap(), b"secret");
        assert!(key.open(&sealed, "another row").is_err());
        let Again::Anew(again) = key.reseal(&sealed, "row").unwrap() else {
            panic!("sealed under a key before");
        };
        assert_eq!(key.reseal(&again, "row").unwrap(), Again::Same);
        let alone = MasterKey::parse(new).unwrap();
        assert_eq!(alone.open(&again, "row").unwrap(), b"secret");
        assert!(alone.open(&sealed, "row").is_err());
        assert_eq!(alone.reseal(&sealed, "row").unwrap(), Again::Unreadable);
        assert!(alone.with_previous(&["short".to_owned()]).is_err());
    }

    #[test]
    fn a_hash_is_known_by_the_key_that_made_it_and_those_after() {
        let texts = [7_u8, 8].map(|byte| BASE64.encode(&[byte; 32]));
        let old = MasterKey::parse(&texts[0]).unwrap();
        let hash = old.keyed_hash("payout 1");
        assert!(old.is_hash_of(&hash, "payout 1"));
        assert!(!old.is_hash_of(&hash, "payout 2"));
        let alone = MasterKey::parse(&texts[1]).unwrap();
        assert!(!alone.is_hash_of(&hash, "payout 1"));
        let after = MasterKey::parse(&texts[1]).unwrap();
        let after = after.with_previous(&texts[..1]).unwrap();
        assert!(after.is_hash_of(&hash, "payout 1"));
        assert!(!after.is_hash_of(&hash, "payout 2"));
        let hashes = after.keyed_hashes("payout 1");
        assert_eq!(hashes, [after.keyed_hash("payout 1"), hash]);
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let key = MasterKey::of_bytes(&[7; 32]).unwrap();
        let mut sealed = key.seal(b"secret", "row").unwrap();
        for place in 0..sealed.len() {
            sealed[place] ^= 1;
            assert!(key.open(&sealed, "row").is_err());
            sealed[place] ^= 1;
        }
    }
}
