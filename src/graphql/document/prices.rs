//! What fields cost, and how long lists are: one table, written into the schema as `@cost` and `@listSize`.
//!
//! An object costs 1, for each element of a list; a scalar nothing. A field's own weight comes on top, once.
//! What is charged is read from the schema's text, so nobody pays other prices than it tells.

use std::collections::HashSet;

/// A page, where nobody says how long it is: the default of `first`.
const PAGE: &str = "@listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], sizedFields: [\"edges\"], \
                    requireOneSlicingArgument: false)";
/// A short list that is not in [`FIELDS`].
const LIST: &str = "@listSize(assumedSize: 10)";
/// A mutation that is not in [`FIELDS`]: it writes, and waits for the disk.
const MUTATION: &str = "@cost(weight: \"10\")";

/// Types that are read together with what they belong to.
const FREE: [&str; 2] = ["Money", "PageInfo"];

/// Fields with a price or a length of their own; `*` stands for every type.
pub const FIELDS: &[(&str, &str)] = &[
    // A password is hashed, which takes much time on purpose.
    ("Mutation.signIn", "@cost(weight: \"100\")"),
    ("Mutation.totpEnroll", "@cost(weight: \"100\")"),
    ("Mutation.totpDisable", "@cost(weight: \"100\")"),
    // All banks there are, of which nothing is read from the database.
    ("Query.supportedBanks", "@listSize(assumedSize: 70)"),
    ("Mutation.staffInvitationAccept", "@cost(weight: \"100\")"),
    ("Mutation.passwordChange", "@cost(weight: \"200\")"),
    // Names, keys and targets are looked up one by one.
    ("AuditEntry.actor", "@cost(weight: \"2\")"),
    ("AuditEntry.target", "@cost(weight: \"2\")"),
    ("Mutation.reconciliationImport", "@cost(weight: \"200\")"),
    // Each is a statement of its own over everything that the filter wants.
    ("*.totalCount", "@cost(weight: \"10\")"),
    ("OrderConnection.totals", "@cost(weight: \"20\")"),
    ("RefundConnection.totals", "@cost(weight: \"20\")"),
    ("PayoutConnection.totals", "@cost(weight: \"20\")"),
    ("FeeConnection.totals", "@cost(weight: \"20\")"),
    (
        "OrderFacets.*",
        "@cost(weight: \"20\") @listSize(assumedSize: 10)",
    ),
    (
        "RefundConnection.states",
        "@cost(weight: \"20\") @listSize(assumedSize: 10)",
    ),
    (
        "PayoutConnection.states",
        "@cost(weight: \"20\") @listSize(assumedSize: 10)",
    ),
    // Looks through up to thousands of payouts.
    (
        "Query.payoutArrivals",
        "@cost(weight: \"50\") @listSize(assumedSize: 10)",
    ),
    // At most one for each thing that happens to it.
    ("Payout.records", "@listSize(assumedSize: 5)"),
    // Look through a month, or through thousands of payments.
    ("Query.feeStatement", "@cost(weight: \"100\")"),
    (
        "Query.feeDifferences",
        "@cost(weight: \"200\") @listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], \
       sizedFields: [\"edges\"], requireOneSlicingArgument: false)",
    ),
    // Read all redemptions of a campaign, or half a year of days, or all members.
    ("Campaign.effect", "@cost(weight: \"5\")"),
    ("CampaignEffect.totals", "@cost(weight: \"10\")"),
    ("CampaignEffect.givenBack", "@cost(weight: \"10\")"),
    (
        "CampaignEffect.byDay",
        "@cost(weight: \"20\") @listSize(assumedSize: 30)",
    ),
    ("CampaignEffect.baseline", "@cost(weight: \"20\")"),
    ("CampaignEffect.holdout", "@cost(weight: \"100\")"),
    // Counts a segment; reads all recipients of a message, and their orders.
    ("Query.messagePreview", "@cost(weight: \"50\")"),
    ("MessagePreview.samples", "@listSize(assumedSize: 3)"),
    ("Message.counts", "@cost(weight: \"2\")"),
    ("MessageCounts.pending", "@cost(weight: \"50\")"),
    ("Message.effect", "@cost(weight: \"100\")"),
    ("MessageRecipient.cameBackAt", "@cost(weight: \"2\")"),
    (
        "MessageRecipient.webhookDeliveries",
        "@listSize(assumedSize: 2)",
    ),
    // Look through all members.
    ("Segment.size", "@cost(weight: \"50\")"),
    (
        "SegmentMemberConnection.totalCount",
        "@cost(weight: \"50\")",
    ),
    ("SegmentPreview.size", "@cost(weight: \"50\")"),
    (
        "SegmentPreview.sample",
        "@cost(weight: \"20\") @listSize(assumedSize: 10)",
    ),
    (
        "Segment.members",
        "@cost(weight: \"20\") @listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], \
       sizedFields: [\"edges\"], requireOneSlicingArgument: false)",
    ),
    ("Query.rfmGroups", "@cost(weight: \"100\")"),
    ("RfmOverview.groups", "@listSize(assumedSize: 8)"),
    // Prices up to 200,000 orders.
    ("Query.campaignSimulate", "@cost(weight: \"300\")"),
    ("CampaignSimulation.byDay", "@listSize(assumedSize: 30)"),
    // Reads thousands of orders, and routes each anew.
    ("Query.routingDryRun", "@cost(weight: \"200\")"),
    // Two statements of its own for each channel.
    (
        "Channel.history",
        "@cost(weight: \"10\") @listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], \
       sizedFields: [\"edges\"], requireOneSlicingArgument: false)",
    ),
    // A statement of its own for each member.
    (
        "Member.orders",
        "@cost(weight: \"10\") @listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], \
       sizedFields: [\"edges\"], requireOneSlicingArgument: false)",
    ),
    // A dozen statements of its own for each member.
    (
        "Member.timeline",
        "@cost(weight: \"20\") @listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], \
       sizedFields: [\"edges\"], requireOneSlicingArgument: false)",
    ),
    // Looks through all members who have a telephone number.
    (
        "Query.memberDuplicates",
        "@cost(weight: \"100\") @listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], \
       sizedFields: [\"edges\"], requireOneSlicingArgument: false)",
    ),
    ("MemberDuplicates.members", "@listSize(assumedSize: 20)"),
    // Moves all that a member has.
    ("Mutation.memberMerge", "@cost(weight: \"200\")"),
    // Reads and writes thousands of rows.
    ("Mutation.memberImport", "@cost(weight: \"200\")"),
    ("Query.memberData", "@cost(weight: \"100\")"),
    ("Mutation.memberErase", "@cost(weight: \"100\")"),
    // Sums up a year of days of each member.
    ("Member.consumption", "@cost(weight: \"2\")"),
    // A statement of its own for each member.
    (
        "Member.tierChanges",
        "@cost(weight: \"10\") @listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], \
       sizedFields: [\"edges\"], requireOneSlicingArgument: false)",
    ),
    // Sum the days of up to ten years.
    ("Member.nextTier", "@cost(weight: \"2\")"),
    ("Member.tierRetention", "@cost(weight: \"2\")"),
    ("Query.tiers", "@listSize(assumedSize: 10)"),
    // Counts all who have it.
    ("Tier.memberCount", "@cost(weight: \"10\")"),
    (
        "Member.pointsEntries",
        "@cost(weight: \"10\") @listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], \
       sizedFields: [\"edges\"], requireOneSlicingArgument: false)",
    ),
    // All lots of a member, of which a hundred are shown.
    (
        "Member.pointLots",
        "@cost(weight: \"2\") @listSize(assumedSize: 20)",
    ),
    // Sums all lots there are.
    ("Query.pointsLiability", "@cost(weight: \"100\")"),
    ("PointsLiability.byMonth", "@listSize(assumedSize: 24)"),
    (
        "Member.rewardRedemptions",
        "@cost(weight: \"10\") @listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], \
       sizedFields: [\"edges\"], requireOneSlicingArgument: false)",
    ),
    (
        "Member.grants",
        "@cost(weight: \"10\") @listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], \
       sizedFields: [\"edges\"], requireOneSlicingArgument: false)",
    ),
    // One for each of the two days.
    ("Query.grantRules", "@listSize(assumedSize: 2)"),
    // Looks through all orders of each member.
    ("Member.paidOrders", "@cost(weight: \"2\")"),
    ("Member.spent", "@cost(weight: \"2\")"),
    // Count who bought, among the orders of the whole time.
    ("StatisticsMeasures.buyers", "@cost(weight: \"1\")"),
    ("StatisticsMeasures.newMembers", "@cost(weight: \"1\")"),
    (
        "StatisticsMeasures.returningMembers",
        "@cost(weight: \"1\")",
    ),
    // Look through the orders of up to a year.
    ("Query.productRanking", "@cost(weight: \"200\")"),
    ("Query.paymentFunnel", "@cost(weight: \"100\")"),
    (
        "Query.refundReasons",
        "@cost(weight: \"50\") @listSize(assumedSize: 9)",
    ),
    // Nine weeks of days by channel, and what waits.
    ("Query.dailyBrief", "@cost(weight: \"20\")"),
    ("ProductRanking.rows", "@listSize(assumedSize: 10)"),
    // The columns of one list.
    ("Query.exportColumns", "@listSize(assumedSize: 20)"),
    // At most one for each method.
    ("Query.checkoutChannels", "@listSize(assumedSize: 5)"),
    // Read many figures for each row that they make.
    ("Query.statistics", "@cost(weight: \"20\")"),
    ("Query.hourlyHeatmap", "@cost(weight: \"50\")"),
    ("Statistics.rows", "@listSize(assumedSize: 100)"),
    ("HourlyHeatmap.cells", "@listSize(assumedSize: 168)"),
    ("Query.trialBalance", "@cost(weight: \"20\")"),
    (
        "Query.nodes",
        "@listSize(assumedSize: 100, slicingArguments: [\"ids\"], requireOneSlicingArgument: false)",
    ),
    // Write thousands of rows.
    ("Mutation.segmentSnapshot", "@cost(weight: \"200\")"),
    ("Mutation.couponIssue", "@cost(weight: \"100\")"),
    ("Mutation.couponCodesCreate", "@cost(weight: \"200\")"),
    ("Mutation.couponVoid", "@cost(weight: \"200\")"),
    // Up to ten thousand, all at once.
    ("CouponBatch.codes", "@cost(weight: \"50\")"),
    ("OfferAudience.segments", "@listSize(assumedSize: 3)"),
    ("OfferAudience.tiers", "@listSize(assumedSize: 3)"),
    ("OfferAudience.withoutSegments", "@listSize(assumedSize: 3)"),
    ("OfferBenefit.steps", "@listSize(assumedSize: 3)"),
    ("OfferRules.hours", "@listSize(assumedSize: 3)"),
    ("OfferScope.channels", "@listSize(assumedSize: 3)"),
    // Waits for somebody else's server.
    ("Mutation.webhookTest", "@cost(weight: \"100\")"),
    ("Query.webhookEndpoints", "@listSize(assumedSize: 20)"),
    ("WebhookDelivery.attempts", "@listSize(assumedSize: 3)"),
    ("*.userErrors", "@listSize(assumedSize: 1)"),
    ("Order.lines", "@listSize(assumedSize: 5)"),
    ("Order.timeline", "@listSize(assumedSize: 5)"),
    ("Order.refunds", "@listSize(assumedSize: 2)"),
    ("Order.redemptions", "@listSize(assumedSize: 2)"),
    // Some statements of its own, and the price.
    ("Query.checkoutQuote", "@cost(weight: \"10\")"),
    ("CheckoutQuote.lines", "@listSize(assumedSize: 20)"),
    ("CheckoutQuote.notApplied", "@listSize(assumedSize: 50)"),
    // Prices the cart up to 120 times more.
    ("CheckoutQuote.bestCoupons", "@cost(weight: \"5\")"),
    ("Refund.lines", "@listSize(assumedSize: 5)"),
    (
        "Channel.uptime",
        "@cost(weight: \"10\") @listSize(assumedSize: 30, slicingArguments: [\"days\"], \
       requireOneSlicingArgument: false)",
    ),
    // Of each day, a histogram is read; whoever asks for nothing else of it pays for its hours alone.
    ("ChannelDay.createP50Ms", "@cost(weight: \"1\")"),
    ("ChannelDay.createP95Ms", "@cost(weight: \"1\")"),
    ("ChannelDay.callbackP50Ms", "@cost(weight: \"1\")"),
    ("ChannelDay.callbackP95Ms", "@cost(weight: \"1\")"),
    ("LedgerTransaction.entries", "@listSize(assumedSize: 5)"),
];

