//! Who may see a front page, a brief, rankings and links to pictures.

use super::Question;

/// Every root field of the overview and of charts, and how it is asked.
pub fn questions() -> Vec<Question> {
    [
        ("Query.today", "{ today { orders } }"),
        ("Query.dailyBrief", "{ dailyBrief { on } }"),
        (
            "Query.productRanking",
            "{ productRanking(range: { preset: TODAY }) { quantity } }",
        ),
        (
            "Query.refundReasons",
            "{ refundReasons(range: { preset: TODAY }) { reason } }",
        ),
        (
            "Query.paymentFunnel",
            "{ paymentFunnel(range: { preset: TODAY }) { totals { made } } }",
        ),
        (
            "Query.chartUrl",
            "{ chartUrl(input: { kind: LINE, range: { preset: TODAY } }) }",
        ),
        (
            "Subscription.todayUpdated",
            "subscription { todayUpdated { cursor } }",
        ),
    ]
    .into_iter()
    .map(|(field, document)| Question {
        field,
        about: "",
        document: document.to_owned(),
    })
    .collect()
}
