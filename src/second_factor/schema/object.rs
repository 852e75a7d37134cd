//! A second factor, as its owner sees it.

use async_graphql::Object;

use crate::graphql::scalars::Timestamp;
use crate::second_factor::model::PENDING_FOR;
use crate::second_factor::service::Standing;

/// A second factor 二次验证: the codes of an authenticator app that a member of staff proves themselves with,
/// in all merchants that they work for.
#[derive(Clone, Copy, Debug)]
pub struct SecondFactor(pub Standing);

/// A second factor 二次验证: the codes of an authenticator app that a member of staff proves themselves with,
/// in all merchants that they work for.
#[Object]
impl SecondFactor {
    /// Whether there is one that counts 已绑定.
    async fn confirmed(&self) -> bool {
        self.0.confirmed_at.is_some()
    }

    /// Since when it counts; null where there is none.
    async fn confirmed_at(&self) -> Option<Timestamp> {
        self.0.confirmed_at.map(Into::into)
    }

    /// Until when one that was set up with `totpEnroll` can be confirmed; null where none waits.
    async fn confirm_before(&self) -> Option<Timestamp> {
        let at = self.0.pending_at?;
        Some(Timestamp(at.0 + PENDING_FOR))
    }

    /// How many recovery codes 恢复码 are not used yet.
    async fn recovery_codes_left(&self) -> u64 {
        self.0.recovery_codes_left
    }

    /// Until when no code is looked at, since there were too many wrong ones 锁定至; null where there were not.
    async fn blocked_until(&self) -> Option<Timestamp> {
        self.0.blocked_until.map(Into::into)
    }

    /// Until when no money leaves by it, since it is new 冷静期至; null where it may.
    async fn rests_until(&self) -> Option<Timestamp> {
        self.0.rests_until.map(Into::into)
    }
}
