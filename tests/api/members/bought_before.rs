//! What members had bought before they had figures is counted as what they buy since.

use entity::{member, member_day};
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, QueryOrder};

use crate::everywhere;
use crate::support::Merchant;

/// What is counted of a merchant's members, and of their days.
async fn figures(merchant: &Merchant) -> (Vec<member::Model>, Vec<member_day::Model>) {
    let db = merchant.app().db.writer();
    let members = member::Entity::of(merchant.id).order_by_asc(member::Column::Id);
    let days = member_day::Entity::of(merchant.id).order_by_asc(member_day::Column::MemberId);
    let (members, days) = (members.all(db).await, days.all(db).await);
    (members.expect("members"), days.expect("days"))
}

everywhere! {
    async fn orders_from_before_count_as_they_do_since_and_not_where_they_were_refunded_in_full(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.sold_to("M-1", "36.00").await;
        merchant.sold_to("M-1", "20.00").await.refund_amount("5.00").await;
        for member_no in ["M-1", "M-2"] {
            merchant.sold_to(member_no, "10.00").await.refund_amount("10.00").await;
        }
        merchant.refunds_go_through().await;
        merchant.order_by("M-1", "1.00").await;
        let counted = figures(&merchant).await;
        let told: Vec<_> = counted.0.iter().map(|row| (row.paid_orders, row.spent_minor)).collect();
        assert_eq!(told, [(2, 5_100), (0, 0)]);
        let db = merchant.app().db.writer();
        member_day::Entity::delete_of(merchant.id).exec(db).await.expect("no days");
        member::Entity::update_of(merchant.id)
            .col_expr(member::Column::PaidOrders, Expr::value(0))
            .col_expr(member::Column::SpentMinor, Expr::value(0))
            .col_expr(member::Column::LastPaidAt, Expr::value(Option::<i64>::None))
            .exec(db).await.expect("no figures");
        for statement in migration::BOUGHT_BEFORE {
            db.execute_unprepared(statement).await.expect("what the migration does");
        }
        assert_eq!(figures(&merchant).await, counted);
    }
}
