//! What fits and what does not, row by row.

#![allow(clippy::too_many_lines, reason = "a table names each case")]

mod known;

use chrono::TimeDelta;
use entity::refund::{RefundKind, RefundStatus};
use proptest::prelude::*;

use super::*;
use crate::reconciliation::model::bill::{RefundRow, RefundThere};
use crate::reconciliation::model::here::{RefundHere, RefundedHere};

fn day() -> BillDay {
    BillDay::of("2026-11-23".parse().unwrap()).unwrap()
}

fn noon() -> DateTime<Utc> {
    day().from + TimeDelta::hours(12)
}

fn order(no: i64) -> OrderHere {
    OrderHere {
        id: OrderId(no),
        payable_minor: 3_600,
        state: PaymentState::Paid,
        trade_no: Some(format!("T{no}")),
        paid_at: Some(noon()),
        fee_minor: Some(22),
        refunded: RefundedHere::default(),
    }
}

fn paid(no: i64) -> PaymentRow {
    PaymentRow {
        trade_no: format!("T{no}"),
        order_no: no.to_string(),
        amount_minor: 3_600,
        fee_minor: Some(22),
        paid_at: noon(),
        state: PaidThere::Paid,
        refunded: RefundedThere::Unsaid,
    }
}

fn refund(no: i64) -> RefundHere {
    RefundHere {
        id: RefundId(RefundId::first_at(noon().timestamp_millis()).0 + no),
        kind: RefundKind::Order,
        order_id: OrderId(1),
        trade_no: Some("T1".to_owned()),
        amount_minor: 600,
        state: RefundStatus::Succeeded,
        fee_returned_minor: 4,
        succeeded_at: Some(noon()),
    }
}

fn refunded_row(refund: &RefundHere) -> RefundRow {
    RefundRow {
        trade_no: "T1".to_owned(),
        order_no: "1".to_owned(),
        refund_no: refund.id.0.to_string(),
        amount_minor: 600,
        fee_minor: Some(4),
        at: noon(),
        state: RefundThere::Succeeded,
    }
}

fn here(orders: impl IntoIterator<Item = OrderHere>) -> Here {
    let mut here = Here::default();
    orders.into_iter().for_each(|order| here.add(order));
    here
}

/// The kinds of what does not fit, and how many rows fit.
fn found(rows: &[BillRow], here: &Here) -> (Vec<Kind>, usize) {
    let compared = compare(BillFormat::WechatPay, rows, here, &day());
    let kinds = compared.differences.iter().map(|one| one.kind).collect();
    (kinds, compared.matched)
}

