//! Regulars of a test: tiers, points and segments, straight into their tables.

use entity::order::PaymentState;
use entity::point_entry::PointKind;
use entity::point_lot::PointOrigin;
use entity::segment::SegmentKind;
use entity::tier::DowngradeRule;
use entity::{
    Instant, MemberId, SegmentId, TierId, member, order, order_point, point_entry, point_lot,
    points_program, segment, segment_member, tier,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use yigate::error::Error;
use yigate::members;
use yigate::points::service::{Grant, grant};

use crate::support::{Merchant, Order};

/// What a quote says of points.
pub const POINTS: &str = "query($input: CheckoutQuoteInput!) { checkoutQuote(input: $input) { \
    discount { amount } payable { amount } lines { discount { amount } payable { amount } } \
    applied { kind name off { amount } } pointsUsable pointsUsed pointsOff { amount } \
    pointsProblem { code message } pointsToEarn } }";

/// The input of an order of a member of one line, of which points pay a part.
pub fn with_points(
    merchant: &Merchant,
    no: &str,
    amount: &str,
    payable: &str,
    points: i64,
) -> Value {
    let mut input = merchant.checkout_input(amount, payable, &[], json!({ "memberNo": no }));
    input["checkout"]["points"] = json!(points);
    input
}

/// An order of a member, of which points pay a part.
pub async fn paid_with(
    merchant: &Merchant,
    no: &str,
    amount: &str,
    payable: &str,
    points: i64,
) -> Order {
    let input = with_points(merchant, no, amount, payable, points);
    let payload = merchant.asked_for(input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    merchant.order_of(&payload)
}

/// A tier that takes so many percent off; changed before it is written.
pub async fn tier(
    merchant: &Merchant,
    name: &str,
    percent: i32,
    change: impl FnOnce(&mut tier::Model),
) -> TierId {
    let (app, now) = (merchant.app(), merchant.app().clock.instant());
    let others = tier::Entity::of(merchant.id)
        .all(app.db.writer())
        .await
        .expect("rows");
    let mut row = tier::Model {
        merchant_id: merchant.id,
        id: app.ids.next(),
        rank: i32::try_from(others.len()).expect("a few") + 1,
        name: name.to_owned(),
        name_en: None,
        version: 1,
        spend_minor: Some(100_000_000),
        points: None,
        orders: None,
        window_days: None,
        retention_days: None,
        downgrade: DowngradeRule::Qualified,
        discount_ppm: percent * 10_000,
        discount_exclusive: false,
        multiplier_ppm: 1_000_000,
        birthday_points: None,
        birthday_template_id: None,
        priority: false,
        perks: None,
        perks_en: None,
        updated_at: now,
        removed_at: None,
    };
    change(&mut row);
    let id = row.id;
    tier::Entity::insert(row.into_active_model())
        .exec_without_returning(app.db.writer())
        .await
        .expect("a tier");
    id
}

/// A member has a tier, or none, from now on.
pub async fn has_tier(merchant: &Merchant, no: &str, tier: Option<TierId>) -> MemberId {
    let id = merchant.member_id(no).await;
    let since: Option<Instant> = tier.map(|_| merchant.app().clock.instant());
    member::Entity::update_of(merchant.id)
        .filter(member::Column::Id.eq(id))
        .col_expr(member::Column::TierId, Expr::value(tier))
        .col_expr(member::Column::TierSince, Expr::value(since))
        .exec(merchant.app().db.writer())
        .await
        .expect("the database answers");
    id
}

/// The rules of points: a point for a yuan, a hundred points are a yuan, up to a half; changed before they are written.
pub async fn program(merchant: &Merchant, change: impl FnOnce(&mut points_program::Model)) {
    let app = merchant.app();
    let mut row = points_program::Model {
        merchant_id: merchant.id,
        version: 1,
        enabled: true,
        earn_points: 1,
        earn_per_minor: 100,
        valid_days: None,
        pending_days: 0,
        pay_enabled: true,
        pay_points: 100,
        pay_minor: 100,
        pay_cap_ppm: 500_000,
        adjust_limit: 1_000_000,
        updated_at: app.clock.instant(),
    };
    change(&mut row);
    points_program::Entity::insert(row.into_active_model())
        .exec_without_returning(app.db.writer())
        .await
        .expect("rules");
}

/// Gives a member points that never end.
pub async fn has_points(merchant: &Merchant, no: &str, points: i64) -> MemberId {
    let (app, id) = (merchant.app(), merchant.member_id(no).await);
    let given = app.write(merchant.id, |txn| async move {
        let locked = members::service::lock(&txn, merchant.id, id).await?;
        let locked = locked.expect("a member");
        let wanted = Grant {
            kind: PointKind::Granted,
            origin: PointOrigin::Adjustment,
            points,
            source_id: None,
            releases_at: None,
            expires_at: None,
            actor: "system",
            note: None,
        };
        grant(app, &txn, &locked, wanted).await
    });
    given.await.expect("points");
    id
}

/// A member's row.
pub async fn row_of(merchant: &Merchant, no: &str) -> member::Model {
    let found = member::Entity::of(merchant.id)
        .filter(member::Column::MemberNo.eq(no))
        .one(merchant.app().db.writer())
        .await;
    found.expect("the database answers").expect("a member")
}

/// What orders have to do with points, the first order first.
pub async fn of_orders(merchant: &Merchant) -> Vec<order_point::Model> {
    let mut rows = order_point::Entity::of(merchant.id)
        .all(merchant.app().db.writer())
        .await
        .expect("rows");
    rows.sort_by_key(|row| row.order_id);
    rows
}

/// A segment that these members are in, for good.
pub async fn segment(merchant: &Merchant, name: &str, nos: &[&str]) -> SegmentId {
    let (app, now) = (merchant.app(), merchant.app().clock.instant());
    let id: SegmentId = app.ids.next();
    let row = segment::Model {
        merchant_id: merchant.id,
        id,
        name: name.to_owned(),
        kind: SegmentKind::Snapshot,
        version: 1,
        rules: r#"{"all":[]}"#.to_owned(),
        members: Some(i64::try_from(nos.len()).expect("a few")),
        snapshot_at: Some(now),
        created_by: "system".to_owned(),
        updated_at: now,
        removed_at: None,
    };
    segment::Entity::insert(row.into_active_model())
        .exec_without_returning(app.db.writer())
        .await
        .expect("a segment");
    let nos: Vec<String> = nos.iter().map(|no| (*no).to_owned()).collect();
    let named = &nos;
    let made = app.write(merchant.id, |txn| async move {
        let made = members::service::find_or_add_many(app, &txn, merchant.id, named);
        Ok::<_, Error>(made.await?)
    });
    let members: Vec<MemberId> = made.await.expect("members").into_values().collect();
    for some in members.chunks(5_000) {
        let rows = some.iter().map(|member_id| {
            let row = segment_member::Model {
                merchant_id: merchant.id,
                segment_id: id,
                member_id: *member_id,
            };
            row.into_active_model()
        });
        segment_member::Entity::insert_many(rows)
            .exec_without_returning(app.db.writer())
            .await
            .expect("members of it");
    }
    id
}

/// A tier, or a segment, is taken away.
pub async fn removed(merchant: &Merchant, tier: TierId, segment: SegmentId) {
    let (app, now) = (merchant.app(), merchant.app().clock.instant());
    tier::Entity::update_of(merchant.id)
        .filter(tier::Column::Id.eq(tier))
        .col_expr(tier::Column::RemovedAt, Expr::value(now))
        .exec(app.db.writer())
        .await
        .expect("the database answers");
    segment::Entity::update_of(merchant.id)
        .filter(segment::Column::Id.eq(segment))
        .col_expr(segment::Column::RemovedAt, Expr::value(now))
        .exec(app.db.writer())
        .await
        .expect("the database answers");
}

/// What members have is what the ledger and their lots sum up to, and what orders hold and have given back is what their
/// states say.
pub async fn points_are_right(merchant: &Merchant) {
    let writer = merchant.app().db.writer();
    let members = member::Entity::of(merchant.id).all(writer).await;
    let entries = point_entry::Entity::of(merchant.id).all(writer).await;
    let lots = point_lot::Entity::of(merchant.id).all(writer).await;
    let (entries, lots) = (entries.expect("rows"), lots.expect("rows"));
    for member in members.expect("rows") {
        let of_member = entries.iter().filter(|it| it.member_id == member.id);
        let sums = of_member.fold((0, 0, 0), |sum, it| {
            (sum.0 + it.points, sum.1 + it.pending, sum.2 + it.owed)
        });
        let has = (member.points, member.points_pending, member.points_owed);
        assert_eq!(has, sums, "{}", member.member_no);
        let left = lots.iter().filter(|lot| lot.member_id == member.id);
        let left: i64 = left.map(|lot| lot.remaining).sum();
        assert_eq!(
            member.points + member.points_pending,
            left,
            "{}",
            member.member_no
        );
    }
    let orders = order::Entity::of(merchant.id).all(writer).await;
    let orders = orders.expect("rows");
    for row in of_orders(merchant).await {
        let order = orders.iter().find(|order| order.id == row.order_id);
        let order = order.expect("an order");
        let is_closed = order.payment_state == PaymentState::Closed;
        assert_eq!(row.held, row.spent > 0 && !is_closed, "{row:?}");
        let back = match (order.refunded_minor, order.paid_minor) {
            (0, _) => 0,
            (refunded, paid) if refunded == paid => row.spent,
            (refunded, paid) => row.spent * refunded / paid,
        };
        assert_eq!(row.restored, back, "{row:?} of {order:?}");
        if order.payment_state == PaymentState::Paid {
            assert_eq!(row.base_minor, order.paid_minor, "{row:?}");
        }
    }
}
