//! What an answer about our account says: whether the platform is there, and whether it still takes us.

use super::Site;
use super::answer::Answer;
use super::client::unreadable;
use super::config::misconfigured;
use crate::channels::provider::ProviderError;

/// How the platforms say that they do not know what they are asked.
const NO_SUCH_CALL: i64 = -5;

/// A platform that does not know the question is there all the same; any other no is one to our account.
pub(super) fn refused(code: i64) -> Result<(), ProviderError> {
    if code == NO_SUCH_CALL {
        return Ok(());
    }
    // Its words may repeat the key.
    Err(misconfigured(format!(
        "the platform does not take pid and key (code {code})"
    )))
}

/// Whether the account is ours and open: the field is 1. Clones leave it out.
pub(super) fn require_open(site: &Site, answer: &Answer, field: &str) -> Result<(), ProviderError> {
    if answer.text("pid").is_some_and(|pid| pid != site.pid) {
        return Err(unreadable("the answer is about another merchant"));
    }
    match answer.text(field) {
        None | Some("1") => Ok(()),
        Some("2") => Err(misconfigured(
            "the account waits for the platform's approval",
        )),
        Some(_) => Err(misconfigured("the account is closed at the platform")),
    }
}
