//! Limits on documents, sockets, people and peers that can be read but not meant.

use super::{ConfigError, Settings};

/// Buckets of more than that would not be counted exactly in Redis, whose numbers are floating.
const MOST_COST: u64 = 1_000_000_000_000;

impl Settings {
    /// Limits of documents: the parser's stack holds no deeper one.
    pub(super) fn check_documents(&self) -> Result<(), ConfigError> {
        let it = &self.documents;
        for (name, value, most) in [
            ("documents.max_bytes", it.max_bytes, 1_048_576),
            ("documents.max_tokens", it.max_tokens, 100_000),
            ("documents.max_nesting", it.max_nesting, 64),
            ("documents.max_depth", it.max_depth, 64),
            ("documents.max_fields", it.max_fields, 100_000),
            ("documents.max_aliases", it.max_aliases, 100_000),
            ("documents.max_directives", it.max_directives, 100_000),
            ("documents.max_roots", it.max_roots, 1_000),
            ("documents.max_fragments", it.max_fragments, 1_000),
        ] {
            if !(1..=most).contains(&value) {
                return Err(ConfigError::Invalid {
                    name,
                    problem: format!("must be from 1 to {most}"),
                });
            }
        }
        if it.only_trusted && it.manifests.is_empty() {
            return Err(ConfigError::Invalid {
                name: "documents.only_trusted",
                problem: "needs `documents.manifests`: without them nothing could be asked"
                    .to_owned(),
            });
        }
        Ok(())
    }

    /// Limits of connections that are neither nothing nor for ever.
    pub(super) fn check_sockets(&self) -> Result<(), ConfigError> {
        let it = &self.sockets;
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let minute = 60_000;
        let spans = [
            ("sockets.init_timeout_ms", it.init_timeout_ms, 1, minute),
            (
                "sockets.ping_interval_ms",
                it.ping_interval_ms,
                1,
                10 * minute,
            ),
            (
                "sockets.comment_interval_ms",
                it.comment_interval_ms,
                1,
                10 * minute,
            ),
            (
                "sockets.recheck_interval_ms",
                it.recheck_interval_ms,
                1,
                minute,
            ),
            (
                "sockets.write_timeout_ms",
                it.write_timeout_ms,
                1,
                10 * minute,
            ),
            // A shutdown takes ten seconds at the most.
            ("sockets.drain_jitter_ms", it.drain_jitter_ms, 0, 6_000),
        ];
        let (bytes, rate) = (
            count(it.max_message_bytes),
            u64::from(it.max_messages_per_s),
        );
        let counts = [
            ("sockets.max_message_bytes", bytes, 1_024, 16_777_216),
            (
                "sockets.max_operations",
                count(it.max_operations),
                1,
                10_000,
            ),
            ("sockets.max_messages_per_s", rate, 1, 1_000_000),
            (
                "sockets.max_per_user",
                count(it.max_per_user),
                1,
                10_000_000,
            ),
            (
                "sockets.max_per_merchant",
                count(it.max_per_merchant),
                1,
                10_000_000,
            ),
        ];
        for (name, value, least, most) in spans.into_iter().chain(counts) {
            if !(least..=most).contains(&value) {
                return Err(ConfigError::Invalid {
                    name,
                    problem: format!("must be from {least} to {most}"),
                });
            }
        }
        Ok(())
    }

    /// How many requests of one merchant are executed at the same time.
    #[must_use]
    pub fn merchant_concurrency(&self) -> u32 {
        let half = (self.database.max_connections / 2).max(1);
        self.throttle.merchant_concurrency.unwrap_or(half)
    }

