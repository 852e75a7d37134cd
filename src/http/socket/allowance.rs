//! How many messages a client may send: so many a second on average, and a second's worth at once.

/// What one message takes; a millisecond gives back as many as there are messages in a second.
const MESSAGE: u64 = 1_000;

/// What a client may still send.
#[derive(Debug)]
pub struct Allowance {
    per_s: u64,
    left: u64,
    counted_ms: i64,
}

impl Allowance {
    /// A second's worth.
    #[must_use]
    pub fn new(per_s: u32, now_ms: i64) -> Self {
        let per_s = u64::from(per_s);
        Self {
            per_s,
            left: per_s * MESSAGE,
            counted_ms: now_ms,
        }
    }

    /// Counts one message; false where it is one too many.
    pub fn take(&mut self, now_ms: i64) -> bool {
        let passed = u64::try_from(now_ms.saturating_sub(self.counted_ms)).unwrap_or_default();
        self.counted_ms = now_ms;
        let back = passed.saturating_mul(self.per_s);
        self.left = self.left.saturating_add(back).min(self.per_s * MESSAGE);
        let Some(left) = self.left.checked_sub(MESSAGE) else {
            return false;
        };
        self.left = left;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seconds_worth_at_once_and_then_as_time_goes_on() {
        let mut allowance = Allowance::new(5, 0);
        let mut taken = |now_ms| (0..20).filter(|_| allowance.take(now_ms)).count();
        assert_eq!(taken(0), 5);
        assert_eq!(taken(199), 0);
        assert_eq!(taken(200), 1);
        assert_eq!(taken(1_000), 4);
        assert_eq!(taken(60_000), 5);
        assert_eq!(taken(59_000), 0, "a clock that turns back gives nothing");
    }
}
