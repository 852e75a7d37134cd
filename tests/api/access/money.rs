//! Who may ask about money, and that nobody sees another merchant's.

use entity::{Day, SettlementId, settlement};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::Question;
use super::strangers::code;
use crate::everywhere;
use crate::support::{Merchant, World, next};

/// Every root field of the ledger, of settlements and of terms, and how it is asked.
pub async fn questions(world: &World, merchant: &Merchant) -> Vec<Question> {
    let settlement = settlement(world, merchant).await;
    let transaction = transaction(merchant).await;
    let channel = merchant.channel_id;
    let node = |id: &str| format!(r#"{{ node(id: "{id}") {{ id }} }}"#);
    [
        ("Query.balance", "", "{ balance { at } }".to_owned()),
        ("Query.ledgerTransactions", "", "{ ledgerTransactions { edges { cursor } } }".to_owned()),
        ("Query.trialBalance", "", "{ trialBalance { proven } }".to_owned()),
        ("Query.settlementSchedule", "", "{ settlementSchedule { day } }".to_owned()),
        ("Query.settlements", "", "{ settlements { edges { cursor } } }".to_owned()),
        ("Query.node", "(settlement)", node(&settlement.to_string())),
        ("Query.node", "(ledgerTransaction)", node(&transaction)),
        (
            "Mutation.merchantUpdate",
            "",
            "mutation { merchantUpdate(input: {}) { userErrors { code } } }".to_owned(),
        ),
        (
            "Mutation.channelTermsSet",
            "",
            format!(
                r#"mutation {{ channelTermsSet(input: {{ channelId: "{channel}" }}) {{ userErrors {{ code }} }} }}"#
            ),
        ),
        (
            "Subscription.balanceChanged",
            "",
            r#"subscription { balanceChanged(after: "e0") { cursor } }"#.to_owned(),
        ),
    ]
    .map(|(field, about, document)| Question { field, about, document })
    .into()
}

/// A settlement of the merchant.
async fn settlement(world: &World, merchant: &Merchant) -> SettlementId {
    let id = world.app().ids.next();
    let row = settlement::Model {
        merchant_id: merchant.id,
        id,
        channel_id: merchant.channel_id,
        currency: "CNY".to_owned(),
        amount_minor: 3_600,
        payments: 1,
        settles_on: Day(20_780),
        released_at: world.clock.instant(),
    };
    settlement::Entity::insert(row.into_active_model())
        .exec_without_returning(world.app().db.writer())
        .await
        .expect("a settlement");
    id
}

/// The merchant's newest ledger transaction.
async fn transaction(merchant: &Merchant) -> String {
    let document = "{ ledgerTransactions(first: 1) { edges { node { id } } } }";
    let seen = merchant.owner().await.data(document, Value::Null).await;
    let id = seen["ledgerTransactions"]["edges"][0]["node"]["id"].as_str();
    id.expect("a transaction").to_owned()
}

/// Root fields that take an id of something in a filter: nothing is found there; see below.
pub const FILTERED: [&str; 2] = ["Query.ledgerTransactions", "Query.settlements"];

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub async fn strange(
    world: &World,
    theirs: &Merchant,
) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let settlement = settlement(world, theirs).await.to_string();
    let transaction = transaction(theirs).await;
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let terms = "mutation($id: ID!) { channelTermsSet(input: { channelId: $id, fundsMode: DIRECT }) { \
        channel { id } userErrors { code } } }";
    vec![
        ("Query.node", node, json!({ "id": settlement }), "NOT_FOUND"),
        (
            "Query.node",
            node,
            json!({ "id": transaction }),
            "NOT_FOUND",
        ),
        (
            "Mutation.channelTermsSet",
            terms,
            json!({ "id": theirs.channel_id.to_string() }),
            "NOT_FOUND",
        ),
    ]
}

everywhere! {
    async fn nothing_of_another_merchants_money_is_seen_or_changed(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let other = theirs.paid_order("2.00").await;
        theirs.adjusts("5.00").await;
        let owner = ours.owner().await;
        for (field, document, variables, wanted) in strange(&world, &theirs).await {
            assert_eq!(code(&owner, document, variables).await, wanted, "{field}");
        }
        let document = "query($order: ID!, $channel: ID!) {
            balance { pending { amount } available { amount } }
            ledgerTransactions { edges { cursor } }
            other: ledgerTransactions(filter: { orderId: $order }) { edges { cursor } }
            settlements { edges { cursor } }
            others: settlements(filter: { channelId: [$channel] }) { edges { cursor } }
            settlementSchedule { day }
            trialBalance { totals { debits { amount } } } }";
        let ids = json!({ "order": other.id.to_string(), "channel": theirs.channel_id.to_string() });
        let none = json!({ "edges": [] });
        let zero = json!({ "amount": "0.00" });
        assert_eq!(owner.data(document, ids).await, json!({
            "balance": { "pending": zero, "available": zero },
            "ledgerTransactions": none,
            "other": none,
            "settlements": none,
            "others": none,
            "settlementSchedule": [],
            "trialBalance": { "totals": { "debits": zero } },
        }));
        // Events come in order: had there been one of another merchant, it would come first.
        theirs.numbered().await;
        ours.paid_order("1.00").await;
        ours.numbered().await;
        let document = "subscription { balanceChanged(after: \"e0\") { cursor balance { pending { amount } } } }";
        let mut stream = owner.subscribe(document, Value::Null);
        let seen = next(&mut stream).await["data"]["balanceChanged"].clone();
        assert_eq!(seen, json!({ "cursor": "e3", "balance": { "pending": { "amount": "1.00" } } }));
        let update = "mutation { merchantUpdate(input: { latePaymentPolicy: AUTO_REFUND }) { merchant { id } } }";
        owner.data(update, Value::Null).await;
        let theirs = "{ merchant { latePaymentPolicy } channels { terms { fundsMode } } }";
        let theirs = other.merchant().owner().await.data(theirs, Value::Null).await;
        assert_eq!(theirs, json!({
            "merchant": { "latePaymentPolicy": "ACCEPT" },
            "channels": [{ "terms": { "fundsMode": "COLLECT" } }],
        }));
    }
}
