//! What an operation costs: a formula made once for each document, worked out for each request's variables.
//!
//! Each fragment is worked out once, however often it is used. Sums saturate. Fields under `@skip` and
//! `@include` are charged, and of fragments on several types each.

use std::collections::HashMap;

use apollo_compiler::Node;
use apollo_compiler::ast::{Argument, Value};
use apollo_compiler::executable::{ExecutableDocument, Field, Selection, SelectionSet};
use serde_json::{Map, Value as Json};

use super::contract::{Contract, ListSize};
use super::weight::LOGIN_FIELDS;

/// What asking for the schema costs. It cannot be said in the schema, since these fields are not in it.
const INTROSPECTION: u64 = 100;

/// The longest list that an argument can ask for: what is longer is refused when it is read, and told why.
const LONGEST: u64 = 100;
/// The most days that one can ask for.
const MOST_DAYS: u64 = 366;

/// What a document's operations cost.
#[derive(Debug, Default)]
pub struct Formula {
    operations: Vec<Operation>,
    fragments: Vec<Set>,
    /// Whether anything in it asks for the schema.
    pub introspects: bool,
    /// Whether anything in it tries a password or a token.
    pub logs_in: bool,
}

/// What one operation costs.
#[derive(Debug)]
struct Operation {
    name: Option<String>,
    /// Sizes that variables say where a request does not.
    defaults: HashMap<String, u64>,
    set: Set,
}

/// What a selection set costs.
#[derive(Debug, Default)]
struct Set {
    fields: Vec<Priced>,
    /// Fragments that are used, by their place.
    spreads: Vec<usize>,
}

/// What a field costs.
#[derive(Debug)]
struct Priced {
    /// Its coordinate: type and field.
    name: Box<str>,
    /// Once.
    weight: u64,
    /// For each element.
    each: u64,
    /// How many elements it has.
    elements: Size,
    /// How many elements the sized lists inside it have.
    inner_elements: Size,
    inner: Set,
}

/// How many elements there are.
#[derive(Debug)]
enum Size {
    One,
    /// As many as are said of what lies around it.
    AsAround,
    /// As the largest of these says, else as assumed.
    Said {
        assumed: u64,
        by: Vec<Slice>,
        /// What it is at the most.
        most: u64,
    },
}

/// What an argument says.
#[derive(Debug)]
enum Slice {
    Number(u64),
    Variable(String),
}

/// What an operation costs with a request's variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// The whole.
    pub cost: u64,
    /// The field that costs the most by itself, where it does: its coordinate.
    pub most_expensive: String,
    /// What this field costs there.
    pub most: u64,
}

impl Formula {
    /// Reads a document that is valid.
    pub fn read(document: &ExecutableDocument, contract: &Contract) -> Self {
        let places = document.fragments.keys().enumerate();
        let places = places.map(|(place, name)| (name.as_str(), place)).collect();
        let mut reader = Reader {
            contract,
            places,
            introspects: false,
            logs_in: false,
        };
        let fragments = document.fragments.values();
        let fragments = fragments
            .map(|fragment| reader.set(&fragment.selection_set))
            .collect();
        let operations = document.operations.iter().map(|operation| Operation {
            name: operation.name.as_ref().map(ToString::to_string),
            defaults: operation
                .variables
                .iter()
                .filter_map(|variable| {
                    let size = number(variable.default_value.as_ref()?)?;
                    Some((variable.name.to_string(), size))
                })
                .collect(),
            set: reader.set(&operation.selection_set),
        });
        let operations = operations.collect();
        Self {
            operations,
            fragments,
            introspects: reader.introspects,
            logs_in: reader.logs_in,
        }
    }

