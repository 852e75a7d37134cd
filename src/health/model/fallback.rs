//! Which channel to offer instead of one that does not work: the one whose success is best proved.

use entity::ChannelId;
use entity::channel_health::HealthState;

use super::rate::{Sureness, share, wilson};

/// How many attempts of the last day say something about a channel.
pub const LEAST_ATTEMPTS: i64 = 20;

/// A channel that may be offered instead, and what went through it in the last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The channel; it is enabled.
    pub channel_id: ChannelId,
    /// How it is.
    pub state: HealthState,
    /// Attempts to pay.
    pub attempts: i64,
    /// Payments.
    pub paid: i64,
}

/// The channel to offer, and the share of attempts that is paid there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// The channel.
    pub channel_id: ChannelId,
    /// The share, in millionths.
    pub success_ppm: i32,
}

/// The best of the channels other than `broken`; none where none works or too little is known of all. Of
/// two, the one whose success is at least as high with more certainty: a lucky few attempts do not win.
#[must_use]
pub fn choose(broken: ChannelId, candidates: &[Candidate]) -> Option<Fallback> {
    candidates
        .iter()
        .filter(|one| one.channel_id != broken && works(one.state))
        .filter(|one| one.attempts >= LEAST_ATTEMPTS && one.paid > 0)
        .max_by_key(|one| {
            let proved = proved(one.paid, one.attempts);
            (proved, std::cmp::Reverse(one.channel_id))
        })
        .map(|one| Fallback {
            channel_id: one.channel_id,
            success_ppm: share(one.paid, one.attempts)
                .and_then(|ppm| i32::try_from(ppm).ok())
                .unwrap_or(0),
        })
}

const fn works(state: HealthState) -> bool {
    matches!(state, HealthState::Healthy | HealthState::Unknown)
}

/// The lower bound of a share, at 95 %, in millionths.
fn proved(part: i64, whole: i64) -> i64 {
    wilson(part, whole, Sureness(1_960)).lower
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(id: i64, state: HealthState, attempts: i64, paid: i64) -> Candidate {
        Candidate {
            channel_id: ChannelId(id),
            state,
            attempts,
            paid,
        }
    }

    #[test]
    fn the_best_proved_of_those_that_work_is_offered() {
        use HealthState::{Degraded, Down, Healthy, Maintenance, Unknown};
        let broken = one(1, Down, 1_000, 990);
        for (case, others, offered) in [
            ("nobody", vec![], None),
            ("itself alone", vec![one(1, Healthy, 1_000, 990)], None),
            (
                "the better one",
                vec![one(2, Healthy, 200, 150), one(3, Healthy, 200, 160)],
                Some((3, 800_000)),
            ),
            (
                "many attempts against a lucky few",
                vec![one(2, Healthy, 20, 19), one(3, Healthy, 2_000, 1_800)],
                Some((3, 900_000)),
            ),
            (
                "too few attempts",
                vec![one(2, Healthy, LEAST_ATTEMPTS - 1, LEAST_ATTEMPTS - 1)],
                None,
            ),
            (
                "none that has its own trouble",
                vec![
                    one(2, Down, 500, 500),
                    one(3, Degraded, 500, 499),
                    one(4, Maintenance, 500, 498),
                    one(5, Unknown, 500, 400),
                ],
                Some((5, 800_000)),
            ),
            ("one that nobody pays", vec![one(2, Healthy, 500, 0)], None),
            (
                "the older of two equals",
                vec![one(3, Healthy, 100, 80), one(2, Healthy, 100, 80)],
                Some((2, 800_000)),
            ),
        ] {
            let mut all = vec![broken];
            all.extend(others);
            let offered = offered.map(|(id, success_ppm)| Fallback {
                channel_id: ChannelId(id),
                success_ppm,
            });
            assert_eq!(choose(ChannelId(1), &all), offered, "{case}");
        }
    }
}
