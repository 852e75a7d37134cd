//! What a document would cost with its fragments expanded, and what is refused because of it.
//!
//! The library's own walks expand fragments, too: two dozen that double would keep it busy for ever.
//! Here each fragment is weighed once, after those that it uses.

use std::collections::HashMap;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};

use crate::config::Documents;
use crate::error::{Error, Problem};

/// How many login fields a document may have: each tries a password or a token.
const LOGINS: usize = 1;
/// The fields that log in.
pub const LOGIN_FIELDS: [&str; 4] = [
    "signIn",
    "tokenRefresh",
    "staffInvitationAccept",
    "passwordChange",
];
/// How many lists of types may lie inside each other.
const TYPE_LIST_LEVELS: usize = 2;
/// The lists through which introspection comes from a type to types: inside each other they multiply.
const TYPE_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// How deep selection sets may lie inside each other, those of fragments counted.
pub const fn nesting(limits: &Documents) -> usize {
    limits.max_nesting.saturating_mul(2)
}

/// A limit: its figure, its size, and its name in English and Chinese.
type Limit = (
    fn(&Weight) -> usize,
    fn(&Documents) -> usize,
    &'static str,
    &'static str,
);

/// What an operation may weigh, and each fragment by itself.
const LIMITS: [Limit; 6] = [
    (
        |w| w.selections,
        |limits| limits.max_fields,
        "fields and fragments",
        "字段与片段数",
    ),
    (
        |w| w.depth,
        |limits| limits.max_depth,
        "levels of fields",
        "字段层数",
    ),
    (
        |w| w.nesting,
        nesting,
        "levels of selection sets",
        "选择集层数",
    ),
    (
        |w| w.aliases,
        |limits| limits.max_aliases,
        "aliases",
        "别名数",
    ),
    (
        |w| w.directives,
        |limits| limits.max_directives,
        "directives",
        "指令数",
    ),
    (
        |w| w.type_lists,
        |_| TYPE_LIST_LEVELS,
        "lists of types inside each other",
        "类型列表嵌套层数",
    ),
];
/// What only an operation may not exceed.
const OPERATION_LIMITS: [Limit; 2] = [
    (
        |w| w.roots,
        |limits| limits.max_roots,
        "fields at the root of an operation",
        "操作根字段数",
    ),
    (
        |w| w.logins,
        |_| LOGINS,
        "`signIn`, `tokenRefresh`, `staffInvitationAccept` or `passwordChange`",
        "`signIn`、`tokenRefresh`、`staffInvitationAccept` 或 `passwordChange` 次数",
    ),
];

/// What a selection set amounts to, its fragments expanded. Sums saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    /// Fields, spreads and inline fragments.
    selections: usize,
    aliases: usize,
    directives: usize,
    logins: usize,
    /// Fields of this level, those of fragments counted.
    roots: usize,
    /// Levels of fields.
    depth: usize,
    /// Levels of selection sets.
    nesting: usize,
    /// Levels of [`TYPE_LISTS`].
    type_lists: usize,
}

impl Weight {
    /// Two beside each other.
    fn beside(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            logins: self.logins.saturating_add(other.logins),
            roots: self.roots.saturating_add(other.roots),
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
            type_lists: self.type_lists.max(other.type_lists),
        }
    }

    /// A field that selects this.
    fn of_field(self, field: &Field) -> Self {
        let name = field.name.node.as_str();
        Self {
            aliases: self
                .aliases
                .saturating_add(usize::from(field.alias.is_some())),
            logins: self
                .logins
                .saturating_add(usize::from(LOGIN_FIELDS.contains(&name))),
            roots: 1,
            // Introspection has a rule of its own, `type_lists`: it comes by `ofType` from a type to one
            // type, which costs nothing, and the usual query for a schema lies 13 deep.
            depth: if is_introspection(name) {
                1
            } else {
                self.depth + 1
            },
            type_lists: self.type_lists + usize::from(TYPE_LISTS.contains(&name)),
            ..self
        }
    }

    /// A fragment on this type. What lies in introspection has no depth.
    fn on(self, ty: &str) -> Self {
        let depth = if ty.starts_with("__") { 0 } else { self.depth };
        Self { depth, ..self }
    }

    /// With directives.
    fn with_directives(self, count: usize) -> Self {
        let directives = self.directives.saturating_add(count);
        Self { directives, ..self }
    }

    /// Refuses what is more than one of the limits allows.
    fn within(&self, table: &[Limit], limits: &Documents) -> Result<(), Error> {
        for (figure, most, en, zh) in table {
            at_most(most(limits), figure(self), en, zh)?;
        }
        Ok(())
    }
}

/// Whether a field asks for the schema.
fn is_introspection(field: &str) -> bool {
    matches!(field, "__schema" | "__type")
}

