//! What of a list of transfers fits and what does not, row by row.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

fn day() -> BillDay {
    BillDay::of("2026-11-23".parse().unwrap()).unwrap()
}

fn noon() -> DateTime<Utc> {
    day().from + TimeDelta::hours(12)
}

fn payout(no: i64, state: PayoutStatus) -> PayoutHere {
    PayoutHere {
        id: PayoutId(no),
        net_minor: 49_900,
        fee_minor: 100,
        state,
        bank_no: Some(format!("B{no}")),
        sent_at: Some(noon()),
        of_channel: true,
    }
}

fn row(no: i64, state: TransferThere) -> TransferRow {
    TransferRow {
        payout_no: no.to_string(),
        transfer_no: no.to_string(),
        bank_no: format!("B{no}"),
        amount_minor: 49_900,
        fee_minor: Some(100),
        at: noon(),
        state,
    }
}

fn here(payouts: impl IntoIterator<Item = PayoutHere>) -> Here {
    let mut here = Here::default();
    payouts
        .into_iter()
        .for_each(|payout| here.add_payout(payout));
    here
}

fn found(rows: &[TransferRow], here: &Here) -> (Vec<Kind>, usize) {
    let compared = compare_transfers(rows, here, &day());
    let kinds = compared.differences.iter().map(|one| one.kind);
    (kinds.collect(), compared.matched)
}

#[test]
fn states_that_can_both_be_true_fit() {
    use PayoutStatus::{Canceled, Failed, Paid, Processing, Returned, Unknown};
    for (state, there, fits) in [
        (Paid, TransferThere::Paid, true),
        (Returned, TransferThere::Paid, true),
        (Unknown, TransferThere::Paid, false),
        (Failed, TransferThere::Paid, false),
        (Processing, TransferThere::Processing, true),
        (Paid, TransferThere::Processing, true),
        (Canceled, TransferThere::Processing, false),
        (Paid, TransferThere::Failed, false),
        (Failed, TransferThere::Failed, true),
        (Returned, TransferThere::Failed, true),
    ] {
        let (kinds, matched) = found(&[row(1, there)], &here([payout(1, state)]));
        let wanted = if fits {
            vec![]
        } else {
            vec![Kind::StatusMismatch]
        };
        assert_eq!(
            (kinds, matched),
            (wanted, usize::from(fits)),
            "{state:?} {there:?}"
        );
    }
}

#[test]
fn another_amount_or_fee_does_not_fit() {
    let known = here([payout(1, PayoutStatus::Paid)]);
    let more = TransferRow {
        amount_minor: 49_901,
        ..row(1, TransferThere::Paid)
    };
    assert_eq!(found(&[more], &known).0, [Kind::AmountMismatch]);
    let dearer = TransferRow {
        fee_minor: Some(250),
        ..row(1, TransferThere::Paid)
    };
    let compared = compare_transfers(&[dearer], &known, &day());
    let one = &compared.differences[0];
    assert_eq!(one.kind, Kind::FeeMismatch);
    assert_eq!(
        (one.about.expected_minor, one.about.received_minor),
        (Some(100), Some(250))
    );
    let unsaid = TransferRow {
        fee_minor: None,
        ..row(1, TransferThere::Paid)
    };
    assert_eq!(found(&[unsaid], &known), (vec![], 1));
}

