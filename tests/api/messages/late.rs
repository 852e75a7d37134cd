//! What is handed on late: not to who has taken back that they agree, and with the quiet hours that it may come in.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{answered, made, member, recipients, sent, works};
use crate::everywhere;
use crate::support::{Merchant, next};
use crate::webhooks::Shop;
use crate::webhooks::receiver::Receiver;

/// A member takes back that they agree.
async fn withdraws(merchant: &Merchant, id: &str) {
    let input = json!({ "id": id, "consent": false });
    let done = answered(
        &merchant.owner().await,
        "memberConsentSet",
        "member { id }",
        input,
    )
    .await;
    assert_eq!(done["userErrors"], json!([]));
}

everywhere! {
    async fn a_webhook_that_is_late_has_no_text_for_who_takes_back_that_they_agree(world: World) {
        let shop = Shop::open(world).await;
        let receiver = Receiver::start().await;
        shop.endpoint(&receiver, &["MESSAGE_DELIVERY_SENT"]).await;
        let one = member(&shop.merchant, "m1", json!({ "name": "王小明" })).await;
        member(&shop.merchant, "m2", json!({ "name": "李四" })).await;
        let message = made(&shop.merchant, json!({ "quietHours": { "from": "21:00", "until": "09:30" } })).await;
        sent(&shop.merchant, &message, json!({})).await;
        works(&shop.world).await;
        receiver.says_status(503);
        shop.works().await;
        assert_eq!(receiver.heard().len(), 2);
        withdraws(&shop.merchant, &one).await;
        receiver.says_status(200);
        shop.works_after(TimeDelta::seconds(6)).await;
        let heard: Vec<Value> = receiver.heard().iter().skip(2).map(|one| one.json()).collect();
        assert_eq!(heard.len(), 2, "each is told again");
        let of = |no: &str| {
            let mut subjects = heard.iter().map(|one| &one["data"]["subject"]);
            subjects.find(|subject| subject["memberNo"] == no).expect("told").clone()
        };
        let withdrawn = of("m1");
        assert_eq!([&withdrawn["title"], &withdrawn["body"]], [&Value::Null; 2]);
        assert_eq!(withdrawn["withdrawn"], true);
        let agrees = of("m2");
        assert_eq!([&agrees["title"], &agrees["body"]], ["好久不见", "李四，回来看看"]);
        assert_eq!(agrees["withdrawn"], false);
        let quiet = json!({ "from": "21:00", "until": "09:30", "timeZone": "Asia/Shanghai" });
        assert_eq!(agrees["quietHours"], quiet);
    }

    async fn a_subscriber_who_resumes_has_no_text_for_who_takes_back_that_they_agree(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let one = member(&merchant, "m1", json!({ "name": "王小明" })).await;
        member(&merchant, "m2", json!({ "name": "李四" })).await;
        let message = made(&merchant, json!({})).await;
        sent(&merchant, &message, json!({})).await;
        works(&world).await;
        withdraws(&merchant, &one).await;
        let document = "subscription { memberMessageSent(after: \"e0\") { withdrawn recipient { title body } } }";
        let owner = merchant.owner().await;
        let mut live = owner.subscribe(document, Value::Null);
        let mut told = Vec::new();
        for _ in 0..2 {
            told.push(next(&mut live).await["data"]["memberMessageSent"].clone());
        }
        assert_eq!(told, [
            json!({ "withdrawn": true, "recipient": { "title": null, "body": null } }),
            json!({ "withdrawn": false, "recipient": { "title": "好久不见", "body": "李四，回来看看" } }),
        ]);
        let every = "subscription { events(after: \"e0\", types: [MESSAGE_DELIVERY_SENT]) { subject { ... on \
            MessageRecipient { title } } } }";
        let mut live = owner.subscribe(every, Value::Null);
        for title in [Value::Null, json!("好久不见")] {
            assert_eq!(next(&mut live).await["data"]["events"]["subject"]["title"], title);
        }
        let seen = recipients(&owner, &message, "body").await;
        assert_eq!(seen[0]["body"], "王小明，回来看看", "what was sent is still known");
    }
}
