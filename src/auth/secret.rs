//! Refresh tokens and API keys: texts that name their row and end in 256 random bits.
//!
//! `yk_` + merchant + id + `_` + secret; a publishable key begins with `pk_`, so that nobody takes one for the
//! other. The row is found by its primary key, never searched for by
//! a secret, and only SHA-256 of the secret is stored: 256 random bits need no slow hash.

use std::str::FromStr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::{digest, rand};
use data_encoding::HEXLOWER;

use crate::error::Error;

/// Letters of an id without its prefix.
const ID_LETTERS: usize = 13;
/// Letters of a secret.
const SECRET_LETTERS: usize = 64;

/// What begins an API key's text.
pub const API_KEY: &str = "yk_";
/// What begins a publishable key's text.
pub const PUBLISHABLE_KEY: &str = "pk_";
/// What begins a refresh token's text.
pub const REFRESH_TOKEN: &str = "yr_";
/// What begins an invitation's text.
pub const INVITATION: &str = "yi_";

/// A new text, shown once, and the hash that is stored of it.
#[derive(Clone)]
pub struct Made {
    /// What the client keeps.
    pub text: String,
    /// SHA-256 of its secret.
    pub hash: Vec<u8>,
}

/// What a text says of itself; nothing is proven yet.
#[derive(Clone)]
pub struct Claimed<Owner, Id> {
    /// The first part of the row's key.
    pub owner: Owner,
    /// The second part of the row's key.
    pub id: Id,
    hash: Vec<u8>,
}

impl<Owner, Id> Claimed<Owner, Id> {
    /// Whether the secret is the one of the row, compared in constant time.
    #[must_use]
    pub fn is_proven_by(&self, stored_hash: &[u8]) -> bool {
        verify_slices_are_equal(&self.hash, stored_hash).is_ok()
    }
}

/// Makes the text of a row.
pub fn make(kind: &str, owner: impl ToString, id: impl ToString) -> Result<Made, Error> {
    let secret = random_hex::<32>()?;
    let text = format!(
        "{kind}{}{}_{secret}",
        letters(&owner.to_string()),
        letters(&id.to_string()),
    );
    Ok(Made {
        text,
        hash: sha256(secret.as_bytes()).to_vec(),
    })
}

/// Reads a text that [`make`] could have made, given the prefixes of its two ids.
pub fn read<Owner: FromStr, Id: FromStr>(
    kind: &str,
    owner_prefix: &str,
    id_prefix: &str,
    text: &str,
) -> Option<Claimed<Owner, Id>> {
    let rest = text.strip_prefix(kind)?;
    if !rest.is_ascii() || rest.len() != 2 * ID_LETTERS + 1 + SECRET_LETTERS {
        return None;
    }
    let (ids, secret) = rest.split_once('_')?;
    if ids.len() != 2 * ID_LETTERS {
        return None;
    }
    let (owner, id) = ids.split_at(ID_LETTERS);
    Some(Claimed {
        owner: format!("{owner_prefix}_{owner}").parse().ok()?,
        id: format!("{id_prefix}_{id}").parse().ok()?,
        hash: sha256(secret.as_bytes()).to_vec(),
    })
}

/// An id's text without its prefix.
fn letters(id: &str) -> &str {
    id.split_once('_').map_or(id, |(_, letters)| letters)
}

/// SHA-256.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// Random bytes of the system's generator, in hexadecimal.
pub(super) fn random_hex<const BYTES: usize>() -> Result<String, Error> {
    let mut bytes = [0_u8; BYTES];
    rand::fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
    Ok(HEXLOWER.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use entity::{ApiKeyId, MerchantId};

    use super::*;

    fn read_key(text: &str) -> Option<Claimed<MerchantId, ApiKeyId>> {
        read(API_KEY, MerchantId::PREFIX, ApiKeyId::PREFIX, text)
    }

    #[test]
    fn a_text_names_its_row_and_proves_itself() {
        let made = make(API_KEY, MerchantId(7), ApiKeyId(9)).unwrap();
        let claimed = read_key(&made.text).unwrap();
        assert_eq!((claimed.owner, claimed.id), (MerchantId(7), ApiKeyId(9)));
        assert!(claimed.is_proven_by(&made.hash));
        let other = make(API_KEY, MerchantId(7), ApiKeyId(9)).unwrap();
        assert!(!claimed.is_proven_by(&other.hash));
    }

    #[test]
    fn any_other_text_names_nothing() {
        let made = make(API_KEY, MerchantId(7), ApiKeyId(9)).unwrap().text;
        assert!(read_key(&made[1..]).is_none());
        assert!(read_key(&made[..made.len() - 1]).is_none());
        assert!(read_key(&format!("{made}0")).is_none());
        assert!(read_key(&made.replacen("yk_", "yr_", 1)).is_none());
        assert!(read_key(&made.replacen('7', "l", 1)).is_none());
        assert!(read_key(&"界".repeat(32)).is_none());
        assert!(read_key("").is_none());
    }
}
