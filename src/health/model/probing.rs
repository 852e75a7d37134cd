//! When a payment platform is probed next, and what a probe that failed is called.

use chrono::{DateTime, TimeDelta, Utc};

use crate::channels::provider::ProviderError;

/// Why a probe failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeError {
    /// No answer came.
    Unavailable,
    /// The answer could not be read.
    Unreadable,
    /// The platform does not want to answer.
    Refused,
    /// The channel's configuration cannot be used there.
    Misconfigured,
}

impl ProbeError {
    const ALL: [Self; 4] = [
        Self::Unavailable,
        Self::Unreadable,
        Self::Refused,
        Self::Misconfigured,
    ];

    /// What went wrong with a platform, and, where the words are our own, in words: a platform's words may
    /// hold anything.
    #[must_use]
    pub fn of(error: &ProviderError) -> (Self, Option<&str>) {
        match error {
            ProviderError::Unavailable(_) => (Self::Unavailable, None),
            ProviderError::Unreadable(what) => (Self::Unreadable, Some(what)),
            ProviderError::Refused { .. } => (Self::Refused, None),
            ProviderError::Misconfigured(what) => (Self::Misconfigured, Some(what)),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Unavailable => "UNAVAILABLE",
            Self::Unreadable => "UNREADABLE",
            Self::Refused => "REFUSED",
            Self::Misconfigured => "MISCONFIGURED",
        }
    }

    /// How it is kept: its name, and behind a blank the words.
    #[must_use]
    pub fn kept(self, words: Option<&str>) -> String {
        match words {
            None => self.name().to_owned(),
            Some(words) => format!("{} {words}", self.name()),
        }
    }

    /// Reads what was kept.
    #[must_use]
    pub fn read(kept: &str) -> Option<(Self, Option<&str>)> {
        let (name, words) = match kept.split_once(' ') {
            None => (kept, None),
            Some((name, words)) => (name, Some(words)),
        };
        let known = Self::ALL.into_iter().find(|known| known.name() == name)?;
        Some((known, words))
    }
}

/// How often platforms are probed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The usual time between two probes of a channel, in milliseconds.
    pub interval_ms: u64,
    /// By how much more or less it may be, so that not all are probed at once.
    pub jitter_ms: u64,
}

impl Pace {
    /// The pace after so many failures in a row: after the first, the next probe comes after a third of the time,
    /// so that two failures are there within two intervals, answers that do not come in time included.
    #[must_use]
    pub fn after(self, failures: i32) -> Self {
        if failures != 1 {
            return self;
        }
        Self {
            interval_ms: self.interval_ms / 3,
            jitter_ms: self.jitter_ms / 3,
        }
    }

    /// When a channel is probed next, with a number drawn at random.
    #[must_use]
    pub fn next(self, now: DateTime<Utc>, drawn: u64) -> DateTime<Utc> {
        let jitter = self.jitter_ms.min(self.interval_ms / 2);
        let ms = self.interval_ms - jitter + drawn % (2 * jitter + 1);
        let ms = i64::try_from(ms).unwrap_or(i64::MAX);
        now + TimeDelta::try_milliseconds(ms).unwrap_or(TimeDelta::days(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_come_an_interval_apart_more_or_less() {
        let now = DateTime::UNIX_EPOCH;
        for (interval_ms, jitter_ms, drawn, ms) in [
            (30_000, 5_000, 0, 25_000),
            (30_000, 5_000, 10_000, 35_000),
            (30_000, 5_000, 10_001, 25_000),
            (30_000, 0, 7, 30_000),
            // However large the jitter, some time lies between.
            (1_000, 60_000, 0, 500),
        ] {
            let pace = Pace {
                interval_ms,
                jitter_ms,
            };
            let wait = (pace.next(now, drawn) - now).num_milliseconds();
            assert_eq!(wait, ms, "{interval_ms} {jitter_ms} {drawn}");
        }
    }

    #[test]
    fn after_the_first_failure_the_next_probe_comes_soon() {
        let pace = Pace {
            interval_ms: 30_000,
            jitter_ms: 3_000,
        };
        for (failures, drawn, ms) in [
            (0, 3_000, 30_000),
            (1, 0, 9_000),
            (1, 2_000, 11_000),
            (2, 3_000, 30_000),
            (50, 3_000, 30_000),
        ] {
            let now = DateTime::UNIX_EPOCH;
            let wait = (pace.after(failures).next(now, drawn) - now).num_milliseconds();
            assert_eq!(wait, ms, "{failures} failures");
        }
    }

    #[test]
    fn what_is_kept_of_an_error_holds_none_of_the_platforms_words() {
        let refused = ProviderError::Refused {
            code: "-1".to_owned(),
            message: "s3cr3t".to_owned(),
        };
        let broken = ProviderError::Unavailable("timeout (10.0.0.1)".to_owned());
        let closed = ProviderError::Misconfigured("the account is closed".to_owned());
        for (error, kept) in [
            (refused, "REFUSED"),
            (broken, "UNAVAILABLE"),
            (closed, "MISCONFIGURED the account is closed"),
        ] {
            let (kind, words) = ProbeError::of(&error);
            assert_eq!(kind.kept(words), kept);
            assert_eq!(ProbeError::read(kept), Some((kind, words)));
        }
        assert_eq!(ProbeError::read("else"), None);
    }
}
