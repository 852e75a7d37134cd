//! A request that is ready to be executed.

use std::sync::Arc;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationType, Selection, SelectionSet,
};
use async_graphql::{Request, ServerError, Variables};
use serde_json::Value;

use super::contract::Contract;
use super::cost::Bill;
use super::{Document, Hash, unplaced, validation};
use crate::config::Documents as Limits;
use crate::error::Error;
use crate::graphql::request::Params;

/// Queries of which the audit log is told.
const RECORDED: &[&str] = &["memberData"];

/// What a request asks for, ready to be executed.
#[derive(Debug)]
pub struct Prepared {
    pub(in crate::graphql) document: Arc<ExecutableDocument>,
    /// Whether it asks, changes, or follows.
    pub kind: OperationType,
    /// As it was asked for.
    pub(in crate::graphql) operation_name: Option<String>,
    pub(in crate::graphql) variables: Variables,
    name: Option<String>,
    hash: Hash,
    introspects: bool,
    logs_in: bool,
    cost: u64,
    tells_cost: bool,
}

impl Prepared {
    /// Checks variables and cost.
    pub(super) fn new(
        document: Arc<Document>,
        params: Params,
        limits: &Limits,
        contract: &Contract,
    ) -> Result<Self, Vec<ServerError>> {
        let Params {
            operation_name,
            variables,
            extensions,
            ..
        } = params;
        let variables = variables.unwrap_or_default();
        let wanted = operation_name.as_deref();
        // Where nobody can say which is meant, the executor says so.
        let operation = document.valid.operations.get(wanted).ok();
        if let Some(operation) = operation {
            validation::check_variables(&document.valid, operation, &variables, contract)
                .map_err(|error| vec![error])?;
        }
        let bill = document.formula.bill(wanted, &variables);
        if bill.cost > limits.max_cost {
            return Err(vec![unplaced(too_expensive(bill, limits.max_cost))]);
        }
        let tells_cost = extensions.is_some_and(|it| it.get("cost") == Some(&Value::Bool(true)));
        let name = operation.and_then(|operation| operation.name.as_ref());
        Ok(Self {
            kind: kind_of(&document.parsed, wanted),
            name: name.map(ToString::to_string),
            hash: document.hash,
            introspects: document.formula.introspects,
            logs_in: document.formula.logs_in,
            document: Arc::clone(&document.parsed),
            operation_name,
            variables: Variables::from_json(Value::Object(variables)),
            cost: bill.cost,
            tells_cost,
        })
    }

    /// A document by itself.
    #[cfg(test)]
    pub(in crate::graphql) fn of_document(
        document: ExecutableDocument,
        variables: Variables,
    ) -> Self {
        Self {
            kind: kind_of(&document, None),
            document: Arc::new(document),
            operation_name: None,
            variables,
            name: None,
            hash: Hash::default(),
            introspects: false,
            logs_in: false,
            cost: 0,
            tells_cost: false,
        }
    }

    /// What it costs.
    #[must_use]
    pub const fn cost(&self) -> u64 {
        self.cost
    }

    /// Whether the answer is to tell what it cost.
    #[must_use]
    pub const fn tells_cost(&self) -> bool {
        self.tells_cost
    }

    /// The name of its operation: the one that was asked for, or the document's only one.
    #[must_use]
    pub fn operation_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The hash of its document's text.
    #[must_use]
    pub const fn document_hash(&self) -> &Hash {
        &self.hash
    }

    /// Whether its document asks for the schema.
    #[must_use]
    pub const fn introspects(&self) -> bool {
        self.introspects
    }

    /// Whether its document tries a password or a token.
    #[must_use]
    pub const fn logs_in(&self) -> bool {
        self.logs_in
    }

    /// Whether it asks for something of which it is written down who read it: that is not to be fetched by accident.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        let operations = self.document.operations.iter();
        let fragments = self.document.fragments.values();
        let sets = operations.map(|(_, operation)| &operation.node.selection_set.node);
        let mut sets = sets.chain(fragments.map(|fragment| &fragment.node.selection_set.node));
        sets.any(asks_for_recorded)
    }

    /// What the library executes.
    pub(in crate::graphql) fn request(&self) -> Request {
        let mut request = Request::new("").variables(self.variables.clone());
        request.operation_name.clone_from(&self.operation_name);
        request.set_parsed_query(ExecutableDocument::clone(&self.document));
        request
    }
}

fn asks_for_recorded(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => RECORDED.contains(&field.node.name.node.as_str()),
        Selection::InlineFragment(inline) => asks_for_recorded(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}

fn too_expensive(bill: Bill, budget: u64) -> Error {
    Error::TooExpensive {
        cost: bill.cost,
        budget,
        field: bill.most_expensive,
        field_cost: bill.most,
    }
}

/// What an operation is. Where nobody can say which is meant, it is one that changes nothing, if there is
/// none but such: the executor refuses it anyway.
fn kind_of(document: &ExecutableDocument, wanted: Option<&str>) -> OperationType {
    match &document.operations {
        DocumentOperations::Single(operation) => operation.node.ty,
        DocumentOperations::Multiple(operations) => operations
            .iter()
            .filter(|(name, _)| wanted.is_none_or(|wanted| wanted == name.as_str()))
            .map(|(_, operation)| operation.node.ty)
            .find(|kind| *kind != OperationType::Query)
            .unwrap_or(OperationType::Query),
    }
}
