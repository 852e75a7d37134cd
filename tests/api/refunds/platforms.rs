//! Refunds from end to end over 易支付, in both generations: what is unclear is never taken for a failure,
//! and nobody is paid twice.

use chrono::TimeDelta;
use entity::refund;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;
use yigate::refunds::worker::work;

use crate::epay::orders::Stage;
use crate::everywhere;
use crate::support::epay_stub::{Answering, Refunding};
use crate::support::money::decided;
use crate::support::{Order, Refund};

const UNCLEAR: &str = "UNKNOWN";
const DONE: &str = "SUCCEEDED";

/// What a platform does, whether money moves by it, and what V1 and V2 make of its answer.
fn courses() -> Vec<(Refunding, bool, [&'static str; 2])> {
    let amount = Refunding::Telling(vec![("money", json!("1.00"))]);
    vec![
        (Refunding::Honestly, true, [DONE, "PROCESSING"]),
        (Refunding::LosingTheAnswer, true, [UNCLEAR, UNCLEAR]),
        (Refunding::FailingAfter, true, [UNCLEAR, UNCLEAR]),
        (Refunding::WithPageAfter, true, [UNCLEAR, UNCLEAR]),
        (Refunding::FailingBefore, false, [UNCLEAR, UNCLEAR]),
        (Refunding::WithPage, false, [UNCLEAR, UNCLEAR]),
        (Refunding::WronglySigned, true, [DONE, UNCLEAR]),
        (amount, true, [UNCLEAR, UNCLEAR]),
        (
            Refunding::Refusing(-1, "商户余额不足，请先充值"),
            false,
            ["FAILED", "FAILED"],
        ),
    ]
}

/// A refund of a paid order, treated so by the platform when it comes there.
async fn treated(stage: &Stage, generation: usize, how: Refunding) -> (Order, Refund) {
    let (_, channel) = stage.channels[generation];
    let order = stage.paid_order("9.90", channel).await;
    let refund = order.refund(json!({})).await;
    stage.stub.refund_once(how);
    works(stage).await;
    (order, refund)
}

async fn works(stage: &Stage) {
    let gateway = &stage.world.gateway;
    while work(&gateway.app, &gateway.providers).await > 0 {}
}

async fn hours_pass(stage: &Stage) {
    for _ in 0..60 {
        stage.world.clock.advance(TimeDelta::minutes(3));
        works(stage).await;
    }
}

/// How often money went back for an order.
fn times(stage: &Stage, order: &Order) -> usize {
    stage.money_back().get(&order.order_no).map_or(0, Vec::len)
}

everywhere! {
    async fn each_answer_of_v1_leads_to_its_state_and_what_is_unclear_to_a_person(world: World) {
        let stage = Stage::set(world).await;
        for (how, moves, [expected, _]) in courses() {
            let (order, refund) = treated(&stage, 0, how.clone()).await;
            assert_eq!(refund.state().await, expected, "{how:?}");
            let asked = stage.stub.refunds_asked().len();
            stage.merchant.books_are_right().await;
            hours_pass(&stage).await;
            assert_eq!(stage.stub.refunds_asked().len(), asked, "never by itself again: {how:?}");
            let seen = refund.read("state needsAttention").await;
            assert_eq!(seen, json!({ "state": expected, "needsAttention": expected != DONE }), "{how:?}");
            assert_eq!(times(&stage, &order), usize::from(moves), "{how:?}");
            if expected == UNCLEAR {
                // A person looks at the platform, and says what is so.
                let outcome = if moves { DONE } else { "FAILED" };
                let owner = stage.merchant.owner().await;
                let input = json!({ "outcome": outcome, "note": "平台后台核对" });
                let key = format!("resolve-{}", refund.id);
                decided(&owner, "refundResolve", refund.id, &key, input).await;
                assert_eq!(refund.state().await, outcome, "{how:?}");
            }
            let full = order.read("refundState").await["refundState"] == "FULL";
            assert_eq!(full, moves, "{how:?}");
            stage.merchant.books_are_right().await;
        }
    }

    async fn each_answer_of_v2_leads_to_its_state_and_by_itself_to_its_end(world: World) {
        let stage = Stage::set(world).await;
        for (how, moves, [_, expected]) in courses() {
            let (order, refund) = treated(&stage, 1, how.clone()).await;
            assert_eq!(refund.state().await, expected, "{how:?}");
            assert_eq!(times(&stage, &order), usize::from(moves), "{how:?}");
            let asked = stage.stub.refunds_asked().len();
            // The platform may be at work for ten minutes: until then it is asked, and sent nothing.
            for _ in 0..9 {
                stage.world.clock.advance(TimeDelta::minutes(1));
                works(&stage).await;
            }
            assert_eq!(stage.stub.refunds_asked().len(), asked, "{how:?}");
            hours_pass(&stage).await;
            let (end, sent) = match (expected, moves) {
                ("FAILED", _) => ("FAILED", 0),
                (_, moves) => (DONE, usize::from(!moves)),
            };
            assert_eq!(refund.state().await, end, "{how:?}");
            let again = &stage.stub.refunds_asked()[asked..];
            assert_eq!(again.len(), sent, "{how:?}");
            let number = refund.read("refundNo").await["refundNo"].clone();
            assert!(again.iter().all(|one| one.out_refund_no.as_deref() == number.as_str()));
            assert_eq!(times(&stage, &order), usize::from(end == DONE), "{how:?}");
            stage.merchant.books_are_right().await;
        }
    }

    async fn what_a_person_called_failed_is_asked_about_before_it_is_sent_again(world: World) {
        let stage = Stage::set(world).await;
        let (order, refund) = treated(&stage, 1, Refunding::LosingTheAnswer).await;
        let owner = stage.merchant.owner().await;
        let input = json!({ "outcome": "FAILED", "note": "平台后台没有看到" });
        decided(&owner, "refundResolve", refund.id, "resolve-0001", input).await;
        stage.merchant.books_are_right().await;
        decided(&owner, "refundRetry", refund.id, "retry-0001", json!({})).await;
        let asked = stage.stub.refunds_asked().len();
        works(&stage).await;
        assert_eq!(refund.state().await, DONE, "the person was wrong");
        assert_eq!(stage.stub.refunds_asked().len(), asked);
        assert_eq!(times(&stage, &order), 1);
        stage.merchant.books_are_right().await;
        // What the platform itself refused is sent again at once, under its number.
        let refusal = Refunding::Refusing(-1, "商户余额不足，请先充值");
        let (order, refund) = treated(&stage, 1, refusal).await;
        assert_eq!(refund.state().await, "FAILED");
        decided(&owner, "refundRetry", refund.id, "retry-0002", json!({})).await;
        works(&stage).await;
        assert_eq!(times(&stage, &order), 1);
        stage.merchant.refunds_go_through().await;
        assert_eq!(refund.state().await, DONE);
        stage.merchant.books_are_right().await;
    }

    async fn a_platform_that_never_tells_leaves_it_to_a_person_after_thirty_days(world: World) {
        let stage = Stage::set(world).await;
        let (order, refund) = treated(&stage, 1, Refunding::Honestly).await;
        assert_eq!(refund.state().await, "PROCESSING");
        stage.stub.answer(Answering::Status(500));
        // Every hour for a month, all but the last two times.
        refund::Entity::update_of(stage.merchant.id)
            .filter(refund::Column::Id.eq(refund.id))
            .col_expr(refund::Column::Attempts, Expr::value(725))
            .exec(stage.world.app().db.writer())
            .await
            .expect("the database answers");
        let mut asked = stage.stub.journal().len();
        for times in [1, 1, 0] {
            stage.world.clock.advance(TimeDelta::hours(1));
            works(&stage).await;
            assert_eq!(stage.stub.journal().len(), asked + times);
            asked += times;
        }
        let seen = refund.read("state needsAttention").await;
        assert_eq!(seen["state"], UNCLEAR);
        assert_eq!(seen["needsAttention"], true);
        let owner = stage.merchant.owner().await;
        let input = json!({ "outcome": "SUCCEEDED", "note": "账单已证实" });
        decided(&owner, "refundResolve", refund.id, "resolve-0002", input).await;
        assert_eq!(order.read("refundState").await["refundState"], "FULL");
        stage.merchant.books_are_right().await;
    }
}
