//! Passwords: hashed with argon2id, a few at a time, and never telling whether an account exists.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use crate::config;
use crate::error::{Error, Problem};

/// Hashes at once: each takes tens of milliseconds of a core, and its whole memory. Half of the cores are
/// left to everybody else.
fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).clamp(1, 4))
}

/// Hashes that may be waited for; beyond that a flood of sign-ins is turned away at no cost.
const QUEUE: usize = 64;

/// The longest password in bytes: far beyond any person's, short enough to be cheap.
pub(crate) const LONGEST: usize = 256;

/// Hashes and verifies passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    working: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// What an unknown account's password is compared with, so that it costs the same.
    nobody: Arc<str>,
}

impl Passwords {
    /// Parameters from the settings. It hashes once, for [`Passwords::verify`] of nobody.
    pub async fn start(settings: &config::Auth) -> Result<Self, Error> {
        let params = Params::new(settings.argon2_memory_kib, settings.argon2_rounds, 1, None)
            .map_err(|error| Error::internal(format!("settings `auth.argon2_…`: {error}")))?;
        let mut passwords = Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            working: Arc::new(Semaphore::new(at_once())),
            queue: Arc::new(Semaphore::new(QUEUE)),
            nobody: Arc::from(""),
        };
        passwords.nobody = Arc::from(passwords.hash("nobody's").await?);
        Ok(passwords)
    }

    /// The hash of a password, in PHC form, with a salt of its own.
    pub async fn hash(&self, password: &str) -> Result<String, Error> {
        let password = password.to_owned();
        self.work(move |argon2| {
            argon2
                .hash_password(password.as_bytes())
                .map(|hash: PasswordHash| hash.to_string())
                .map_err(|error| Error::internal(format!("hashing a password: {error}")))
        })
        .await?
    }

    /// Whether a password is the one that was hashed. Without a hash, because there is no such
    /// account, the answer is no and takes as long.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Error> {
        if password.len() > LONGEST {
            return Ok(false);
        }
        let is_somebody = hash.is_some();
        let hash = hash.unwrap_or(&self.nobody).to_owned();
        let password = password.to_owned();
        let matches = self
            .work(move |argon2| {
                let hash = PasswordHash::new(&hash)
                    .map_err(|error| Error::internal(format!("a password's hash: {error}")))?;
                Ok::<_, Error>(argon2.verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await??;
        Ok(matches && is_somebody)
    }

    /// Runs a hash on a thread of its own when its turn comes.
    async fn work<T: Send + 'static>(
        &self,
        hash: impl FnOnce(Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let _place = self.queue.try_acquire().map_err(|_| busy())?;
        let turn = Arc::clone(&self.working).acquire_owned().await;
        let argon2 = self.argon2.clone();
        tokio::task::spawn_blocking(move || {
            // Held until the work is done, even where the one who asked has gone.
            let _turn = turn;
            hash(argon2)
        })
        .await
        .map_err(|error| Error::internal(error.to_string()))
    }
}

#[cfg(test)]
impl Passwords {
    /// Takes all places of the queue, until it is dropped.
    pub(super) fn occupy(&self) -> tokio::sync::OwnedSemaphorePermit {
        let places = u32::try_from(QUEUE).unwrap();
        let queue = Arc::clone(&self.queue);
        queue.try_acquire_many_owned(places).unwrap()
    }
}

fn busy() -> Error {
    Error::LimitExceeded(Problem::new(
        "Too many people sign in at the moment; try again in a few seconds.",
        "当前登录人数过多，请稍后重试。",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> config::Auth {
        config::Auth {
            argon2_memory_kib: 64,
            argon2_rounds: 1,
            ..config::Auth::default()
        }
    }

    #[tokio::test]
    async fn only_the_right_password_of_an_existing_account_is_right() {
        let passwords = Passwords::start(&cheap()).await.unwrap();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        assert!(
            passwords
                .verify("correct horse", Some(&hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct house", Some(&hash))
                .await
                .unwrap()
        );
        assert!(!passwords.verify("nobody's", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_before_it_costs() {
        let passwords = Passwords::start(&cheap()).await.unwrap();
        let hash = passwords.hash("correct horse").await.unwrap();
        let queue = Arc::clone(&passwords.queue);
        let waiting = u32::try_from(QUEUE - 1).unwrap();
        let _waiting = queue.try_acquire_many(waiting).unwrap();
        assert!(
            passwords
                .verify("correct horse", Some(&hash))
                .await
                .unwrap()
        );
        let _one_more = queue.try_acquire().unwrap();
        let refused = passwords.verify("correct horse", Some(&hash)).await;
        assert!(matches!(refused, Err(Error::LimitExceeded(_))));
    }
}
