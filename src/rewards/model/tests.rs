//! What rewards may be, what may become of them, and when they can be had.

use chrono::{DateTime, TimeDelta, Utc};
use entity::reward::{Model, RewardKind, RewardState};
use entity::{CouponTemplateId, Instant, MerchantId, RewardId};

use super::*;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn at(seconds: i64) -> Option<Instant> {
    Some(Instant(noon() + TimeDelta::seconds(seconds)))
}

fn draft() -> RewardDraft {
    RewardDraft {
        texts: Texts {
            name: " 保温杯 ".to_owned(),
            name_en: Some("  ".to_owned()),
            ..Texts::default()
        },
        kind: RewardKind::Goods,
        template_id: None,
        points: 500,
        stock: Some(10),
        per_member: None,
        starts_at: None,
        ends_at: None,
    }
}

fn row() -> Model {
    Model {
        merchant_id: MerchantId(1),
        id: RewardId(1),
        name: "保温杯".to_owned(),
        name_en: None,
        description: None,
        description_en: None,
        kind: RewardKind::Goods,
        template_id: None,
        state: RewardState::Active,
        version: 1,
        points: 500,
        stock: Some(10),
        taken: 4,
        per_member: Some(1),
        starts_at: None,
        ends_at: None,
        created_by: String::new(),
        updated_at: Instant(noon()),
    }
}

#[test]
fn what_cannot_be_meant_is_named() {
    let checked = draft().check(noon()).unwrap();
    assert_eq!(
        (checked.texts.name.as_str(), checked.texts.name_en),
        ("保温杯", None)
    );
    let field = |change: fn(&mut RewardDraft)| {
        let mut draft = draft();
        change(&mut draft);
        draft.check(noon()).unwrap_err().field
    };
    assert_eq!(field(|it| it.texts.name = " ".to_owned()), "name");
    assert_eq!(
        field(|it| it.texts.name_en = Some("x".repeat(61))),
        "nameEn"
    );
    assert_eq!(
        field(|it| it.texts.description = Some("x".repeat(1_001))),
        "description"
    );
    assert_eq!(field(|it| it.points = 0), "points");
    assert_eq!(field(|it| it.stock = Some(-1)), "stock");
    assert_eq!(field(|it| it.per_member = Some(0)), "perMember");
    assert_eq!(field(|it| it.kind = RewardKind::Coupon), "couponTemplateId");
    assert_eq!(
        field(|it| it.template_id = Some(CouponTemplateId(1))),
        "couponTemplateId"
    );
    assert_eq!(field(|it| it.ends_at = at(0)), "endsAt");
    assert_eq!(
        field(|it| (it.starts_at, it.ends_at) = (at(20), at(20))),
        "endsAt"
    );
}

#[test]
fn stock_goes_down_to_what_is_taken_and_an_end_is_for_good() {
    let change = |change: RewardChange| change.apply(&row(), noon());
    let stock = |stock| RewardChange {
        stock: Some(stock),
        ..RewardChange::default()
    };
    assert_eq!(change(stock(Some(4))).unwrap().stock, Some(4));
    assert_eq!(change(stock(None)).unwrap().stock, None);
    assert_eq!(
        change(stock(Some(3))),
        Err(UpdateRefusal::StockBelowTaken { taken: 4 })
    );
    assert_eq!(change(RewardChange::default()).unwrap(), row());
    let ended = Model {
        state: RewardState::Ended,
        ..row()
    };
    let state = |state| RewardChange {
        state: Some(state),
        ..RewardChange::default()
    };
    assert_eq!(
        state(RewardState::Active).apply(&ended, noon()),
        Err(UpdateRefusal::Ended)
    );
    assert_eq!(stock(None).apply(&ended, noon()), Err(UpdateRefusal::Ended));
    assert_eq!(
        state(RewardState::Ended).apply(&ended, noon()).unwrap(),
        ended
    );
}

#[test]
fn time_state_and_stock_say_whether_a_reward_can_be_had() {
    let why = |change: fn(&mut Model)| {
        let mut row = row();
        change(&mut row);
        hindrance(&row, noon())
    };
    assert_eq!(why(|_| {}), None);
    assert_eq!(why(|row| row.stock = None), None);
    assert_eq!(why(|row| row.stock = Some(4)), Some(RedeemRefusal::SoldOut));
    let paused = why(|row| row.state = RewardState::Paused);
    assert_eq!(paused, Some(RedeemRefusal::NotActive));
    assert_eq!(
        why(|row| row.starts_at = at(1)),
        Some(RedeemRefusal::NotYet)
    );
    assert_eq!(why(|row| row.starts_at = at(0)), None);
    assert_eq!(why(|row| row.ends_at = at(0)), Some(RedeemRefusal::Over));
    assert_eq!(why(|row| row.ends_at = at(1)), None);
}
