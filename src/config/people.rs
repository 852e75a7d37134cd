//! Limits on people and peers that can be read but not meant.

use super::{ConfigError, Settings};

/// Buckets of more than that would not be counted exactly in Redis, whose numbers are floating.
const MOST_COST: u64 = 1_000_000_000_000;

impl Settings {
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
        ];
        let spans = [
            ("throttle.queue_timeout_ms", throttle.queue_timeout_ms),
            ("throttle.redis_timeout_ms", throttle.redis_timeout_ms),
            ("http.read_timeout_ms", http.read_timeout_ms),
            ("http.write_timeout_ms", http.write_timeout_ms),
            ("http.drain_timeout_ms", http.drain_timeout_ms),
        ];
        let counts = [
            (
                "throttle.merchant_concurrency",
                count(throttle.merchant_concurrency),
            ),
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
        if self.sockets.drain_jitter_ms >= http.drain_timeout_ms {
            return Err(ConfigError::Invalid {
                name: "http.drain_timeout_ms",
                problem: "must be longer than `sockets.drain_jitter_ms`".to_owned(),
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
            ("HTTP__READ_TIMEOUT_MS", "0", "http.read_timeout_ms"),
            ("HTTP__DRAIN_TIMEOUT_MS", "2000", "http.drain_timeout_ms"),
        ] {
            let environment = [(format!("YIGATE_{variable}"), value.to_owned())];
            let read = Settings::load_from(None, Some(environment.into_iter().collect()));
            let error = read.unwrap_err().to_string();
            assert!(error.contains(named), "{error} does not name {named}");
        }
    }
}
