//! Documents: found by text, id or hash; guarded, parsed, weighed, validated and priced, each once.
//!
//! The order is the guard's: what could hurt the next step was refused by the one before. Verdicts are kept by
//! the hash of the text, so that a client that sends the same again costs a look-up, valid or not.

mod contract;
mod cost;
mod merging;
mod persisted;
mod prepared;
mod prices;
mod scan;
mod trusted;
mod validation;
mod weight;

use std::sync::Arc;

use apollo_compiler::validation::Valid;
use async_graphql::ServerError;
use async_graphql::parser::types::ExecutableDocument;
use aws_lc_rs::digest;
use data_encoding::HEXLOWER_PERMISSIVE;
use moka::sync::Cache;

use super::request::Params;
use crate::config::{Documents as Limits, Settings};
use crate::error::Error;
use crate::metrics::Metrics;

use contract::{Contract, contract};
use cost::Formula;
use persisted::Persisted;
use trusted::Trusted;

pub use prepared::Prepared;
pub use trusted::ManifestError;

/// The SHA-256 of a document's text.
pub type Hash = [u8; 32];

/// About how much memory verdicts may take.
const VERDICT_BYTES: u64 = 64 * 1_024 * 1_024;
/// About how many times its text a prepared document weighs: it is kept for the executor and for pricing.
const TIMES_TEXT: usize = 60;
/// About how much a verdict weighs beside that.
const VERDICT_OVERHEAD: usize = 1_024;

/// A document that is fit to be executed.
#[derive(Debug)]
pub struct Document {
    hash: Hash,
    /// As the executor takes it.
    parsed: Arc<ExecutableDocument>,
    /// As it was validated.
    valid: Valid<apollo_compiler::ExecutableDocument>,
    formula: Formula,
}

/// A document, or what is wrong with its text.
type Verdict = Result<Arc<Document>, Arc<Vec<ServerError>>>;

/// Every document that is known.
#[derive(Debug)]
pub struct Documents {
    limits: Limits,
    contract: &'static Contract,
    verdicts: Cache<Hash, Verdict>,
    trusted: Trusted,
    persisted: Persisted,
    metrics: Metrics,
}