#[test]
fn what_one_side_alone_knows_is_missing_on_the_other() {
    let nothing = here([]);
    assert_eq!(
        found(&[row(1, TransferThere::Paid)], &nothing).0,
        [Kind::MissingHere]
    );
    assert_eq!(
        found(&[row(1, TransferThere::Failed)], &nothing),
        (vec![], 1)
    );
    for (state, missing) in [
        (PayoutStatus::Paid, true),
        (PayoutStatus::Unknown, true),
        (PayoutStatus::Processing, false),
        (PayoutStatus::Failed, false),
        (PayoutStatus::Canceled, false),
    ] {
        let (kinds, _) = found(&[], &here([payout(1, state)]));
        let wanted = if missing {
            vec![Kind::MissingThere]
        } else {
            vec![]
        };
        assert_eq!(kinds, wanted, "{state:?}");
    }
    let elsewhere = PayoutHere {
        of_channel: false,
        ..payout(1, PayoutStatus::Paid)
    };
    assert_eq!(found(&[], &here([elsewhere.clone()])), (vec![], 0));
    assert_eq!(
        found(&[row(1, TransferThere::Paid)], &here([elsewhere])),
        (vec![], 1)
    );
}

#[test]
fn a_transfer_is_known_by_the_banks_number_too_and_counts_once() {
    let known = here([payout(7, PayoutStatus::Paid)]);
    let foreign = TransferRow {
        payout_no: "20261123120000123456".to_owned(),
        ..row(7, TransferThere::Paid)
    };
    assert_eq!(found(&[foreign], &known), (vec![], 1));
    let twice = [row(7, TransferThere::Paid), row(7, TransferThere::Paid)];
    assert_eq!(found(&twice, &known), (vec![Kind::MissingHere], 1));
}

#[test]
fn near_midnight_the_neighbouring_day_may_have_it() {
    let late = PayoutHere {
        sent_at: Some(day().to - TimeDelta::minutes(1)),
        ..payout(1, PayoutStatus::Paid)
    };
    let compared = compare_transfers(&[], &here([late.clone()]), &day());
    assert!(compared.differences[0].carried);
    let next = BillDay::of("2026-11-24".parse().unwrap()).unwrap();
    let compared = compare_transfers(&[row(1, TransferThere::Paid)], &here([late]), &next);
    assert_eq!((compared.matched, compared.listed.len()), (1, 1));
    let noons = compare_transfers(&[], &here([payout(1, PayoutStatus::Paid)]), &day());
    assert!(!noons.differences[0].carried);
}

#[test]
fn small_amounts_are_compared_as_payouts_are() {
    let check = |sent| CheckHere {
        id: BankAccountId(9),
        amount_minor: 68,
        sent,
        asked_at: Some(noon()),
        of_channel: true,
    };
    let row = |amount_minor, state| TransferRow {
        amount_minor,
        ..row(9, state)
    };
    for (sent, rows, kinds) in [
        (true, vec![row(68, TransferThere::Paid)], vec![]),
        (
            true,
            vec![row(67, TransferThere::Paid)],
            vec![Kind::AmountMismatch],
        ),
        (
            true,
            vec![row(68, TransferThere::Failed)],
            vec![Kind::StatusMismatch],
        ),
        (true, vec![], vec![Kind::MissingThere]),
        (
            false,
            vec![row(68, TransferThere::Paid)],
            vec![Kind::StatusMismatch],
        ),
        (false, vec![row(68, TransferThere::Failed)], vec![]),
        (false, vec![], vec![]),
    ] {
        let mut here = Here::default();
        here.checks.insert(BankAccountId(9), check(sent));
        assert_eq!(found(&rows, &here).0, kinds, "{sent} {rows:?}");
    }
}

proptest! {
    #[test]
    fn every_payout_of_the_day_fits_or_is_a_difference(
        known in prop::collection::btree_set(1_i64..30, 0..12),
        listed in prop::collection::btree_set(1_i64..30, 0..12),
    ) {
        let rows: Vec<_> = listed.iter().map(|no| row(*no, TransferThere::Paid)).collect();
        let here = here(known.iter().map(|no| payout(*no, PayoutStatus::Paid)));
        let compared = compare_transfers(&rows, &here, &day());
        prop_assert_eq!(compared.matched, known.intersection(&listed).count());
        prop_assert_eq!(compared.differences.len(), known.symmetric_difference(&listed).count());
        prop_assert_eq!(compared.rows, rows.len());
    }
}