    /// Limits of spending, of peers and of a shutdown that are neither nothing nor for ever.
    pub(super) fn check_people(&self) -> Result<(), ConfigError> {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let (throttle, http) = (&self.throttle, &self.http);
        let costs = [
            ("throttle.user_burst", throttle.user_burst),
            ("throttle.user_per_s", throttle.user_per_s),
            ("throttle.merchant_burst", throttle.merchant_burst),
            ("throttle.merchant_per_s", throttle.merchant_per_s),
            ("throttle.address_burst", throttle.address_burst),
            ("throttle.address_per_s", throttle.address_per_s),
            ("throttle.page_burst", throttle.page_burst),
            ("throttle.page_per_s", throttle.page_per_s),
        ];
        let spans = [
            ("throttle.queue_timeout_ms", throttle.queue_timeout_ms),
            ("throttle.redis_timeout_ms", throttle.redis_timeout_ms),
            ("http.read_timeout_ms", http.read_timeout_ms),
            ("http.write_timeout_ms", http.write_timeout_ms),
            ("http.drain_timeout_ms", http.drain_timeout_ms),
        ];
        let counts = [
            ("http.max_connections", count(http.max_connections)),
            (
                "http.max_connections_per_address",
                count(http.max_connections_per_address),
            ),
        ];
        let limited = [
            (&costs[..], MOST_COST),
            (&spans, 600_000),
            (&counts, 10_000_000),
        ];
        for (settings, most) in limited {
            for (name, value) in settings {
                if !(1..=most).contains(value) {
                    return Err(ConfigError::Invalid {
                        name,
                        problem: format!("must be from 1 to {most}"),
                    });
                }
            }
        }
        let connections = self.database.max_connections;
        let most = connections.saturating_sub(1).max(1);
        if !(1..=most).contains(&self.merchant_concurrency()) {
            return Err(ConfigError::Invalid {
                name: "throttle.merchant_concurrency",
                problem: format!(
                    "must be from 1 to {most}: fewer than `database.max_connections`, {connections}"
                ),
            });
        }
        let delay = http
            .drain_delay_ms
            .saturating_add(self.sockets.drain_jitter_ms);
        if delay >= http.drain_timeout_ms {
            return Err(ConfigError::Invalid {
                name: "http.drain_timeout_ms",
                problem: "must be longer than `http.drain_delay_ms` and `sockets.drain_jitter_ms` together"
                    .to_owned(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_cannot_be_meant_names_itself() {
        for (variable, value, named) in [
            ("THROTTLE__USER_PER_S", "0", "throttle.user_per_s"),
            ("THROTTLE__PAGE_BURST", "0", "throttle.page_burst"),
            ("THROTTLE__PAGE_PER_S", "0", "throttle.page_per_s"),
            (
                "THROTTLE__ADDRESS_BURST",
                "1000000000001",
                "throttle.address_burst",
            ),
            (
                "THROTTLE__MERCHANT_CONCURRENCY",
                "0",
                "throttle.merchant_concurrency",
            ),
            (
                "THROTTLE__MERCHANT_CONCURRENCY",
                "16",
                "throttle.merchant_concurrency",
            ),
            ("HTTP__READ_TIMEOUT_MS", "0", "http.read_timeout_ms"),
            ("HTTP__DRAIN_TIMEOUT_MS", "2000", "http.drain_timeout_ms"),
            ("HTTP__DRAIN_DELAY_MS", "8000", "http.drain_delay_ms"),
        ] {
            let environment = [(format!("YIGATE_{variable}"), value.to_owned())];
            let read = Settings::load_from(None, Some(environment.into_iter().collect()));
            let error = read.unwrap_err().to_string();
            assert!(error.contains(named), "{error} does not name {named}");
        }
    }

    #[test]
    fn a_merchant_never_has_all_connections_unless_there_is_one() {
        for (connections, wanted, most) in [
            (16, None, Some(8)),
            (8, None, Some(4)),
            (1, None, Some(1)),
            (1, Some(1), Some(1)),
            (1, Some(2), None),
            (8, Some(7), Some(7)),
            (8, Some(8), None),
        ] {
            let mut settings = Settings::default();
            settings.database.max_connections = connections;
            settings.throttle.merchant_concurrency = wanted;
            let told = settings.check_people().is_ok();
            let told = told.then(|| settings.merchant_concurrency());
            assert_eq!(told, most, "{wanted:?} of {connections}");
        }
    }
}
