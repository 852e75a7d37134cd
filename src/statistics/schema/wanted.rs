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

/// The figures that an answer's selection asks for, beside others.
pub fn wanted(answer: &Lookahead<'_>, others: Wanted) -> Wanted {
    let rows = answer.field("rows");
    let places = [
        answer.field("totals"),
        answer.field("previousTotals"),
        answer.field("changes"),
        rows.field("measures"),
        rows.field("previous"),
        rows.field("change"),
    ];
    let asked = NAMES
        .iter()
        .filter(|(name, _)| places.iter().any(|place| place.field(name).exists()));
    asked.fold(others, |wanted, (_, measure)| wanted.and(*measure))
}
