//! Unclear answers are no failures, and what may have left is never sent unasked.

use super::*;

#[test]
fn what_may_have_been_sent_is_asked_about() {
    let through = Some(vec![1]);
    let (processing, unknown) = (PayoutStatus::Processing, PayoutStatus::Unknown);
    for (attempts, state, code, sent_through, wanted) in [
        (0, processing, None, None, Doing::Send),
        (1, processing, None, None, Doing::Ask),
        (1, processing, Some(COOLING_OFF), None, Doing::Send),
        (1, processing, Some(COOLING_OFF), through, Doing::Ask),
        (1, unknown, Some(COOLING_OFF), None, Doing::Ask),
        (100, unknown, Some(UNCLEAR), None, Doing::Ask),
    ] {
        let payout = payout::Model {
            error_code: code.map(str::to_owned),
            sent_through,
            ..crate::payouts::model::a_payout(state)
        };
        assert_eq!(doing(&payout, attempts), wanted, "{attempts} {state:?}");
    }
}

#[test]
fn an_unclear_answer_is_never_a_failure() {
    for again in [false, true] {
        for error in [
            ProviderError::Unavailable("timeout".to_owned()),
            ProviderError::Unreadable("a page".to_owned()),
        ] {
            assert_eq!(
                judge_answer(Err(error), again).status,
                PayoutStatus::Unknown
            );
        }
    }
}

#[test]
fn a_refusal_is_believed_only_of_what_was_never_sent_before() {
    let refused = || {
        Err(ProviderError::Refused {
            code: "-1".to_owned(),
            message: "需支付金额大于可转账余额".to_owned(),
        })
    };
    assert_eq!(judge_answer(refused(), false).status, PayoutStatus::Failed);
    assert_eq!(judge_answer(refused(), true).status, PayoutStatus::Unknown);
}

#[test]
fn what_the_bank_had_is_only_ever_returned() {
    let paid = || PayoutOutcome::Paid {
        provider_payout_no: None,
    };
    let failed = PayoutOutcome::Failed {
        code: "status 2".to_owned(),
        message: "退票".to_owned(),
    };
    for (answer, status) in [
        (Ok(paid()), PayoutStatus::Paid),
        (Ok(PayoutOutcome::Unknown), PayoutStatus::Paid),
        (
            Err(ProviderError::Unavailable(String::new())),
            PayoutStatus::Paid,
        ),
        (Ok(failed), PayoutStatus::Returned),
    ] {
        assert_eq!(after_paid(answer).status, status);
    }
}

fn at(text: &str) -> DateTime<Utc> {
    let local: DateTime<chrono::FixedOffset> = format!("{text}:00+08:00").parse().unwrap();
    local.with_timezone(&Utc)
}

#[test]
fn working_days_are_counted_over_holidays_and_roughly_beyond_the_calendar() {
    let calendar = Calendar::read(None).unwrap();
    let after = |from: &str, days| {
        let moment = Moment {
            now: at(from),
            zone: chrono_tz::Asia::Shanghai,
            calendar: &calendar,
        };
        moment.after(at(from), days)
    };
    assert_eq!(after("2026-11-24T12:00", 3), at("2026-11-27T12:00"));
    assert_eq!(after("2026-11-24T12:00", 15), at("2026-12-15T12:00"));
    // The national holiday lies between.
    assert_eq!(after("2026-09-30T12:00", 15), at("2026-10-27T12:00"));
    assert_eq!(after("2026-12-30T12:00", 15), at("2027-01-29T12:00"));
}