#[test]
fn each_way_not_to_fit_has_its_kind() {
    let row = |change: &dyn Fn(&mut PaymentRow)| {
        let mut row = paid(1);
        change(&mut row);
        vec![BillRow::Payment(row)]
    };
    let one = |change: &dyn Fn(&mut OrderHere)| {
        let mut one = order(1);
        change(&mut one);
        here([one])
    };
    let same = || one(&|_| {});
    for (what, rows, here, kinds) in [
        ("the same", row(&|_| {}), same(), vec![]),
        (
            "no fee there",
            row(&|row| row.fee_minor = None),
            same(),
            vec![],
        ),
        (
            "no fee here",
            row(&|_| {}),
            one(&|order| order.fee_minor = None),
            vec![],
        ),
        (
            "by their number",
            row(&|row| row.order_no = "X".into()),
            same(),
            vec![],
        ),
        (
            "by 易支付's number",
            row(&|row| (row.order_no, row.trade_no) = ("T1".into(), "4200".into())),
            same(),
            vec![],
        ),
        (
            "another amount",
            row(&|row| row.amount_minor = 3_601),
            same(),
            vec![Kind::AmountMismatch],
        ),
        (
            "another fee",
            row(&|row| row.fee_minor = Some(23)),
            same(),
            vec![Kind::FeeMismatch],
        ),
        (
            "frozen",
            row(&|row| row.state = PaidThere::Frozen),
            same(),
            vec![Kind::StatusMismatch],
        ),
        (
            "unpaid there",
            row(&|row| row.state = PaidThere::Unpaid),
            same(),
            vec![Kind::StatusMismatch],
        ),
        (
            "nobody knows",
            row(&|row| (row.order_no, row.trade_no) = ("2".into(), "T2".into())),
            same(),
            vec![Kind::MissingThere, Kind::MissingHere],
        ),
        (
            "paid twice",
            row(&|row| row.trade_no = "T9".into()),
            same(),
            vec![Kind::MissingThere, Kind::MissingHere],
        ),
        ("not on the bill", vec![], same(), vec![Kind::MissingThere]),
        (
            "unpaid here",
            row(&|_| {}),
            one(&|order| {
                (order.state, order.trade_no, order.paid_at) = (PaymentState::Closed, None, None)
            }),
            vec![Kind::StatusMismatch],
        ),
        (
            "refunded there",
            row(&|row| row.refunded = RefundedThere::Something),
            same(),
            vec![Kind::StatusMismatch],
        ),
        (
            "another refund there",
            row(&|row| row.refunded = RefundedThere::Exactly(5)),
            one(&|order| order.refunded.most = 4),
            vec![Kind::AmountMismatch],
        ),
        (
            "not refunded there",
            row(&|row| row.refunded = RefundedThere::Nothing),
            one(&|order| order.refunded = RefundedHere { least: 1, most: 1 }),
            vec![Kind::StatusMismatch],
        ),
        (
            "refunded since",
            row(&|row| row.refunded = RefundedThere::Nothing),
            one(&|order| order.refunded.most = 4),
            vec![],
        ),
    ] {
        let matched = usize::from(kinds.is_empty());
        assert_eq!(found(&rows, &here), (kinds, matched), "{what}");
    }
}

#[test]
fn a_refund_fits_by_number_amount_state_and_fee() {
    use RefundStatus as Status;
    use RefundThere::{Failed, Processing, Succeeded};
    let check = |state, there, fee, amount| {
        let mut known = refund(1);
        known.state = state;
        if !matches!(state, Status::Succeeded | Status::Reversed) {
            known.succeeded_at = None;
        }
        let mut row = refunded_row(&known);
        (row.state, row.fee_minor, row.amount_minor) = (there, Some(fee), amount);
        let mut here = here([]);
        here.refunds.insert(known.id, known);
        found(&[BillRow::Refund(row)], &here).0
    };
    for (state, there, fee, amount, kinds) in [
        (Status::Succeeded, Succeeded, 4, 600, vec![]),
        (Status::Reversed, Succeeded, 4, 600, vec![]),
        (Status::Succeeded, Processing, 0, 600, vec![]),
        (Status::Failed, Failed, 0, 600, vec![]),
        (Status::Abnormal, Failed, 0, 600, vec![]),
        (
            Status::Succeeded,
            Succeeded,
            3,
            600,
            vec![Kind::FeeMismatch],
        ),
        (
            Status::Succeeded,
            Succeeded,
            4,
            599,
            vec![Kind::AmountMismatch],
        ),
        (
            Status::Succeeded,
            Failed,
            4,
            600,
            vec![Kind::StatusMismatch],
        ),
        (
            Status::Processing,
            Succeeded,
            4,
            600,
            vec![Kind::StatusMismatch],
        ),
        (
            Status::Unknown,
            Succeeded,
            4,
            600,
            vec![Kind::StatusMismatch],
        ),
        (
            Status::AwaitingApproval,
            Processing,
            4,
            600,
            vec![Kind::StatusMismatch],
        ),
        (
            Status::Rejected,
            Succeeded,
            4,
            600,
            vec![Kind::StatusMismatch],
        ),
    ] {
        assert_eq!(
            check(state, there, fee, amount),
            kinds,
            "{state:?} {there:?}"
        );
    }
}