/// Refuses a figure above its limit, and names both.
fn at_most(most: usize, figure: usize, en: &str, zh: &str) -> Result<(), Error> {
    if figure <= most {
        return Ok(());
    }
    Err(Error::LimitExceeded(Problem::new(
        format!(
            "A document has at most {most} {en}, its fragments expanded; this one has {figure}."
        ),
        format!("查询文档展开片段后，{zh}最多为 {most}，当前为 {figure}。"),
    )))
}

/// Refuses a document that would cost too much, whose fragments contain themselves or are not there, or
/// that follows several things in one subscription.
pub fn check(document: &ExecutableDocument, limits: &Documents) -> Result<(), Error> {
    let count = document.fragments.len();
    at_most(limits.max_fragments, count, "fragments", "片段数")?;
    let fragments = weigh_fragments(document)?;
    let mut sum = Weight::default();
    for (_, operation) in document.operations.iter() {
        let weight = weigh_operation(&operation.node, &fragments).map_err(unknown)?;
        if operation.node.ty == OperationType::Subscription && weight.roots > 1 {
            return Err(Error::bad_input(
                "query",
                "a subscription follows one field; send one subscription for each.",
                "一个订阅只能包含一个根字段；请分别订阅。",
            ));
        }
        let roots = sum.roots.max(weight.roots);
        sum = Weight {
            roots,
            ..sum.beside(weight)
        };
    }
    sum.within(&LIMITS, limits)?;
    sum.within(&OPERATION_LIMITS, limits)?;
    // Fragments that nobody uses are validated, too.
    fragments
        .values()
        .try_for_each(|weight| weight.within(&LIMITS, limits))
}

fn weigh_operation<'a>(
    operation: &'a OperationDefinition,
    fragments: &HashMap<&str, Weight>,
) -> Result<Weight, &'a str> {
    let variables = operation.variable_definitions.iter();
    let on_variables: usize = variables.map(|it| it.node.directives.len()).sum();
    let weight = weigh(&operation.selection_set.node, fragments)?;
    Ok(weight.with_directives(on_variables + operation.directives.len()))
}

/// Weighs each fragment as soon as those that it uses are weighed.
fn weigh_fragments(document: &ExecutableDocument) -> Result<HashMap<&str, Weight>, Error> {
    let mut weighed = HashMap::new();
    loop {
        let (before, mut waiting) = (weighed.len(), HashMap::new());
        for (name, fragment) in &document.fragments {
            let name = name.as_str();
            if weighed.contains_key(name) {
                continue;
            }
            match weigh(&fragment.node.selection_set.node, &weighed) {
                Ok(weight) => {
                    let weight = weight.on(fragment.node.type_condition.node.on.node.as_str());
                    let directives = fragment.node.directives.len();
                    weighed.insert(name, weight.with_directives(directives));
                }
                Err(other) if document.fragments.contains_key(other) => {
                    waiting.insert(name, other);
                }
                Err(other) => return Err(unknown(other)),
            }
        }
        match waiting.keys().next() {
            None => return Ok(weighed),
            Some(name) if weighed.len() == before => return Err(circle(name, &waiting)),
            Some(_) => {}
        }
    }
}

/// Weighs a selection set, or names a fragment that is not weighed. It calls itself as deep as brackets
/// lie in the text, not through fragments.
fn weigh<'a>(set: &'a SelectionSet, fragments: &HashMap<&str, Weight>) -> Result<Weight, &'a str> {
    let mut sum = Weight::default();
    for item in &set.items {
        let weight = match &item.node {
            Selection::Field(field) => {
                let inner = weigh(&field.node.selection_set.node, fragments)?;
                inner.of_field(&field.node)
            }
            Selection::InlineFragment(inline) => {
                let inner = weigh(&inline.node.selection_set.node, fragments)?;
                match &inline.node.type_condition {
                    Some(condition) => inner.on(condition.node.on.node.as_str()),
                    None => inner,
                }
            }
            Selection::FragmentSpread(spread) => {
                let name = spread.node.fragment_name.node.as_str();
                fragments.get(name).copied().ok_or(name)?
            }
        };
        sum.selections = sum.selections.saturating_add(1);
        sum = sum.beside(weight.with_directives(item.node.directives().len()));
    }
    if !set.items.is_empty() {
        sum.nesting += 1;
    }
    Ok(sum)
}

fn unknown(name: &str) -> Error {
    Error::bad_input(
        "query",
        format!("there is no fragment `{name}` in this document."),
        format!("文档中没有片段 `{name}`。"),
    )
}

/// Of fragments that wait for each other: one step for each leads into a circle.
fn circle<'a>(first: &'a str, waiting: &HashMap<&'a str, &'a str>) -> Error {
    let name = waiting
        .keys()
        .fold(first, |name, _| waiting.get(name).copied().unwrap_or(name));
    Error::bad_input(
        "query",
        format!("the fragment `{name}` contains itself."),
        format!("片段 `{name}` 包含自身。"),
    )
}

#[cfg(test)]
mod tests;
