//! Rules as tables keep them: JSON.

use super::rules::Rules;
use crate::error::Error;

impl Rules {
    /// The text that tables keep.
    pub fn to_text(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|error| Error::internal(error.to_string()))
    }

    /// Reads what tables keep. A text that is none is a fault of ours.
    pub fn of_text(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text)
            .map_err(|error| Error::internal(format!("rules cannot be read: {error}")))
    }
}