/// How a request names its document.
enum Named<'a> {
    Text(&'a str),
    Id(&'a str),
    Hash(Hash),
    /// A text, to be kept under its hash.
    Both(&'a str, Hash),
}

impl Documents {
    /// Reads the manifests; a document in them that would not be executed stops the start.
    pub fn new(settings: &Settings, metrics: Metrics) -> Result<Self, ManifestError> {
        let limits = settings.documents.clone();
        let contract = contract();
        let prepare = |text: &str, hash| Document::read(text, hash, &limits, contract);
        let trusted = Trusted::read(&limits.manifests, prepare)?;
        if !limits.manifests.is_empty() {
            tracing::info!(count = trusted.len(), "trusted documents are known");
        }
        let weigh =
            |_: &Hash, verdict: &Verdict| u32::try_from(weight(verdict)).unwrap_or(u32::MAX);
        let verdicts = Cache::builder();
        Ok(Self {
            verdicts: verdicts.max_capacity(VERDICT_BYTES).weigher(weigh).build(),
            persisted: Persisted::new(settings.redis.url.as_deref().filter(|_| limits.persisted)),
            limits,
            contract,
            trusted,
            metrics,
        })
    }

    /// Finds out what a request asks for and what that costs; what cannot be meant, is not trusted or
    /// would cost too much is refused.
    pub async fn prepare(&self, params: Params) -> Result<Prepared, Vec<ServerError>> {
        let document = self.document(&params).await?;
        Prepared::new(document, params, &self.limits, self.contract)
    }

    /// The document of a text, prepared now or before: the guard, and nothing beside.
    pub fn of_text(&self, text: &str) -> Result<Arc<Document>, Vec<ServerError>> {
        self.of_hashed(text, hash_of(text))
    }

    async fn document(&self, params: &Params) -> Result<Arc<Document>, Vec<ServerError>> {
        if let Some(text) = params.query.as_deref().filter(|_| params.is_ours) {
            return self.of_text(text);
        }
        let refused = |error: Error| vec![unplaced(error)];
        let named = named(params).map_err(refused)?;
        let trusted = match &named {
            Named::Id(id) => {
                return self
                    .trusted
                    .of_id(id)
                    .ok_or_else(|| refused(Error::NotTrusted));
            }
            Named::Hash(hash) | Named::Both(_, hash) => self
                .trusted
                .of_id(&hex(hash))
                .or_else(|| self.trusted.of_hash(hash)),
            Named::Text(text) if self.limits.only_trusted => self.trusted.of_hash(&hash_of(text)),
            Named::Text(_) => None,
        };
        match (trusted, named) {
            (Some(document), _) => Ok(document),
            (None, _) if self.limits.only_trusted => Err(refused(Error::NotTrusted)),
            (None, Named::Text(text)) => self.of_text(text),
            (None, Named::Both(text, hash)) => self.keep(text, hash),
            (None, Named::Hash(_)) if !self.limits.persisted => {
                Err(refused(Error::PersistedNotSupported))
            }
            (None, Named::Hash(hash)) => self.of_hash(&hash).await,
            (None, Named::Id(_)) => Err(refused(Error::NotTrusted)),
        }
    }

    /// A document whose text and hash were sent. What passes is kept for all instances.
    fn keep(&self, text: &str, hash: Hash) -> Result<Arc<Document>, Vec<ServerError>> {
        if hash_of(text) != hash {
            return Err(vec![unplaced(Error::bad_input(
                "extensions.persistedQuery.sha256Hash",
                "is not the SHA-256 of `query` in hexadecimal digits.",
                "不是 `query` 的 SHA-256 十六进制值。",
            ))]);
        }
        let document = self.of_hashed(text, hash)?;
        if self.limits.persisted {
            self.persisted.keep(&hash, text);
        }
        Ok(document)
    }

    /// A document whose hash alone was sent: prepared here before, or kept for all instances.
    async fn of_hash(&self, hash: &Hash) -> Result<Arc<Document>, Vec<ServerError>> {
        if let Some(Ok(known)) = self.verdicts.get(hash) {
            return Ok(known);
        }
        match self.persisted.maybe_find(hash, self.limits.max_bytes).await {
            Some(text) => self.of_hashed(&text, *hash),
            None => Err(vec![unplaced(Error::PersistedNotFound)]),
        }
    }

    fn of_hashed(&self, text: &str, hash: Hash) -> Result<Arc<Document>, Vec<ServerError>> {
        let read = || Document::read(text, hash, &self.limits, self.contract).map_err(Arc::new);
        // Of requests that send the same new text together, one reads it.
        let verdict = self.verdicts.entry(hash).or_insert_with(read);
        if verdict.is_fresh() {
            self.metrics.document_misses.inc();
        } else {
            self.metrics.document_hits.inc();
        }
        let verdict = verdict.into_value();
        verdict.map_err(|errors| errors.as_ref().clone())
    }
}

impl Document {
    /// Guards, parses, weighs, merges, validates and prices a text.
    fn read(
        text: &str,
        hash: Hash,
        limits: &Limits,
        contract: &Contract,
    ) -> Result<Arc<Self>, Vec<ServerError>> {
        let refused = |error: Error| vec![unplaced(error)];
        scan::check(text, limits).map_err(refused)?;
        let parsed = async_graphql::parser::parse_query(text);
        let mut parsed = parsed.map_err(|error| vec![ServerError::from(error)])?;
        weight::check(&parsed, limits).map_err(refused)?;
        merging::merge(&mut parsed).map_err(refused)?;
        let valid = validation::validate(text, contract)?;
        let formula = Formula::read(&valid, contract);
        Ok(Arc::new(Self {
            hash,
            parsed: Arc::new(parsed),
            valid,
            formula,
        }))
    }
}

/// How a request names its document.
fn named(params: &Params) -> Result<Named<'_>, Error> {
    let text = params.query.as_deref().filter(|text| !text.is_empty());
    if let Some(id) = params.document_id.as_deref() {
        return match text {
            None => Ok(Named::Id(id)),
            Some(_) => Err(Error::bad_input(
                "documentId",
                "stands for a document: send it, or `query`, not both.",
                "已指定文档：请只发送 `documentId` 或 `query` 之一。",
            )),
        };
    }
    let persisted = params
        .extensions
        .as_ref()
        .and_then(|it| it.get("persistedQuery"));
    let Some(persisted) = persisted.filter(|it| !it.is_null()) else {
        return Ok(Named::Text(text.unwrap_or_default()));
    };
    let is_known = persisted["version"] == 1;
    let hash = persisted["sha256Hash"].as_str().filter(|_| is_known);
    match (hash.and_then(read_hash), text) {
        (Some(hash), Some(text)) => Ok(Named::Both(text, hash)),
        (Some(hash), None) => Ok(Named::Hash(hash)),
        (None, _) => Err(unreadable_hash()),
    }
}

fn unreadable_hash() -> Error {
    Error::bad_input(
        "extensions.persistedQuery",
        "must be `{ \"version\": 1, \"sha256Hash\": … }` with 64 hexadecimal digits.",
        "必须为 `{ \"version\": 1, \"sha256Hash\": … }`，哈希为 64 位十六进制数字。",
    )
}

/// About how much memory a verdict takes.
fn weight(verdict: &Verdict) -> usize {
    let inner = match verdict {
        Ok(document) => {
            let texts = document.valid.sources.values();
            let length: usize = texts.map(|text| text.source_text().len()).sum();
            length.saturating_mul(TIMES_TEXT)
        }
        Err(errors) => errors.iter().map(|error| error.message.len() + 256).sum(),
    };
    inner.saturating_add(VERDICT_OVERHEAD)
}

/// The SHA-256 of a text.
pub fn hash_of(text: &str) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    hash
}

/// A hash in digits.
pub fn hex(hash: &Hash) -> String {
    HEXLOWER_PERMISSIVE.encode(hash)
}

/// A hash from its digits.
fn read_hash(digits: &str) -> Option<Hash> {
    HEXLOWER_PERMISSIVE
        .decode(digits.as_bytes())
        .ok()?
        .try_into()
        .ok()
}

/// An error that lies at no place of a document.
pub(super) fn unplaced(error: Error) -> ServerError {
    let error = async_graphql::Error::from(error);
    let mut error = error.into_server_error(async_graphql::Pos::default());
    error.locations.clear();
    error
}

/// The schema in its own language, with its prices: what `schema.graphql` holds.
#[must_use]
pub fn sdl() -> &'static str {
    &contract().sdl
}

/// How deep the executor may go: as deep as was weighed. Its own default is lower.
pub const fn nesting(limits: &Limits) -> usize {
    weight::nesting(limits)
}

#[cfg(test)]
mod tests;
