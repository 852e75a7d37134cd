//! What the audit log has to be told soon: that there is something to seal, and which denials were only counted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use entity::MerchantId;
use entity::audit_entry::AuditActor;
use tokio::sync::Notify;

/// How many denials of one actor and one action are written in a minute; the rest are counted.
pub const WRITTEN_A_MINUTE: u64 = 10;

/// How many pairs of actor and action are watched at the same time. More than that are written without being
/// counted together: they need as many people.
const WATCHED: usize = 10_000;

/// Whose denials are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Denied {
    /// In which merchant.
    pub merchant_id: MerchantId,
    /// What kind of actor.
    pub kind: AuditActor,
    /// Who.
    pub actor: String,
    /// What was denied.
    pub action: String,
}

/// A minute of denials.
#[derive(Debug)]
struct Window {
    minute: i64,
    count: u64,
}

/// What is to be sealed, and what was counted. This instance's own.
#[derive(Debug, Default)]
pub struct Audited {
    noted: AtomicBool,
    wake: Notify,
    windows: Mutex<HashMap<Denied, Window>>,
}

impl Audited {
    /// Says that an entry was written in a transaction.
    pub fn noted(&self) {
        self.noted.store(true, Ordering::SeqCst);
    }

    /// Says that a transaction was committed: where it wrote an entry, whoever seals is woken. (Where another's
    /// commit comes first, the entry is sealed a second later.)
    pub fn committed(&self) {
        if self.noted.swap(false, Ordering::SeqCst) {
            self.wake.notify_one();
        }
    }

    /// Waits until an entry was committed here.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Whether one more denial is to be written; otherwise it is counted.
    pub fn is_to_be_written(&self, denied: &Denied, now_ms: i64) -> bool {
        let minute = now_ms.div_euclid(60_000);
        let mut windows = self.lock();
        if !windows.contains_key(denied) && windows.len() >= WATCHED {
            return true;
        }
        let window = windows
            .entry(denied.clone())
            .or_insert(Window { minute, count: 0 });
        // A window of a minute before waits for `over` to take it: what comes now counts with it.
        window.count += 1;
        window.count <= WRITTEN_A_MINUTE
    }

    /// Whose minute is over, and how many denials of theirs were not written.
    pub fn over(&self, now_ms: i64) -> Vec<(Denied, u64)> {
        let minute = now_ms.div_euclid(60_000);
        let mut told = Vec::new();
        self.lock().retain(|denied, window| {
            let is_over = window.minute < minute;
            if is_over && window.count > WRITTEN_A_MINUTE {
                told.push((denied.clone(), window.count - WRITTEN_A_MINUTE));
            }
            !is_over
        });
        told
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Denied, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(action: &str) -> Denied {
        Denied {
            merchant_id: MerchantId(1),
            kind: AuditActor::Staff,
            actor: "stf_1".to_owned(),
            action: action.to_owned(),
        }
    }

    #[test]
    fn ten_denials_a_minute_are_written_and_the_rest_are_counted() {
        let audited = Audited::default();
        let (one, other) = (denied("refundApprove"), denied("apiKeyCreate"));
        let written = (0..25).filter(|_| audited.is_to_be_written(&one, 1_000));
        assert_eq!(written.count(), 10);
        assert!(audited.is_to_be_written(&other, 1_000), "another action");
        assert_eq!(audited.over(59_999), []);
        assert_eq!(audited.over(60_000), [(one.clone(), 15)]);
        assert_eq!(audited.over(60_000), []);
        assert!(audited.is_to_be_written(&one, 60_000), "the next minute");
    }
}
