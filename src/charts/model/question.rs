//! The GraphQL that asks for what is drawn.

use serde_json::{Map, Value, json};

use super::measure::Counted;
use super::wish::{Kind, TOP, Wish};

impl Wish {
    /// The document that asks for what is drawn.
    #[must_use]
    pub fn document(&self) -> String {
        let field = self.measure.field();
        let figure = match self.measure.counted() {
            Counted::Money => format!("{field} {{ amount }}"),
            _ => field.to_owned(),
        };
        if self.kind == Kind::Heatmap {
            return format!(
                "query Chart($range: TimeRangeInput!, $filter: StatisticsFilterInput) {{ \
                 hourlyHeatmap(range: $range, filter: $filter) {{ timeZone range {{ from to }} \
                 cells {{ {figure} }} }} }}"
            );
        }
        let key = match self.dimension.as_deref() {
            Some("CHANNEL") => "channel { id name }",
            Some("METHOD") => "method",
            Some("COUNTRY") => "country",
            Some("CATEGORY") => "category",
            Some("MEMBER_TIER") => "memberTier { id name nameEn }",
            _ => "",
        };
        let (sums, rows) = if self.compare_to.is_some() {
            (
                format!("previousTotals {{ {figure} }}"),
                format!("previous {{ {figure} }}"),
            )
        } else {
            (String::new(), String::new())
        };
        format!(
            "query Chart($range: TimeRangeInput!, $grain: StatisticsGrain, $dimensions: [StatisticsDimension!], \
             $filter: StatisticsFilterInput, $compareTo: StatisticsComparison, $top: Int, \
             $orderBy: StatisticsMeasure) {{ \
             statistics(range: $range, grain: $grain, dimensions: $dimensions, filter: $filter, \
             compareTo: $compareTo, top: $top, orderBy: $orderBy) {{ asOf timeZone range {{ from to }} \
             totals {{ {figure} }} {sums} \
             rows {{ startsAt startsOn isOther {key} measures {{ {figure} }} {rows} }} }} }}"
        )
    }

    /// The values of its variables. What is left out is not there: null would be said.
    #[must_use]
    pub fn variables(&self) -> Value {
        let mut variables = Map::new();
        variables.insert("range".to_owned(), self.range.clone());
        if !self.filter.is_empty() {
            variables.insert("filter".to_owned(), self.filter.clone().into());
        }
        if self.kind != Kind::Heatmap {
            variables.insert("orderBy".to_owned(), self.measure.value().into());
            let texts = [("grain", &self.grain), ("compareTo", &self.compare_to)];
            for (name, value) in texts {
                if let Some(value) = value {
                    variables.insert(name.to_owned(), value.clone().into());
                }
            }
            if let Some(dimension) = &self.dimension {
                variables.insert("dimensions".to_owned(), json!([dimension]));
                variables.insert("top".to_owned(), self.top.unwrap_or(TOP.0).into());
            }
        }
        variables.into()
    }
}
