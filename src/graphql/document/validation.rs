//! Whether a document is valid by the letter of the specification, and a request's variables with it.

use apollo_compiler::executable::{ExecutableDocument, Operation};
use apollo_compiler::parser::Parser;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::response::GraphQLError;
use apollo_compiler::response::serde_json_bytes;
use apollo_compiler::validation::{DiagnosticList, Valid};
use async_graphql::{Pos, ServerError};
use serde_json::{Map, Value};

use super::contract::Contract;

/// How many errors are told: whoever has more mends the first ones first.
const ERRORS: usize = 20;
/// How many letters of an error are told: it may quote what was sent.
const LETTERS: usize = 400;

/// A document that is valid, or what is wrong with it. It was guarded before.
pub fn validate(
    text: &str,
    contract: &Contract,
) -> Result<Valid<ExecutableDocument>, Vec<ServerError>> {
    let schema = &contract.schema;
    let parsed = Parser::new().parse_executable(schema, text, "query");
    let parsed = parsed.map_err(|invalid| errors_of(&invalid.errors))?;
    parsed
        .validate(schema)
        .map_err(|invalid| errors_of(&invalid.errors))
}

/// Refuses values that an operation's variables cannot have. Scalars of ours are looked at later, when
/// they are read.
pub fn check_variables(
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &Map<String, Value>,
    contract: &Contract,
) -> Result<(), ServerError> {
    if operation.variables.is_empty() {
        return Ok(());
    }
    let declared = operation.variables.iter();
    let values = declared.filter_map(|variable| {
        let (name, value) = variables.get_key_value(variable.name.as_str())?;
        Some((
            name.as_str().into(),
            serde_json_bytes::Value::from(value.clone()),
        ))
    });
    let coerced = coerce_variable_values(&contract.schema, operation, &values.collect());
    match coerced {
        Ok(_) => Ok(()),
        Err(error) => Err(error_of(error.to_graphql_error(&document.sources))),
    }
}

fn errors_of(found: &DiagnosticList) -> Vec<ServerError> {
    let told = found.iter().take(ERRORS);
    told.map(|diagnostic| error_of(diagnostic.to_json()))
        .collect()
}

fn error_of(found: GraphQLError) -> ServerError {
    let message = match found.message.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &found.message[..end]),
        None => found.message,
    };
    let mut error = ServerError::new(message, None);
    let places = found.locations.into_iter();
    error.locations = places
        .map(|at| Pos {
            line: at.line,
            column: at.column,
        })
        .collect();
    error
}
