//! What an incident costs: what was paid meanwhile, against what would have been paid as a rule.

/// What went through a channel since its incident began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Attempts to pay that the platform did not refuse.
    pub attempts: i64,
    /// What they were for, in minor units.
    pub attempted_minor: i64,
    /// Attempts that failed for technical reasons.
    pub failed: i64,
    /// Payments.
    pub paid: i64,
    /// What was paid, in minor units.
    pub paid_minor: i64,
}

/// What an incident costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// Attempts to pay.
    pub attempts: i64,
    /// Attempts that failed for technical reasons.
    pub failed: i64,
    /// Payments that there would have been as a rule.
    pub expected_paid: i64,
    /// Payments that there were.
    pub paid: i64,
    /// What was to be paid as a rule and was not, in minor units.
    pub at_risk_minor: i64,
}

/// What an incident costs where this share of attempts is paid as a rule, in millionths. Where no rule is
/// known, as many are expected as were paid: nothing is claimed that nothing is known about.
#[must_use]
pub fn measure(passed: Passed, baseline_ppm: Option<i32>) -> Impact {
    let (expected_paid, at_risk_minor) = match baseline_ppm {
        None => (passed.paid, 0),
        Some(ppm) => {
            let expected_minor = of_share(passed.attempted_minor, ppm);
            let missing = expected_minor.saturating_sub(passed.paid_minor);
            (of_share(passed.attempts, ppm), missing.max(0))
        }
    };
    Impact {
        attempts: passed.attempts,
        failed: passed.failed,
        expected_paid,
        paid: passed.paid,
        at_risk_minor,
    }
}

/// A share of a number, half up.
fn of_share(number: i64, ppm: i32) -> i64 {
    let share = i128::from(ppm.clamp(0, 1_000_000));
    let exact = i128::from(number.max(0)) * share;
    i64::try_from((exact + 500_000) / 1_000_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(attempts: i64, paid: i64) -> Passed {
        Passed {
            attempts,
            attempted_minor: attempts * 1_000,
            failed: attempts - paid,
            paid,
            paid_minor: paid * 1_000,
        }
    }

    #[test]
    fn what_was_expected_and_not_paid_is_at_risk() {
        for (attempts, paid, baseline, expected, at_risk) in [
            (100, 10, Some(700_000), 70, 60_000),
            (100, 0, Some(1_000_000), 100, 100_000),
            // More came in than as a rule: nothing is at risk, and nothing is gained either.
            (10, 10, Some(700_000), 7, 0),
            (3, 0, Some(500_000), 2, 1_500),
            (0, 0, Some(700_000), 0, 0),
            (100, 10, None, 10, 0),
        ] {
            let impact = measure(passed(attempts, paid), baseline);
            let told = (impact.expected_paid, impact.at_risk_minor);
            assert_eq!(told, (expected, at_risk), "{attempts} {paid} {baseline:?}");
            assert_eq!((impact.attempts, impact.paid), (attempts, paid));
            assert_eq!(impact.failed, attempts - paid);
        }
    }

    #[test]
    fn no_figure_overflows() {
        let most = Passed {
            attempts: i64::MAX,
            attempted_minor: i64::MAX,
            ..Passed::default()
        };
        let impact = measure(most, Some(1_000_000));
        assert_eq!(impact.expected_paid, i64::MAX);
        assert_eq!(impact.at_risk_minor, i64::MAX);
    }
}