/// The two directives of the GraphQL Cost Directives specification.
const DEFINITIONS: &str = "\"\"\"
What a field costs beside what it selects, or what an object costs instead of 1.
\"\"\"
directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
\"\"\"
How many elements a list is charged for: what the largest of its slicing arguments says (a number, or as many as a \
list holds), else the assumed size. Sized fields are the lists inside the object that it is said of.
\"\"\"
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
";

/// Writes the prices into a schema's text, as the library prints it: each field's type ends a line that is
/// indented by two spaces.
#[must_use]
pub fn write_into(sdl: &str) -> String {
    let objects: HashSet<&str> = sdl.lines().filter_map(declared).collect();
    let mut priced = String::with_capacity(sdl.len() + 16_384);
    let (mut describes, mut ty, mut field) = (false, None, "");
    for line in sdl.lines() {
        if line.trim_start().starts_with("\"\"\"") {
            describes = !describes;
        }
        if line == "schema {" {
            priced += DEFINITIONS;
        }
        let mut price = None;
        if !describes {
            if !line.starts_with([' ', '}', '"']) {
                ty = declared(line);
            }
            if let Some(ty) = ty
                && let Some(rest) = line.strip_prefix("  ")
                && !rest.starts_with([' ', '"'])
            {
                if !rest.starts_with(')') {
                    field = rest.split([':', '(']).next().unwrap_or_default();
                }
                let returns = rest.rsplit_once(": ").filter(|_| !rest.ends_with('('));
                price = returns.and_then(|(_, returns)| price_of(ty, field, returns, &objects));
            }
        }
        match (
            price,
            declared(line).filter(|ty| !describes && FREE.contains(ty)),
        ) {
            (Some(price), _) => priced.extend([line, " ", price]),
            (None, Some(_)) => {
                let head = line.trim_end_matches('{');
                priced.extend([head, "@cost(weight: \"0\") {"]);
            }
            (None, None) => priced += line,
        }
        priced.push('\n');
    }
    priced
}

/// The object or interface that a line begins to declare.
fn declared(line: &str) -> Option<&str> {
    let rest = line
        .strip_prefix("type ")
        .or_else(|| line.strip_prefix("interface "))?;
    rest.split(' ').next().filter(|_| rest.ends_with('{'))
}

/// The directives of a field, by the table or by what it returns.
fn price_of(ty: &str, field: &str, returns: &str, objects: &HashSet<&str>) -> Option<&'static str> {
    let stands_for = |key: &str| {
        key.split_once('.')
            .is_some_and(|(of, name)| (of == "*" || of == ty) && (name == "*" || name == field))
    };
    let known = FIELDS.iter().find(|(key, _)| stands_for(key));
    if let Some((_, price)) = known {
        return Some(price);
    }
    let named = returns.split(' ').next()?.trim_matches(['[', ']', '!']);
    match named {
        _ if ty == "Mutation" => Some(MUTATION),
        _ if ty.ends_with("Connection") && field == "edges" => None,
        _ if named.ends_with("Connection") => Some(PAGE),
        _ if returns.starts_with('[') && objects.contains(named) => Some(LIST),
        _ => None,
    }
}
