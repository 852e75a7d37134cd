//! The contract: `schema.graphql` is what is served, everything in it is explained, and lists that can
//! grow are paged.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use yigate::graphql::schema;

/// Set to 1, the test writes the file instead of comparing it.
const UPDATE: &str = "UPDATE_SCHEMA";

#[test]
fn the_schema_file_is_what_is_served() {
    let path = root().join("schema.graphql");
    let served = format!("{}\n", schema::sdl().trim_end());
    if std::env::var(UPDATE).as_deref() == Ok("1") {
        std::fs::write(&path, &served).expect("schema.graphql can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let first = kept.lines().zip(served.lines()).position(|(a, b)| a != b);
    assert!(
        kept == served,
        "schema.graphql differs from what is served (first at line {:?}): look whether it breaks a \
         client, then run `{UPDATE}=1 cargo test --test api schema`",
        first.map(|line| line + 1)
    );
}

/// The schema as introspection tells it, with descriptions.
pub async fn introspected() -> Value {
    const DOCUMENT: &str = "
        { __schema {
            queryType { name } mutationType { name } subscriptionType { name }
            types { kind name description
                fields(includeDeprecated: true) { name description type { ...T }
                    args { name description type { ...T } } }
                inputFields { name description type { ...T } }
                enumValues(includeDeprecated: true) { name description }
                possibleTypes { name } } } }
        fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
    let schema = schema::build().finish();
    let answer = schema.execute(DOCUMENT).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    let mut data = answer.data.into_json().expect("JSON");
    data["__schema"].take()
}

/// The types that are ours, not the language's.
pub fn types(schema: &Value) -> impl Iterator<Item = &Value> {
    let language = ["Boolean", "Int", "Float", "String", "ID"];
    items(&schema["types"])
        .filter(move |ty| !name(ty).starts_with("__") && !language.contains(&name(ty)))
}

/// The elements of a list; none where it is null.
pub fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// The name of a type, field, argument or value.
pub fn name(thing: &Value) -> &str {
    thing["name"].as_str().unwrap_or_default()
}

/// The named type under lists and non-nulls, and whether there is a list among them.
pub fn named(ty: &Value) -> (&Value, bool) {
    let (mut ty, mut is_list) = (ty, false);
    while !ty["ofType"].is_null() {
        is_list |= ty["kind"] == "LIST";
        ty = &ty["ofType"];
    }
    (ty, is_list)
}

#[tokio::test]
async fn everything_in_the_schema_is_explained() {
    let schema = introspected().await;
    let mut silent = Vec::new();
    let mut look = |path: String, thing: &Value| {
        let text = thing["description"].as_str().unwrap_or_default();
        if text.trim().is_empty() {
            silent.push(path);
        }
    };
    for ty in types(&schema) {
        look(name(ty).to_owned(), ty);
        for field in items(&ty["fields"]) {
            look(format!("{}.{}", name(ty), name(field)), field);
            for arg in items(&field["args"]) {
                look(format!("{}.{}({})", name(ty), name(field), name(arg)), arg);
            }
        }
        for part in items(&ty["inputFields"]).chain(items(&ty["enumValues"])) {
            look(format!("{}.{}", name(ty), name(part)), part);
        }
    }
    assert_eq!(silent, Vec::<String>::new(), "without a description");
}

/// Lists that stay short by a rule of their own, and the rule.
const SHORT: &[(&str, &str)] = &[
    ("CheckoutQuote.applied", "what is given to one cart"),
    (
        "CheckoutQuote.couponProblems",
        "one for each code that was named: at most ten",
    ),
    (
        "CheckoutQuote.lines",
        "one for each line of the cart: at most 200",
    ),
    (
        "CheckoutQuote.notApplied",
        "the merchant's campaigns, and the coupons that were named",
    ),
    ("Query.supportedBanks", "the banks of data/banks.toml"),
    ("DailyBrief.channels", "at most 50 of a merchant"),
    ("PaymentFunnel.rows", "one for each channel"),
    ("ProductRanking.rows", "at most 100, by rank"),
    ("Query.refundReasons", "one for each reason"),
    (
        "Channel.feeRules",
        "a merchant has at most 500 versions of rules",
    ),
    ("ChannelVersion.changes", "one for each field of a channel"),
    (
        "ChannelsReorderPayload.channels",
        "at most 50 of a merchant",
    ),
    (
        "Channel.uptime",
        "as many days as were asked for, at most 366",
    ),
    (
        "FeeRule.versions",
        "a merchant has at most 500 versions of rules",
    ),
    (
        "FeeStatement.rows",
        "one for each channel, method and country",
    ),
    ("HourlyHeatmap.cells", "the 168 hours of a week"),
    (
        "Member.pointLots",
        "those of which something is left: a hundred are shown",
    ),
    (
        "PointsAdjustPayload.entries",
        "one for each lot that an adjustment touches",
    ),
    (
        "PointsLiability.byMonth",
        "one for each month in which points end: at most ten years",
    ),
    (
        "CampaignEffect.byDay",
        "one for each day of the campaign, at most 366",
    ),
    (
        "CampaignSimulation.byDay",
        "one for each of at most 90 days",
    ),
    (
        "LedgerTransaction.entries",
        "one for each account at the most",
    ),
    ("Order.lines", "at most 200 a order"),
    (
        "Order.redemptions",
        "those of one order: one a campaign, at most ten coupons",
    ),
    ("Order.refunds", "as many as its channel takes: 50 for most"),
    ("Order.timeline", "a few events of one order"),
    ("OrderFacets.channel", "one for each channel"),
    ("OrderFacets.country", "one for each country"),
    ("OrderFacets.fulfillmentState", "one for each state"),
    ("OrderFacets.method", "one for each method"),
    ("OrderFacets.paymentState", "one for each state"),
    ("OrderFacets.refundState", "one for each state"),
    ("Query.apiKeys", "their number is limited"),
    ("Query.channels", "accounts at payment platforms: a handful"),
    ("MemberDuplicates.members", "at most 20 of a group"),
    ("MessagePreview.samples", "at most three members"),
    (
        "MessageRecipient.webhookDeliveries",
        "one for each endpoint: at most 20 of a merchant",
    ),
    ("Query.checkoutChannels", "one for each method"),
    ("Query.exportColumns", "the columns of one list"),
    (
        "Query.feeRules",
        "a merchant has at most 500 versions of rules",
    ),
    ("Payout.records", "one for each thing that happens to it"),
    ("PayoutConnection.states", "one for each state"),
    ("Query.payoutArrivals", "one for each bank"),
    ("Query.grantRules", "one for each of two days"),
    ("Query.nodes", "as many as ids were given, at most 100"),
    ("Query.routingPolicies", "one for each method"),
    (
        "Query.settlementSchedule",
        "money waits for 30 days and a holiday at the most",
    ),
    ("Query.staff", "people who work for one shop"),
    ("Query.staffInvitations", "at most 100 of a merchant"),
    ("StaffRemovePayload.apiKeys", "their number is limited"),
    (
        "StaffRemovePayload.webhookEndpoints",
        "at most 20 of a merchant",
    ),
    ("AuditEntry.changes", "one for each field of a thing"),
    ("Query.webhookEndpoints", "at most 20 of a merchant"),
    ("Query.tiers", "at most 20 of a merchant"),
    ("Refund.lines", "at most the lines of its order"),
    ("RefundConnection.states", "one for each state"),
    (
        "RoutingDryRun.channels",
        "accounts of one method: a handful",
    ),
    ("RoutingDryRun.moves", "a pair of these each"),
    ("RoutingPolicy.targets", "at most 50 a policy"),
    ("RoutingPolicyVersion.targets", "at most 50 of a policy"),
    ("SettlementScheduleDay.channels", "one for each channel"),
    (
        "Statistics.rows",
        "at most 10,000, all of them drawn at once",
    ),
    ("OfferAudience.segments", "at most 20 of an offer"),
    ("OfferAudience.tiers", "at most 20 of an offer"),
    ("OfferAudience.withoutSegments", "at most 20 of an offer"),
    ("OfferBenefit.steps", "at most 20 of a reduction"),
    ("OfferRules.hours", "at most 21 spans of a week"),
    ("OfferScope.channels", "at most 50 of a merchant"),
    ("RfmOverview.groups", "eight"),
    ("SegmentPreview.sample", "at most ten"),
    ("SegmentRule.and", "at most 50 rules of a segment in all"),
    ("SegmentRule.or", "at most 50 rules of a segment in all"),
    ("TrialBalance.accounts", "one for each account"),
    ("Viewer.memberships", "merchants that one person works for"),
    (
        "WebhookDelivery.attempts",
        "eight, and eight for each time that it is sent again by hand",
    ),
];

#[tokio::test]
async fn lists_that_can_grow_are_connections() {
    let schema = introspected().await;
    let mut lists = BTreeSet::new();
    for ty in types(&schema) {
        for field in items(&ty["fields"]) {
            let (of, is_list) = named(&field["type"]);
            let of_objects = of["kind"] == "OBJECT" || of["kind"] == "INTERFACE";
            let edges = name(ty).ends_with("Connection") && name(field) == "edges";
            let errors = name(ty).ends_with("Payload") && name(field) == "userErrors";
            if is_list && of_objects && !edges && !errors {
                lists.insert(format!("{}.{}", name(ty), name(field)));
            }
            if name(of).ends_with("Connection") {
                let args: Vec<&str> = items(&field["args"]).map(name).collect();
                for arg in ["first", "after", "last", "before"] {
                    assert!(args.contains(&arg), "{} takes no {arg}", name(field));
                }
            }
        }
        if name(ty).ends_with("Connection") {
            let fields: Vec<&str> = items(&ty["fields"]).map(name).collect();
            assert!(fields.contains(&"edges") && fields.contains(&"pageInfo"));
        }
    }
    let short = SHORT.iter().map(|(field, _)| (*field).to_owned()).collect();
    assert_eq!(lists, short, "a list that can grow is a connection");
}

#[tokio::test]
async fn mutations_take_one_input_and_answer_with_a_payload_that_holds_user_errors() {
    let schema = introspected().await;
    let all: Vec<&Value> = types(&schema).collect();
    let find = |wanted: &str| *all.iter().find(|ty| name(ty) == wanted).expect("a type");
    for mutation in items(&find("Mutation")["fields"]) {
        let mut letters = name(mutation).chars();
        let upper = letters.next().expect("a name").to_ascii_uppercase();
        let upper = format!("{upper}{}", letters.as_str());
        let args: Vec<_> = items(&mutation["args"])
            .map(|arg| (name(arg), name(named(&arg["type"]).0)))
            .collect();
        assert_eq!(args, [("input", format!("{upper}Input").as_str())]);
        let payload = named(&mutation["type"]).0;
        assert_eq!(name(payload), format!("{upper}Payload"));
        let fields = &find(name(payload))["fields"];
        let errors = items(fields)
            .find(|field| name(field) == "userErrors")
            .expect("userErrors");
        let error = find(name(named(&errors["type"]).0));
        let parts: Vec<&str> = items(&error["fields"]).map(name).collect();
        assert_eq!(parts, ["code", "field", "message"], "{upper}");
    }
}

/// An error of a nullable field must null this field alone: `Result<Option<…>>` would make the library
/// declare it nullable and let the error rise to the parent.
#[test]
fn no_resolver_returns_a_result_of_an_option() {
    let mut found = Vec::new();
    for path in rust_files(&root().join("src")) {
        let text = std::fs::read_to_string(&path).expect("a source file");
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for function in flat.split("async fn ").skip(1) {
            let signature = function.split(" {").next().unwrap_or_default();
            let is_resolver = signature.contains("(&self") && signature.contains("Context<'_>");
            if is_resolver && signature.contains("-> Result<Option<") {
                found.push(format!("{}: {signature}", path.display()));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new(), "return `Nullable<…>`");
}

/// Where the repository lies.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under a folder.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
