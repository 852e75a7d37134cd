//! A request that is ready to be executed.

use std::sync::Arc;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType};
use async_graphql::{Request, ServerError, Variables};
use serde_json::{Map, Value};

use super::contract::Contract;
use super::cost::Bill;
use super::{Document, Hash, unplaced, validation};
use crate::config::Documents as Limits;
use crate::error::Error;
use crate::graphql::request::Params;

/// What a request asks for, ready to be executed.
#[derive(Debug)]
pub struct Prepared {
    document: Arc<Document>,
    /// Whether it asks, changes, or follows.
    pub kind: OperationType,
    operation_name: Option<String>,
    variables: Map<String, Value>,
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
        // Whether it is known which one is meant, the executor says.
        if let Ok(operation) = document.valid.operations.get(wanted) {
            validation::check_variables(&document.valid, operation, &variables, contract)
                .map_err(|error| vec![error])?;
        }
        let bill = document.formula.bill(wanted, &variables);
        if bill.cost > limits.max_cost {
            return Err(vec![unplaced(too_expensive(bill, limits.max_cost))]);
        }
        let tells_cost = extensions.is_some_and(|it| it.get("cost") == Some(&Value::Bool(true)));
        Ok(Self {
            kind: kind_of(&document.parsed, wanted),
            document,
            operation_name,
            variables,
            cost: bill.cost,
            tells_cost,
        })
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
        let wanted = self.operation_name.as_deref();
        let operation = self.document.valid.operations.get(wanted).ok()?;
        operation.name.as_ref().map(|name| name.as_str())
    }

    /// The hash of its document's text.
    #[must_use]
    pub fn document_hash(&self) -> &Hash {
        &self.document.hash
    }

    /// The values of its variables, as they were sent.
    #[must_use]
    pub const fn variables(&self) -> &Map<String, Value> {
        &self.variables
    }

    /// Whether its document asks for the schema.
    #[must_use]
    pub fn introspects(&self) -> bool {
        self.document.formula.introspects
    }

    /// As the executor takes it.
    #[must_use]
    pub fn request(self) -> Request {
        let variables = Variables::from_json(Value::Object(self.variables));
        let mut request = Request::new("").variables(variables);
        request.operation_name = self.operation_name;
        request.set_parsed_query(ExecutableDocument::clone(&self.document.parsed));
        request
    }
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