#[test]
fn what_a_bill_lists_twice_fits_once() {
    let known = refund(1);
    let mut here = here([order(1)]);
    let rows = [
        BillRow::Payment(paid(1)),
        BillRow::Payment(paid(1)),
        BillRow::Refund(refunded_row(&known)),
        BillRow::Refund(refunded_row(&known)),
    ];
    here.refunds.insert(known.id, known);
    assert_eq!(found(&rows, &here), (vec![Kind::MissingHere; 2], 2));
}

#[test]
fn a_second_payment_that_is_known_fits() {
    let mut here = here([order(1)]);
    let extra = Extra {
        order_id: OrderId(1),
        received_minor: Some(3_600),
        found_at: noon(),
    };
    here.extras.insert("T9".to_owned(), extra);
    let mut second = paid(1);
    second.trade_no = "T9".to_owned();
    let both = [BillRow::Payment(paid(1)), BillRow::Payment(second)];
    assert_eq!(found(&both, &here), (vec![], 2));
    assert_eq!(found(&both[..1], &here), (vec![Kind::MissingThere], 1));
}

#[test]
fn a_list_of_orders_need_not_have_refunds() {
    let known = refund(1);
    let mut here = here([]);
    here.refunds.insert(known.id, known);
    let compared = compare(BillFormat::Epay, &[], &here, &day());
    assert_eq!(compared.differences, []);
    let compared = compare(BillFormat::Alipay, &[], &here, &day());
    assert_eq!(compared.differences[0].kind, Kind::MissingThere);
}

#[test]
fn what_is_here_on_another_day_fits_and_is_listed() {
    let mut early = order(1);
    early.paid_at = Some(day().from - TimeDelta::minutes(5));
    let compared = compare(
        BillFormat::WechatPay,
        &[BillRow::Payment(paid(1))],
        &here([early]),
        &day(),
    );
    assert_eq!((compared.matched, compared.differences.len()), (1, 0));
    assert_eq!(compared.listed[0].reference, "1 T1");
}

#[test]
fn near_midnight_what_is_missing_is_carried() {
    for (minutes, carried) in [
        (0, true),
        (30, true),
        (31, false),
        (1_409, false),
        (1_410, true),
    ] {
        let mut late = order(1);
        late.paid_at = Some(day().from + TimeDelta::minutes(minutes));
        let mut unknown = paid(2);
        unknown.paid_at = day().from + TimeDelta::minutes(minutes);
        let rows = [BillRow::Payment(unknown)];
        let compared = compare(BillFormat::WechatPay, &rows, &here([late]), &day());
        assert_eq!(compared.differences.len(), 2);
        assert!(
            compared
                .differences
                .iter()
                .all(|one| one.carried == carried),
            "{minutes}"
        );
    }
    // A refund that took longer than a day may stand on the bill of the day on which it was asked for.
    let mut slow = refund(1);
    slow.id = RefundId::first_at((day().from - TimeDelta::hours(20)).timestamp_millis());
    let mut here = here([]);
    here.refunds.insert(slow.id, slow);
    assert!(compare(BillFormat::WechatPay, &[], &here, &day()).differences[0].carried);
}

proptest! {
    #[test]
    fn every_row_fits_or_differs_and_everything_here_is_looked_at(
        listed in prop::collection::btree_set(1_i64..40, 0..30),
        known in prop::collection::btree_set(1_i64..40, 0..30),
    ) {
        let rows: Vec<_> = listed.iter().map(|no| BillRow::Payment(paid(*no))).collect();
        let compared = compare(BillFormat::Alipay, &rows, &here(known.iter().map(|no| order(*no))), &day());
        let count = |kind| compared.differences.iter().filter(|one| one.kind == kind).count();
        prop_assert_eq!(compared.rows, listed.len());
        prop_assert_eq!(compared.matched, listed.intersection(&known).count());
        prop_assert_eq!(count(Kind::MissingHere), listed.difference(&known).count());
        prop_assert_eq!(count(Kind::MissingThere), known.difference(&listed).count());
    }
}