    /// What the operation of this name, or the only one, costs. Nothing where nobody can say which is meant:
    /// the executor refuses it.
    pub fn bill(&self, operation: Option<&str>, variables: &Map<String, Json>) -> Bill {
        let wanted = |it: &&Operation| operation.is_none() || it.name.as_deref() == operation;
        let Some(operation) = self.operations.iter().find(wanted) else {
            return Bill::default();
        };
        let mut sums = Sums {
            fragments: &self.fragments,
            known: vec![None; self.fragments.len()],
            defaults: &operation.defaults,
            variables,
        };
        let sum = sums.of_set(&operation.set);
        // Nothing lies around an operation that could say how many.
        let (cost, most) = (sum.total(1), sum.most(1));
        Bill {
            cost,
            most_expensive: most.field.to_owned(),
            most: most.cost,
        }
    }
}

/// Makes a formula of selections.
struct Reader<'a> {
    contract: &'a Contract,
    places: HashMap<&'a str, usize>,
    introspects: bool,
    logs_in: bool,
}

impl Reader<'_> {
    fn set(&mut self, selections: &SelectionSet) -> Set {
        let mut set = Set::default();
        self.read(selections, &mut set);
        set
    }

    /// Reads selections into a set, inline fragments as if they were not there.
    fn read(&mut self, selections: &SelectionSet, set: &mut Set) {
        for selection in &selections.selections {
            match selection {
                Selection::Field(field) => set.fields.extend(self.field(&selections.ty, field)),
                Selection::FragmentSpread(spread) => {
                    set.spreads
                        .extend(self.places.get(spread.fragment_name.as_str()));
                }
                Selection::InlineFragment(inline) => self.read(&inline.selection_set, set),
            }
        }
    }

    /// A field's price; none where it is free.
    fn field(&mut self, ty: &str, field: &Field) -> Option<Priced> {
        let (contract, definition) = (self.contract, &*field.definition);
        if matches!(field.name.as_str(), "__schema" | "__type") {
            self.introspects = true;
            return Some(Priced {
                name: field.name.as_str().into(),
                weight: INTROSPECTION,
                each: 0,
                elements: Size::One,
                inner_elements: Size::One,
                inner: Set::default(),
            });
        }
        self.logs_in |= LOGIN_FIELDS.contains(&field.name.as_str());
        let inner = field.selection_set.as_ref().map(|inner| self.set(inner));
        let inner = inner.unwrap_or_default();
        let (weight, each) = (
            contract.weight(definition),
            contract.weight_of_element(definition),
        );
        if weight == 0 && each == 0 && inner.fields.is_empty() && inner.spreads.is_empty() {
            return None;
        }
        let (elements, inner_elements) = match contract.list_size(definition) {
            Some(size) if size.is_of_inner => (Size::One, said(&size, &field.arguments)),
            Some(size) => (said(&size, &field.arguments), Size::One),
            None if contract.is_sized(ty, &field.name) => (Size::AsAround, Size::One),
            None => (Size::One, Size::One),
        };
        let name = format!("{ty}.{}", field.name).into();
        Some(Priced {
            name,
            weight,
            each,
            elements,
            inner_elements,
            inner,
        })
    }
}

/// What a field's arguments say of how many there are.
fn said(size: &ListSize, arguments: &[Node<Argument>]) -> Size {
    let slicing = arguments
        .iter()
        .filter(|it| size.arguments.iter().any(|name| it.name == **name));
    let by = slicing.filter_map(|argument| match &*argument.value {
        Value::Variable(name) => Some(Slice::Variable(name.to_string())),
        _ => number(&argument.value).map(Slice::Number),
    });
    let counts_days = size.arguments.iter().any(|name| name == "days");
    Size::Said {
        assumed: size.assumed,
        by: by.collect(),
        most: if counts_days { MOST_DAYS } else { LONGEST },
    }
}

/// How many a value in a document says: a number, or as many as a list holds.
fn number(value: &Value) -> Option<u64> {
    match value {
        // Digits beyond every number are many.
        Value::Int(digits) if digits.as_str().starts_with('-') => Some(0),
        Value::Int(digits) => Some(digits.as_str().parse().unwrap_or(u64::MAX)),
        Value::List(items) => u64::try_from(items.len()).ok(),
        _ => None,
    }
}

