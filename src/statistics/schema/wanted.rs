//! Looks ahead into a selection: which figures are to be read.

use async_graphql::Lookahead;

use crate::statistics::model::{Measure, Wanted};

/// Figures by their names in the schema.
const NAMES: [(&str, Measure); 13] = [
    ("orders", Measure::Orders),
    ("converted", Measure::Converted),
    ("paidOrders", Measure::PaidOrders),
    ("gross", Measure::Gross),
    ("discounts", Measure::Discounts),
    ("paid", Measure::Paid),
    ("refunds", Measure::Refunds),
    ("refunded", Measure::Refunded),
    ("fees", Measure::Fees),
    ("net", Measure::Net),
    ("averageOrderValue", Measure::AverageOrderValue),
    ("successRate", Measure::SuccessRate),
    ("averagePaySeconds", Measure::AveragePaySeconds),
];

/// What tells how many members bought.
const PEOPLE: [&str; 3] = ["buyers", "newMembers", "returningMembers"];

/// Where figures stand in an answer.
fn places<'a>(answer: &Lookahead<'a>) -> [Lookahead<'a>; 6] {
    let rows = answer.field("rows");
    [
        answer.field("totals"),
        answer.field("previousTotals"),
        answer.field("changes"),
        rows.field("measures"),
        rows.field("previous"),
        rows.field("change"),
    ]
}

/// Whether an answer's selection asks how many members bought.
pub fn wants_people(answer: &Lookahead<'_>) -> bool {
    let places = places(answer);
    let asks = |name: &str| places.iter().any(|place| place.field(name).exists());
    PEOPLE.into_iter().any(asks)
}

/// The figures that an answer's selection asks for, beside others.
pub fn wanted(answer: &Lookahead<'_>, others: Wanted) -> Wanted {
    let places = places(answer);
    let asked = NAMES
        .iter()
        .filter(|(name, _)| places.iter().any(|place| place.field(name).exists()));
    asked.fold(others, |wanted, (_, measure)| wanted.and(*measure))
}
