//! Orders paid through 易支付, from `orderCreate` to the notification over HTTP.

use entity::channel::ChannelKind;
use serde_json::json;
use yigate::orders::worker::work;

use super::*;
use crate::everywhere;
use crate::support::epay_stub::Reply;
use crate::support::{Merchant, Order, World};

/// A world that the stub can notify, a merchant, and its channels of both generations at the stub.
pub(crate) struct Stage {
    pub world: World,
    pub stub: EpayStub,
    pub merchant: Merchant,
    pub channels: [(&'static str, entity::ChannelId); 2],
}

impl Stage {
    pub async fn set(world: World) -> Self {
        Self::set_on(world.listening().await).await
    }

    /// On a world that is reached already.
    pub async fn set_on(world: World) -> Self {
        let stub = EpayStub::start().await;
        let merchant = world.merchant("汇贤饭店").await;
        let wechat = PaymentMethod::WechatPay;
        let v1 = Some(stub.v1_credentials());
        let v1 = merchant.channel(ChannelKind::EpayV1, wechat, v1).await;
        let v2 = Some(stub.v2_credentials());
        let v2 = merchant.channel(ChannelKind::EpayV2, wechat, v2).await;
        let channels = [("V1", v1), ("V2", v2)];
        Self {
            world,
            stub,
            merchant,
            channels,
        }
    }

    /// What a shop sends for an order through a channel.
    pub fn input(&self, amount: &str, channel: entity::ChannelId) -> Value {
        let mut input = self.merchant.order_input(amount);
        input["channelId"] = json!(channel.to_string());
        input
    }

    /// An order through a channel.
    pub async fn order(&self, amount: &str, channel: entity::ChannelId) -> Order {
        let payload = self.merchant.asked_for(self.input(amount, channel)).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        self.merchant.order_of(&payload)
    }

    /// The payer pays at the platform, which says so when it is asked.
    pub fn pays(&self, order: &Order) {
        let local = self.world.clock.now() + chrono::TimeDelta::hours(8);
        let local = local.format("%Y-%m-%d %H:%M:%S").to_string();
        self.stub.pay(&order.order_no, &local);
    }

    /// The platform notifies us over HTTP.
    pub async fn notifies(&self, order: &Order, notification: &Notification) -> Reply {
        let now = self.world.clock.now().timestamp();
        self.stub.notify(&order.order_no, notification, now).await
    }

    /// An order that is paid: the platform's notification has arrived.
    pub async fn paid_order(&self, amount: &str, channel: entity::ChannelId) -> Order {
        let order = self.order(amount, channel).await;
        self.pays(&order);
        let now = self.world.clock.now().timestamp();
        let told = callback(self.stub.notification(&order.order_no, &honest(), now));
        let gateway = &self.world.gateway;
        let notice = yigate::orders::service::notify(
            &gateway.app,
            &gateway.providers,
            self.merchant.id,
            channel,
            &told,
        );
        assert_eq!(
            notice.await.unwrap(),
            yigate::orders::service::Notice::Accepted
        );
        order
    }

    /// How often money went back for each order; each time with its amount.
    pub fn money_back(&self) -> std::collections::BTreeMap<String, Vec<String>> {
        let mut all = std::collections::BTreeMap::<_, Vec<_>>::new();
        for back in self.stub.money_back() {
            let of_order = all.entry(back.out_trade_no).or_default();
            of_order.push(back.money.to_string());
        }
        all
    }

    /// The clock moves, and the workers do what is due; returns how many orders that were.
    pub async fn minutes_later(&self, minutes: i64) -> u64 {
        self.world
            .clock
            .advance(chrono::TimeDelta::minutes(minutes));
        work(self.world.app(), &self.world.gateway.providers).await
    }
}

fn honest() -> Notification {
    Notification::default()
}

fn is_fail(reply: &Reply, status: u16) -> bool {
    reply.status == status && reply.body == "fail"
}

everywhere! {
    async fn an_order_is_asked_for_shown_paid_and_notified(world: World) {
        let stage = Stage::set(world).await;
        for (generation, channel) in stage.channels {
            let payload = stage.merchant.asked_for(stage.input("36.00", channel)).await;
            assert_eq!(
                payload["order"]["paymentCode"],
                json!({ "kind": "QR_CODE", "content": "weixin://wxpay/bizpayurl?pr=x" }),
                "{generation}"
            );
            let order = stage.merchant.order_of(&payload);
            let asked = stage.stub.order(&order.order_no).unwrap();
            assert_eq!(asked.asked["money"], "36.00");
            assert_eq!(asked.asked["name"], "宫保鸡丁");
            let address = format!("/callbacks/{}.{channel}", stage.merchant.id);
            assert_eq!(asked.asked["notify_url"], stage.world.url(&address));
            stage.world.clock.advance(chrono::TimeDelta::seconds(20));
            stage.pays(&order);
            for post in [false, true] {
                let reply = stage.notifies(&order, &Notification { post, ..honest() }).await;
                assert_eq!((reply.status, reply.body.as_str()), (200, "success"), "{generation}");
                assert_eq!(reply.content_type, "text/plain; charset=utf-8");
            }
            let seen = order.read("paymentState providerTradeNo paid { amount }").await;
            let expected = json!({
                "paymentState": "PAID",
                "providerTradeNo": asked.trade_no,
                "paid": { "amount": "36.00" },
            });
            assert_eq!(seen, expected);
            assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED", "PAID"]);
        }
    }

    async fn v1_is_believed_once_a_query_confirms_it_and_v2_at_once(world: World) {
        let stage = Stage::set(world).await;
        let [(_, v1), (_, v2)] = stage.channels;
        let order = stage.order("36.00", v1).await;
        // MD5 and a shared key: whoever has seen the key can sign. The platform has seen no payment.
        assert!(is_fail(&stage.notifies(&order, &honest()).await, 503));
        assert_eq!(order.payment_state().await, "PENDING");
        stage.pays(&order);
        stage.stub.answer(Answering::Status(500));
        assert!(is_fail(&stage.notifies(&order, &honest()).await, 503), "not confirmed now");
        stage.stub.answer(Answering::Honestly);
        assert!(stage.notifies(&order, &honest()).await.is_success());
        assert_eq!(order.payment_state().await, "PAID");

        let order = stage.order("36.00", v2).await;
        let asked = stage.stub.journal().len();
        assert!(stage.notifies(&order, &honest()).await.is_success());
        assert_eq!(stage.stub.journal().len(), asked, "V2 proves itself");
        assert_eq!(order.payment_state().await, "PAID");
    }

    async fn v1_is_believed_at_once_where_the_merchant_says_so(world: World) {
        let stage = Stage::set(world).await;
        let mut trusting = stage.stub.v1_credentials();
        trusting["confirm_by_query"] = json!(false);
        let wechat = PaymentMethod::WechatPay;
        let channel = stage.merchant.channel(ChannelKind::EpayV1, wechat, Some(trusting)).await;
        let order = stage.order("36.00", channel).await;
        let asked = stage.stub.journal().len();
        assert!(stage.notifies(&order, &honest()).await.is_success());
        assert_eq!(stage.stub.journal().len(), asked);
        assert_eq!(order.payment_state().await, "PAID");
    }

    async fn money_without_its_noughts_is_the_same_money(world: World) {
        let stage = Stage::set(world).await;
        for (_, channel) in stage.channels {
            for (amount, sent) in [("1.00", "1"), ("9.90", "9.9"), ("100.00", "100")] {
                let order = stage.order(amount, channel).await;
                stage.pays(&order);
                let now = stage.world.clock.now().timestamp();
                let notification = stage.stub.notification(&order.order_no, &honest(), now);
                assert!(notification.contains(&format!("money={sent}&")), "{notification}");
                assert!(stage.notifies(&order, &honest()).await.is_success());
                let seen = order.read("paymentState paid { amount }").await;
                assert_eq!(seen, json!({ "paymentState": "PAID", "paid": { "amount": amount } }));
            }
        }
    }

    async fn a_notification_with_anything_wrong_pays_nothing(world: World) {
        let stage = Stage::set(world).await;
        let with = |name, value: &str| Notification {
            with: vec![(name, value.to_owned())],
            ..honest()
        };
        for (generation, channel) in stage.channels {
            let order = stage.order("36.00", channel).await;
            let other = stage.order("36.00", channel).await;
            stage.pays(&order);
            let mut wrong = vec![
                Notification { forged: true, ..honest() },
                Notification { tampered: vec![("money", "0.01".to_owned())], ..honest() },
                Notification { tampered: vec![("out_trade_no", other.order_no.clone())], ..honest() },
                Notification { appended: "money=36", ..honest() },
                with("pid", "1002"),
                with("trade_status", "WAIT_BUYER_PAY"),
            ];
            if generation == "V2" {
                let now = stage.world.clock.now().timestamp();
                wrong.push(with("timestamp", &(now - 301).to_string()));
                wrong.push(with("timestamp", &(now + 301).to_string()));
                wrong.push(Notification { without: vec!["timestamp"], ..honest() });
            }
            for notification in wrong {
                let reply = stage.notifies(&order, &notification).await;
                assert!(is_fail(&reply, 400), "{generation} {notification:?} {reply:?}");
            }
            // Signed for another order of ours: that one is not paid at the platform (V1 asks),
            // and its own number is not the one that was notified.
            assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED"]);
            assert_eq!(other.timeline().await, ["CREATED", "PAYMENT_REQUESTED"]);
            assert!(stage.notifies(&order, &honest()).await.is_success());
            assert_eq!(order.payment_state().await, "PAID");
        }
        assert_eq!(stage.merchant.reconciliation_items().await, [[""; 4]; 0]);
    }

    async fn another_amount_is_listed_and_pays_nothing(world: World) {
        let stage = Stage::set(world).await;
        for (generation, channel) in stage.channels {
            let order = stage.order("36.00", channel).await;
            stage.pays(&order);
            // V1 asks back: the platform's own figure counts, not the notification's.
            stage.stub.set_money(&order.order_no, "35.00");
            for _ in 0..2 {
                assert!(is_fail(&stage.notifies(&order, &honest()).await, 400), "{generation}");
            }
            let trade_no = stage.stub.order(&order.order_no).unwrap().trade_no;
            let item = ["AMOUNT_MISMATCH", &trade_no, "36.00", "35.00"];
            assert_eq!(stage.merchant.reconciliation_items().await[0], item);
            assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED", "AMOUNT_MISMATCH"]);
        }
        assert_eq!(stage.merchant.reconciliation_items().await.len(), 2);
    }

    async fn what_v1_was_told_is_not_believed_against_the_platforms_figure(world: World) {
        let stage = Stage::set(world).await;
        let [(_, v1), _] = stage.channels;
        let order = stage.order("36.00", v1).await;
        stage.pays(&order);
        let more = Notification { with: vec![("money", "3600".to_owned())], ..honest() };
        assert!(stage.notifies(&order, &more).await.is_success());
        let seen = order.read("paymentState paid { amount }").await;
        assert_eq!(seen, json!({ "paymentState": "PAID", "paid": { "amount": "36.00" } }));
        let other_payment = Notification { with: vec![("trade_no", "T9".to_owned())], ..honest() };
        let order = stage.order("36.00", v1).await;
        stage.pays(&order);
        // The platform knows another payment of the order: that one counts, the notified one is listed.
        assert!(stage.notifies(&order, &other_payment).await.is_success());
        assert_eq!(order.payment_state().await, "PAID");
        let item = ["SECOND_PAYMENT", "T9", "36.00", "36.00"];
        assert_eq!(stage.merchant.reconciliation_items().await, [item]);
    }

    async fn a_lost_callback_is_found_by_asking(world: World) {
        let stage = Stage::set(world).await;
        for (generation, channel) in stage.channels {
            let order = stage.order("36.00", channel).await;
            stage.world.clock.advance(chrono::TimeDelta::seconds(20));
            let paid_at = stage.world.clock.now();
            stage.pays(&order);
            assert_eq!(stage.minutes_later(1).await, 1);
            let seen = order.read("paymentState paidAt late").await;
            let paid_at = paid_at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            let expected = json!({ "paymentState": "PAID", "paidAt": paid_at, "late": false });
            assert_eq!(seen, expected, "{generation}");
            assert!(stage.notifies(&order, &honest()).await.is_success(), "late, and known");
            assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED", "PAID"]);
        }
    }
}
