//! Pictures of statistics: what they show, to whom, and links to them.

use chrono::TimeDelta;
use entity::channel;
use entity::membership::Role;
use entity::merchant::MerchantStatus;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::everywhere;
use crate::http::token;
use crate::support::instances::browser;
use crate::support::{Client, Merchant, World};

/// A picture, or why there is none.
struct Shown {
    status: StatusCode,
    kind: String,
    policy: String,
    pages: String,
    text: String,
}

impl Shown {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let header = |name: &str| {
            let value = response.headers().get(name);
            value
                .map_or("", |value| value.to_str().expect("text"))
                .to_owned()
        };
        Self {
            status: response.status(),
            kind: header("content-type"),
            policy: header("content-security-policy"),
            pages: header("cross-origin-resource-policy"),
            text: response.text().await.expect("a body"),
        }
    }

    fn code(&self) -> String {
        let told: Value = serde_json::from_str(&self.text).expect("JSON");
        told["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

async fn shown(world: &World, merchant: &Merchant, role: Role, picture: &str) -> Shown {
    let token = token(world, merchant, role).await;
    let request = browser().get(world.url(&format!("/charts/{picture}")));
    Shown::of(
        request
            .bearer_auth(token)
            .header("accept-language", "zh-CN"),
    )
    .await
}

/// A link's address here: links name the address that the world knows.
fn here(world: &World, link: &str) -> String {
    let at = link.find("/charts/").expect("an address of a chart");
    world.url(&link[at..])
}

/// The secret of a key that sees orders and nothing else.
async fn narrow(merchant: &Merchant) -> String {
    let key =
        "mutation { apiKeyCreate(input: { name: \"报表\", scopes: [ORDERS_READ] }) { secret } }";
    let made = merchant.owner().await.data(key, Value::Null).await;
    made["apiKeyCreate"]["secret"]
        .as_str()
        .expect("a secret")
        .to_owned()
}

async fn link(merchant: &Merchant, input: &str) -> String {
    let document = format!("{{ chartUrl(input: {{ {input} }}) }}");
    let told = merchant.owner().await.data(&document, Value::Null).await;
    told["chartUrl"].as_str().expect("a link").to_owned()
}

everywhere! {
    async fn each_form_shows_what_the_statistics_say(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.paid_order("1234.50").await;
        merchant.counted().await;
        for (picture, says) in [
            ("line.svg?range=LAST_7_DAYS", vec!["实付金额", "合计 ¥1,270.50", "2026-11-17 至 2026-11-23", "11月17日"]),
            ("line.svg?range=LAST_7_DAYS&compareTo=PREVIOUS_PERIOD", vec!["本期", "上期"]),
            ("line.svg?range=LAST_7_DAYS&dimension=METHOD", vec!["按支付方式"]),
            ("bar.svg?range=TODAY&dimension=METHOD&measure=paidOrders", vec!["微信支付", "合计 2"]),
            ("bar.svg?range=THIS_YEAR&grain=MONTH", vec!["2026年1月"]),
            ("heatmap.svg?range=LAST_7_DAYS", vec!["周一", "周日", "支付订单数"]),
            ("share.svg?range=TODAY&dimension=CATEGORY", vec!["热菜", "100.0%", "¥1,270.50"]),
            ("line.svg?range=TODAY&grain=HOUR&locale=en&theme=dark", vec!["Paid", "total ¥1,270.50"]),
            ("line.svg?range=YESTERDAY", vec!["所选时间内没有数据", "合计 ¥0.00"]),
        ] {
            let told = shown(&world, &merchant, Role::Owner, picture).await;
            assert_eq!(told.status, StatusCode::OK, "{picture}: {}", told.text);
            assert_eq!(told.kind, "image/svg+xml; charset=utf-8");
            assert!(told.policy.contains("default-src 'none'") && told.policy.contains("sandbox"), "{}", told.policy);
            for words in says {
                assert!(told.text.contains(words), "{picture} does not say {words}: {}", told.text);
            }
            // Nothing runs, and nothing is fetched.
            let plain = told.text.replace("http://www.w3.org/", "");
            for word in ["<script", "http:", "https:", "url(", "@import", "onload", "NaN", "inf"] {
                assert!(!plain.contains(word), "{picture} has {word}");
            }
        }
    }

    async fn a_name_is_a_text_whatever_it_is(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let name = "\"><script>alert(1)</script>&{d}";
        merchant.set_channel(channel::Column::Name, name).await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        for picture in ["share.svg?range=TODAY&dimension=CHANNEL", "bar.svg?range=TODAY&dimension=CHANNEL",
            "line.svg?range=TODAY&dimension=CHANNEL"] {
            let told = shown(&world, &merchant, Role::Owner, picture).await;
            assert_eq!(told.status, StatusCode::OK, "{picture}: {}", told.text);
            assert!(!told.text.contains("<script"), "{picture}");
            assert!(!told.text.contains("\"><"), "{picture}");
        }
    }

    async fn a_tier_is_called_in_the_language_of_the_picture(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("木棉咖啡").await;
        let owner = merchant.owner().await;
        for (rank, name, en, orders) in [(1, "银卡", Some("Silver"), 1), (2, "黑金卡", None, 2)] {
            let input = json!({ "rank": rank, "name": name, "nameEn": en, "thresholds": { "orders": orders } });
            let set = "mutation($input: TierSetInput!) { tierSet(input: $input) { userErrors { code field message } } }";
            assert_eq!(owner.data(set, json!({ "input": input })).await["tierSet"]["userErrors"], json!([]));
        }
        for _ in 0..3 {
            merchant.sold_to("M-1", "10.00").await;
        }
        merchant.counted().await;
        for form in ["bar", "share", "line"] {
            let picture = format!("{form}.svg?range=LAST_7_DAYS&dimension=MEMBER_TIER");
            let told = shown(&world, &merchant, Role::Owner, &picture).await;
            assert!(told.text.contains("银卡") && !told.text.contains("Silver"), "{form}: {}", told.text);
            let told = shown(&world, &merchant, Role::Owner, &format!("{picture}&locale=en")).await;
            assert!(told.text.contains("Silver") && !told.text.contains("银卡"), "{form}: {}", told.text);
            assert!(told.text.contains("黑金卡"), "what has no English name has its own: {}", told.text);
        }
    }

    async fn what_is_wrong_is_told_as_a_query_would(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.counted().await;
        let narrow = narrow(&merchant).await;
        for measure in ["fees", "NET"] {
            let picture = world.url(&format!("/charts/line.svg?range=TODAY&measure={measure}"));
            let told = Shown::of(browser().get(picture).bearer_auth(&narrow)).await;
            assert_eq!((told.status.as_u16(), told.code().as_str()), (403, "FORBIDDEN"), "{}", told.text);
        }
        for (picture, status, code) in [
            ("line.svg", 400, "BAD_USER_INPUT"),
            ("line.svg?range=SOMETIMES", 400, "BAD_USER_INPUT"),
            ("line.svg?range=TODAY&grain=CENTURY", 400, "BAD_USER_INPUT"),
            ("line.svg?range=LAST_365_DAYS&grain=HOUR", 400, "BAD_USER_INPUT"),
            ("line.svg?range=LAST_90_DAYS&grain=HOUR", 400, "BAD_USER_INPUT"),
            ("line.svg?range=TODAY&channelIds=ord_1", 400, "BAD_USER_INPUT"),
            ("line.svg?range=TODAY&width=5", 400, "BAD_USER_INPUT"),
            ("cake.svg?range=TODAY", 404, "NOT_FOUND"),
            ("line.png?range=TODAY", 404, "NOT_FOUND"),
        ] {
            let told = shown(&world, &merchant, Role::Owner, picture).await;
            assert_eq!((told.status.as_u16(), told.code().as_str()), (status, code), "{picture}: {}", told.text);
        }
        let nobody = Shown::of(browser().get(world.url("/charts/line.svg?range=TODAY"))).await;
        assert_eq!((nobody.status.as_u16(), nobody.code().as_str()), (401, "UNAUTHENTICATED"));
    }

    async fn a_link_shows_its_picture_until_it_ends_and_nothing_else(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let stranger = world.merchant("云裳时装").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        stranger.counted().await;
        let of = |address: String| async move { Shown::of(browser().get(address)).await };
        let link = link(&merchant, r#"kind: LINE, range: { preset: LAST_7_DAYS }, measure: FEES, locale: ZH_CN,
            filter: { methods: [WECHAT_PAY, ALIPAY], categories: ["热菜, 凉菜", "热菜"] }, validForHours: 2"#).await;
        assert!(!link.contains("Bearer") && !link.contains("eyJ"), "{link}");
        let told = of(here(&world, &link)).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        assert_eq!(told.kind, "image/svg+xml; charset=utf-8");
        assert_eq!(told.pages, "cross-origin");
        assert!(told.text.contains("手续费"), "{}", told.text);
        let (signed, signature) = link.rsplit_once("&signature=").unwrap();
        let flipped = if signature.ends_with('0') { "1" } else { "0" };
        for altered in [
            link.replace("measure=FEES", "measure=NET"),
            link.replace("/line.svg", "/bar.svg"),
            link.replace(&merchant.id.to_string(), &stranger.id.to_string()),
            link.replace("&signature=", "&width=500&signature="),
            format!("{link}&width=500"),
            format!("{signed}&signature={}{flipped}", &signature[..signature.len() - 1]),
            format!("{signed}&signature="),
        ] {
            let told = of(here(&world, &altered)).await;
            assert_eq!((told.status.as_u16(), told.code().as_str()), (403, "FORBIDDEN"), "{altered}");
        }
        let unsigned = of(here(&world, signed)).await;
        assert_eq!(unsigned.status, StatusCode::UNAUTHORIZED);
        world.clock.advance(TimeDelta::minutes(119));
        assert_eq!(of(here(&world, &link)).await.status, StatusCode::OK);
        world.clock.advance(TimeDelta::minutes(1));
        let ended = of(here(&world, &link)).await;
        assert_eq!((ended.status.as_u16(), ended.code().as_str()), (403, "FORBIDDEN"));
    }

    async fn a_link_is_for_what_its_maker_may_see(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let fees = "{ chartUrl(input: { kind: LINE, range: { preset: TODAY }, measure: FEES }) }";
        let secret = narrow(&merchant).await;
        let support = Client::bearer(world.gateway.clone(), &secret).await;
        assert_eq!(support.error(fees, Value::Null).await.0, "FORBIDDEN");
        for (input, field) in [
            ("kind: SHARE, range: { preset: TODAY }", "input.dimension"),
            ("kind: LINE, range: { preset: TODAY }, width: 1", "input.width"),
            ("kind: LINE, range: { preset: TODAY }, filter: { channelIds: [] }", "input.filter.channelIds"),
            ("kind: LINE, range: { preset: TODAY }, filter: { countries: [] }", "input.filter.countries"),
            ("kind: LINE, range: { preset: TODAY }, filter: { methods: [] }", "input.filter.methods"),
            ("kind: LINE, range: { preset: TODAY }, filter: { categories: [] }", "input.filter.categories"),
            (r#"kind: LINE, range: { preset: TODAY }, filter: { channelIds: ["ord_0000000000001"] }"#,
                "input.filter.channelIds"),
            ("kind: LINE, range: { preset: LAST_90_DAYS }, grain: HOUR", "input.grain"),
            (r#"kind: LINE, range: { custom: { from: "2020-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z" } }"#,
                "input.grain"),
            (r#"kind: HEATMAP, range: { custom: { from: "2020-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z" } }"#,
                "input.range"),
            (r#"kind: BAR, grain: DAY, range: { custom: { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" } }"#,
                "input.range"),
            ("kind: BAR, range: { preset: TODAY }, dimension: CATEGORY, measure: AVERAGE_ORDER_VALUE", "input.measure"),
            ("kind: LINE, range: { preset: TODAY }, validForHours: 0", "input.validForHours"),
            ("kind: LINE, range: { preset: TODAY }, validForHours: 2161", "input.validForHours"),
        ] {
            let document = format!("{{ chartUrl(input: {{ {input} }}) }}");
            let (code, message) = support.error(&document, Value::Null).await;
            assert_eq!(code, "BAD_USER_INPUT");
            assert!(message.contains(field), "{message}");
        }
    }

    async fn a_link_says_whether_the_country_is_unknown(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.order_with("36.00", json!({ "country": "CN" })).await.pay().await;
        merchant.paid_order("1.00").await;
        merchant.counted().await;
        let link = link(&merchant, "kind: LINE, range: { preset: TODAY }, filter: { countryUnknown: true }").await;
        let told = Shown::of(browser().get(here(&world, &link))).await;
        assert!(told.text.contains("¥1.00") && !told.text.contains("¥37.00"), "{}", told.text);
    }

    async fn pictures_follow_the_zone_of_their_figures(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        // Nothing is built anew yet.
        merchant.lives_in("America/New_York").await;
        let range = "from=2026-11-22T16:00:00Z&to=2026-11-23T16:00:00Z";
        for picture in ["line.svg", "heatmap.svg"] {
            let told = shown(&world, &merchant, Role::Owner, &format!("{picture}?{range}")).await;
            assert!(told.text.contains("2026-11-23 · Asia/Shanghai"), "{picture}: {}", told.text);
        }
    }

    async fn a_closed_merchants_links_show_nothing(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.counted().await;
        let link = link(&merchant, "kind: BAR, range: { preset: THIS_MONTH }, grain: DAY").await;
        merchant.becomes(MerchantStatus::Closed).await;
        world.app().merchants.invalidate_all();
        let told = Shown::of(browser().get(here(&world, &link))).await;
        assert_eq!(told.status, StatusCode::FORBIDDEN, "{}", told.text);
    }
}

#[tokio::test]
async fn pictures_are_shown_where_only_trusted_documents_are_executed() {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| settings.documents.only_trusted = true)
        .await
        .listening()
        .await;
    let merchant = world.merchant("汇贤饭店").await;
    let told = shown(&world, &merchant, Role::Owner, "line.svg?range=TODAY").await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let body = json!({ "query": "{ viewer { scopes } }", "isOurs": true, "is_ours": true });
    let request = browser()
        .post(world.url("/graphql"))
        .header("content-type", "application/json")
        .body(body.to_string());
    let told = Shown::of(request).await;
    assert_eq!(
        told.code(),
        "DOCUMENT_NOT_TRUSTED",
        "no client says that a document is ours"
    );
}

#[tokio::test]
async fn a_picture_costs_what_its_question_costs() {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| {
            settings.throttle.enabled = true;
            settings.throttle.user_burst = 60;
            settings.throttle.address_burst = 60;
        })
        .await
        .listening()
        .await;
    let merchant = world.merchant("汇贤饭店").await;
    let mut refused = None;
    for _ in 0..20 {
        let told = shown(&world, &merchant, Role::Owner, "line.svg?range=TODAY").await;
        if told.status != StatusCode::OK {
            refused = Some((told.status.as_u16(), told.code()));
            break;
        }
    }
    assert_eq!(refused, Some((429, "RATE_LIMITED".to_owned())));
}
