//! Who may ask for statistics.

use super::Question;

/// Every root field of statistics, and how it is asked.
pub fn questions() -> Vec<Question> {
    [
        (
            "Query.statistics",
            "{ statistics(range: { preset: TODAY }) { totals { orders } } }",
        ),
        (
            "Query.hourlyHeatmap",
            "{ hourlyHeatmap(range: { preset: TODAY }) { asOf } }",
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
