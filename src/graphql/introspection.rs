//! Who is shown the schema: everybody, members of staff, or nobody, as the setting says.

use async_graphql::Positioned;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use crate::auth::model::{Actor, Who};
use crate::config::Introspection;
use crate::error::{Error, Problem};

/// Refuses to show the schema to whoever may not see it.
pub fn check(setting: Introspection, actor: Option<&Actor>) -> Result<(), Error> {
    match setting {
        Introspection::Everyone => Ok(()),
        Introspection::Staff if actor.is_some_and(is_staff) => Ok(()),
        Introspection::Staff => Err(Error::Denied(Problem::new(
            "The schema is shown to members of staff who are signed in.",
            "只有已登录的员工可以查看数据模式。",
        ))),
        Introspection::Nobody => Err(Error::Denied(Problem::new(
            "The schema is not shown here.",
            "此处不提供数据模式。",
        ))),
    }
}

fn is_staff(actor: &Actor) -> bool {
    matches!(actor.who, Who::Staff { .. })
}

/// Whether a document asks for the schema. It can do so at the root of a query alone, and so it is enough
/// to look at the first level of each operation and each fragment; `__typename` is no secret.
#[must_use]
pub fn asks_for_schema(document: &ExecutableDocument) -> bool {
    let operations = document.operations.iter();
    let operations = operations.map(|(_, operation)| &operation.node.selection_set);
    let fragments = document.fragments.values();
    let fragments = fragments.map(|fragment| &fragment.node.selection_set);
    operations.chain(fragments).any(names_schema)
}

fn names_schema(set: &Positioned<SelectionSet>) -> bool {
    set.node
        .items
        .iter()
        .any(|selection| match &selection.node {
            Selection::Field(field) => {
                matches!(field.node.name.node.as_str(), "__schema" | "__type")
            }
            Selection::InlineFragment(fragment) => names_schema(&fragment.node.selection_set),
            Selection::FragmentSpread(_) => false,
        })
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn the_schema_is_asked_for_at_the_root_however_it_is_wrapped() {
        for (document, asks) in [
            ("{ __schema { types { name } } }", true),
            ("{ a: __type(name: \"Order\") { name } }", true),
            (
                "{ viewer { role } ... { ... on Query { __schema { types { name } } } } }",
                true,
            ),
            (
                "{ ...f } fragment f on Query { __type(name: \"A\") { name } }",
                true,
            ),
            (
                "query A { __typename } query B { __schema { types { name } } }",
                true,
            ),
            ("{ __typename viewer { __typename role } }", false),
            (
                "{ orders(filter: { text: \"__schema\" }) { totalCount } }",
                false,
            ),
        ] {
            let document_read = parse_query(document).unwrap();
            assert_eq!(asks_for_schema(&document_read), asks, "{document}");
        }
    }
}
