//! Trusted documents: those that clients' builds have written down. Each is read and prepared at the start.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_graphql::ServerError;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Document, Hash, hash_of};

/// The format that a manifest of Apollo's tools names.
const APOLLO: &str = "apollo-persisted-query-manifest";

/// Why a manifest of trusted documents cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("{file} cannot be read: {source}", file = file.display())]
    Unreadable {
        /// The manifest.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no manifest.
    #[error("{file} is no manifest: {problem}", file = file.display())]
    Malformed {
        /// The manifest.
        file: PathBuf,
        /// What it should be.
        problem: String,
    },
    /// A document would not be executed.
    #[error("{file}: the document `{id}` cannot be used: {problem}", file = file.display())]
    Document {
        /// The manifest.
        file: PathBuf,
        /// The document's id.
        id: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Apollo's manifest.
#[derive(Deserialize)]
struct ApolloManifest {
    operations: Vec<ApolloOperation>,
}

#[derive(Deserialize)]
struct ApolloOperation {
    id: String,
    body: String,
}

/// Documents that are trusted, by id and by the hash of their text.
#[derive(Debug, Default)]
pub struct Trusted {
    by_id: HashMap<String, Arc<Document>>,
    by_hash: HashMap<Hash, Arc<Document>>,
}

impl Trusted {
    /// Reads manifests: `{ "ID": "TEXT" }` as `relay-compiler` and graphql-codegen write them, or Apollo's.
    pub fn read(
        manifests: &[PathBuf],
        prepare: impl Fn(&str, Hash) -> Result<Arc<Document>, Vec<ServerError>>,
    ) -> Result<Self, ManifestError> {
        let mut trusted = Self::default();
        for file in manifests {
            for (id, text) in entries(file)? {
                let refused = |problem: String| ManifestError::Document {
                    file: file.clone(),
                    id: id.clone(),
                    problem,
                };
                let hash = hash_of(&text);
                let document = match trusted.by_hash.get(&hash) {
                    Some(known) => Arc::clone(known),
                    None => prepare(&text, hash).map_err(|errors| refused(said(&errors)))?,
                };
                let known = trusted.by_id.insert(id.clone(), Arc::clone(&document));
                if known.is_some_and(|known| known.hash != hash) {
                    return Err(refused(
                        "the id stands for another document, too".to_owned(),
                    ));
                }
                trusted.by_hash.insert(hash, document);
            }
        }
        Ok(trusted)
    }

    /// The document of an id, which may be `sha256:` and the hash of its text.
    pub fn of_id(&self, id: &str) -> Option<Arc<Document>> {
        let by_hash = || self.of_hash(&super::read_hash(id.strip_prefix("sha256:")?)?);
        self.by_id.get(id).cloned().or_else(by_hash)
    }

    /// The document whose text has this hash.
    pub fn of_hash(&self, hash: &Hash) -> Option<Arc<Document>> {
        self.by_hash.get(hash).cloned()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_hash.len()
    }
}

/// The ids and texts of a manifest.
fn entries(file: &Path) -> Result<Vec<(String, String)>, ManifestError> {
    let text = std::fs::read(file).map_err(|source| ManifestError::Unreadable {
        file: file.to_owned(),
        source,
    })?;
    let malformed = |problem: String| ManifestError::Malformed {
        file: file.to_owned(),
        problem,
    };
    let read: Map<String, Value> =
        serde_json::from_slice(&text).map_err(|error| malformed(error.to_string()))?;
    if read.get("format").and_then(Value::as_str) == Some(APOLLO) {
        let read: ApolloManifest = serde_json::from_value(Value::Object(read))
            .map_err(|error| malformed(error.to_string()))?;
        return Ok(read
            .operations
            .into_iter()
            .map(|it| (it.id, it.body))
            .collect());
    }
    let entries = read.into_iter().map(|(id, text)| match text {
        Value::String(text) => Ok((id, text)),
        _ => Err(malformed(format!(
            "`{id}` is no text; write {{ \"ID\": \"TEXT\" }}"
        ))),
    });
    entries.collect()
}

fn said(errors: &[ServerError]) -> String {
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    messages.join("; ")
}