/// How many a variable's value says.
fn number_of_json(value: &Json) -> Option<u64> {
    match value {
        Json::Number(number) => Some(number.as_u64().unwrap_or(0)),
        Json::Array(items) => u64::try_from(items.len()).ok(),
        _ => None,
    }
}

/// Works a formula out.
struct Sums<'a> {
    fragments: &'a [Set],
    known: Vec<Option<Sum<'a>>>,
    defaults: &'a HashMap<String, u64>,
    variables: &'a Map<String, Json>,
}

/// A cost that depends on how many elements are said of what lies around: `flat + sized × elements`.
#[derive(Clone, Copy, Debug, Default)]
struct Sum<'a> {
    flat: u64,
    sized: u64,
    most_flat: Most<'a>,
    most_sized: Most<'a>,
}

/// What a field costs by itself.
#[derive(Clone, Copy, Debug, Default)]
struct Most<'a> {
    cost: u64,
    field: &'a str,
}

impl<'a> Most<'a> {
    fn times(self, count: u64) -> Self {
        Self {
            cost: self.cost.saturating_mul(count),
            ..self
        }
    }

    fn or(self, other: Self) -> Self {
        if other.cost > self.cost { other } else { self }
    }
}

impl<'a> Sum<'a> {
    fn total(&self, elements: u64) -> u64 {
        self.flat
            .saturating_add(self.sized.saturating_mul(elements))
    }

    fn most(&self, elements: u64) -> Most<'a> {
        self.most_flat.or(self.most_sized.times(elements))
    }

    fn and(self, other: Self) -> Self {
        Self {
            flat: self.flat.saturating_add(other.flat),
            sized: self.sized.saturating_add(other.sized),
            most_flat: self.most_flat.or(other.most_flat),
            most_sized: self.most_sized.or(other.most_sized),
        }
    }
}

impl<'a> Sums<'a> {
    /// It calls itself as deep as selections lie, which is bounded before.
    fn of_set(&mut self, set: &'a Set) -> Sum<'a> {
        let mut sum = Sum::default();
        for field in &set.fields {
            sum = sum.and(self.of_field(field));
        }
        for place in &set.spreads {
            sum = sum.and(self.of_fragment(*place));
        }
        sum
    }

    fn of_fragment(&mut self, place: usize) -> Sum<'a> {
        if let Some(known) = self.known.get(place).copied().flatten() {
            return known;
        }
        let fragments = self.fragments;
        let sum = fragments
            .get(place)
            .map(|set| self.of_set(set))
            .unwrap_or_default();
        if let Some(known) = self.known.get_mut(place) {
            *known = Some(sum);
        }
        sum
    }

    fn of_field(&mut self, field: &'a Priced) -> Sum<'a> {
        let inner = self.of_set(&field.inner);
        let inner_elements = self.how_many(&field.inner_elements);
        let each = field.each.saturating_add(inner.total(inner_elements));
        let most_inside = inner.most(inner_elements);
        let own = |cost| Most {
            cost,
            field: &field.name,
        };
        if matches!(field.elements, Size::AsAround) {
            return Sum {
                flat: field.weight,
                sized: each,
                most_flat: own(field.weight),
                most_sized: own(field.each).or(most_inside),
            };
        }
        let count = self.how_many(&field.elements);
        let own_cost = field
            .weight
            .saturating_add(field.each.saturating_mul(count));
        Sum {
            flat: field.weight.saturating_add(each.saturating_mul(count)),
            most_flat: own(own_cost).or(most_inside.times(count)),
            ..Sum::default()
        }
    }

    fn how_many(&self, size: &Size) -> u64 {
        let Size::Said { assumed, by, most } = size else {
            return 1;
        };
        let said = by.iter().filter_map(|slice| match slice {
            Slice::Number(number) => Some(*number),
            Slice::Variable(name) => match self.variables.get(name) {
                Some(value) => number_of_json(value),
                None => self.defaults.get(name).copied(),
            },
        });
        said.max().map_or(*assumed, |size| size.min(*most))
    }
}

#[cfg(test)]
mod tests;
