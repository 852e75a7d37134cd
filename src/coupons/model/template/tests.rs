//! Templates: what is refused, what may change, how long coupons hold.

use chrono::TimeZone;
use entity::campaign::BenefitKind;
use entity::{CouponTemplateId, MerchantId};

use super::*;
use crate::campaigns::model::Benefit;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 29, 12, 0, 0).unwrap()
}

fn rules() -> Rules {
    Rules {
        benefit: Benefit::Cash { off_minor: 500 },
        scope: crate::campaigns::model::Scope::default(),
        audience: crate::campaigns::model::Audience::default(),
        hours: Vec::new(),
        stacking: crate::campaigns::model::Stacking::default(),
        limits: Limits::default(),
    }
}

fn draft() -> TemplateDraft {
    TemplateDraft {
        name: " 五元券 ".to_owned(),
        rules: rules(),
        validity: Validity::Days(7),
        quantity: 100,
        per_member: Some(1),
        claim_code: Some("spring-5".to_owned()),
        refund_policy: RefundPolicy::Restore,
    }
}

fn row() -> Model {
    Model {
        merchant_id: MerchantId(1),
        id: CouponTemplateId(7),
        name: "五元券".to_owned(),
        state: TemplateState::Active,
        version: 1,
        kind: BenefitKind::Cash,
        rules: String::new(),
        valid_from: None,
        valid_until: None,
        valid_days: Some(7),
        quantity: 100,
        per_member: None,
        claim_code: None,
        refund_policy: RefundPolicy::Restore,
        created_by: "stf_1".to_owned(),
        updated_at: Instant(now()),
    }
}

#[test]
fn a_template_is_trimmed_and_its_code_is_kept_in_capitals() {
    let checked = draft().check(now()).unwrap();
    assert_eq!(checked.name, "五元券");
    assert_eq!(checked.claim_code.as_deref(), Some("SPRING-5"));
}

#[test]
fn what_cannot_be_meant_is_named() {
    type Spoil = fn(&mut TemplateDraft);
    let cases: [(&str, Spoil); 13] = [
        ("name", |it| it.name = "  ".to_owned()),
        ("name", |it| it.name = "券".repeat(61)),
        ("name", |it| it.name = "a\nb".to_owned()),
        ("rules.limits", |it| it.rules.limits.per_day = Some(1)),
        ("rules.limits", |it| it.rules.limits.budget_minor = Some(1)),
        ("quantity", |it| it.quantity = 0),
        ("quantity", |it| it.quantity = 10_000_001),
        ("perMember", |it| it.per_member = Some(0)),
        ("claimCode", |it| it.claim_code = Some("abc".to_owned())),
        ("validity.days", |it| it.validity = Validity::Days(0)),
        ("validity.fixed.until", |it| {
            it.validity = Validity::Fixed {
                from: None,
                until: now(),
            };
        }),
        ("validity.fixed.until", |it| {
            it.validity = Validity::Fixed {
                from: None,
                until: now() + TimeDelta::days(4_000),
            };
        }),
        ("validity.fixed.from", |it| {
            let until = now() + TimeDelta::days(1);
            it.validity = Validity::Fixed {
                from: Some(until),
                until,
            };
        }),
    ];
    for (field, spoil) in cases {
        let mut draft = draft();
        spoil(&mut draft);
        assert_eq!(draft.check(now()).unwrap_err().field, field);
    }
}

#[test]
fn a_template_has_never_fewer_coupons_than_are_handed_out_and_ends_for_good() {
    let change = |quantity| TemplateChange {
        quantity: Some(quantity),
        ..TemplateChange::default()
    };
    assert_eq!(change(41).apply(row(), 42), Err(NoChange::BelowIssued(42)));
    assert_eq!(change(42).apply(row(), 42).unwrap().quantity, 42);
    let state = |state| TemplateChange {
        state: Some(state),
        ..TemplateChange::default()
    };
    let paused = state(TemplateState::Paused).apply(row(), 0).unwrap();
    let again = state(TemplateState::Active).apply(paused, 0).unwrap();
    let ended = state(TemplateState::Ended).apply(again, 0).unwrap();
    assert_eq!(
        state(TemplateState::Active).apply(ended.clone(), 0),
        Err(NoChange::Ended)
    );
    assert_eq!(
        state(TemplateState::Paused).apply(ended.clone(), 0),
        Err(NoChange::Ended)
    );
    let renamed = TemplateChange {
        name: Some("旧券".to_owned()),
        ..TemplateChange::default()
    };
    assert_eq!(renamed.apply(ended, 0).unwrap().name, "旧券");
}

#[test]
fn what_is_left_out_stays_and_what_is_emptied_goes() {
    let row = Model {
        per_member: Some(2),
        claim_code: Some("OLD-CODE".to_owned()),
        ..row()
    };
    assert_eq!(
        TemplateChange::default().apply(row.clone(), 9).unwrap(),
        row
    );
    let emptied = TemplateChange {
        per_member: Some(None),
        claim_code: Some(None),
        ..TemplateChange::default()
    };
    let emptied = emptied.apply(row, 9).unwrap();
    assert_eq!((emptied.per_member, emptied.claim_code), (None, None));
}

#[test]
fn coupons_hold_from_when_they_are_handed_out_or_as_it_is_fixed() {
    let day_end = |days: i32| now() + TimeDelta::days(days.into()) + TimeDelta::hours(4);
    let held = span_of(&row(), now(), day_end).unwrap();
    assert_eq!(held, (Instant(now()), Instant(day_end(7))));
    let (from, until) = (now() + TimeDelta::days(1), now() + TimeDelta::days(2));
    let fixed = Model {
        valid_from: Some(Instant(from)),
        valid_until: Some(Instant(until)),
        valid_days: None,
        ..row()
    };
    assert_eq!(
        span_of(&fixed, now(), day_end),
        Some((Instant(from), Instant(until)))
    );
    assert_eq!(span_of(&fixed, until, day_end), None);
}
