//! Pieces of answers that are JSON already: written once, and told to whoever asks the same.
//!
//! A ready piece stands in an answer as binary data, which the schema has none of; [`json`] writes an answer
//! with its pieces as they are. Whoever tells an answer writes it by this.

use std::fmt::Write;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::{Context, ContextSelectionSet, Name, Positioned, Response, Value};
use bytes::Bytes;
use serde::Serialize;

use super::plain::PlainObject;

/// An answer as JSON, with its ready pieces.
#[must_use]
pub fn json(answer: &Response) -> Vec<u8> {
    let mut out = Vec::with_capacity(1_024 + ready_bytes(&answer.data));
    out.push(b'{');
    if !answer.errors.is_empty() {
        out.extend_from_slice(b"\"errors\":");
        serialized(&answer.errors, &mut out);
        out.push(b',');
    }
    out.extend_from_slice(b"\"data\":");
    write(&answer.data, &mut out);
    if !answer.extensions.is_empty() {
        out.extend_from_slice(b",\"extensions\":");
        serialized(&answer.extensions, &mut out);
    }
    out.push(b'}');
    out
}

/// How many bytes of an answer are ready; pieces stand near its root.
fn ready_bytes(value: &Value) -> usize {
    match value {
        Value::Binary(piece) => piece.len(),
        Value::Object(fields) => fields.values().map(ready_bytes).sum(),
        _ => 0,
    }
}

fn serialized(value: &impl Serialize, out: &mut Vec<u8>) -> bool {
    serde_json::to_writer(out, value).is_ok()
}

/// Writes a value as JSON, and says that it did.
pub(super) fn write(value: &Value, out: &mut Vec<u8>) -> bool {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Boolean(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Number(number) => return serialized(number, out),
        Value::String(text) => return write_text(text, out),
        Value::Enum(name) => return write_text(name, out),
        Value::Binary(piece) => out.extend_from_slice(piece),
        Value::List(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            out.push(b'{');
            for (place, (name, value)) in fields.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_key(name, out);
                write(value, out);
            }
            out.push(b'}');
        }
    }
    true
}

/// Writes a text, and says that it did.
pub(super) fn write_text(text: &str, out: &mut Vec<u8>) -> bool {
    serialized(&text, out)
}

/// Writes a name of the language and a colon: it has no letter that JSON knows otherwise.
pub(super) fn write_key(name: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// A selection in which nothing is out of the ordinary: each response key once, no arguments, no directives. As
/// a text it is the same where the same is selected.
#[derive(Clone, Debug)]
pub struct Flat {
    text: String,
}

impl Flat {
    /// The selection of a root field; none where something in it is out of the ordinary, or where the same answer
    /// is put together of several fields.
    #[must_use]
    pub fn of(ctx: &Context<'_>) -> Option<Self> {
        let root = &ctx.query_env.operation.node.selection_set.node;
        if times(ctx, root, &ctx.item.node.response_key().node) != 1 {
            return None;
        }
        let mut flat = Self {
            text: String::new(),
        };
        let is_flat = flat.read(ctx, &ctx.item.node.selection_set.node);
        is_flat.then_some(flat)
    }

    fn read(&mut self, ctx: &Context<'_>, selection: &SelectionSet) -> bool {
        let mut keys = Vec::new();
        self.text.push('{');
        let is_flat = self.gather(ctx, selection, &mut keys);
        self.text.push('}');
        is_flat
    }

    fn gather<'a>(
        &mut self,
        ctx: &'a Context<'_>,
        selection: &'a SelectionSet,
        keys: &mut Vec<&'a str>,
    ) -> bool {
        selection.items.iter().all(|item| match &item.node {
            Selection::Field(field) => {
                let field = &field.node;
                let key = field.response_key().node.as_str();
                let is_new = !keys.contains(&key);
                keys.push(key);
                // Writing to a text cannot fail.
                let _ = write!(self.text, "{key}:{} ", field.name.node);
                is_new
                    && field.arguments.is_empty()
                    && field.directives.is_empty()
                    && (field.selection_set.node.items.is_empty()
                        || self.read(ctx, &field.selection_set.node))
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let fragment = ctx.query_env.fragments.get(name);
                spread.node.directives.is_empty()
                    && fragment.is_some_and(|fragment| {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        let _ = write!(self.text, "…{on} ");
                        self.gather(ctx, &fragment.node.selection_set.node, keys)
                    })
            }
            Selection::InlineFragment(fragment) => {
                if let Some(condition) = &fragment.node.type_condition {
                    let _ = write!(self.text, "…{} ", condition.node.on.node);
                }
                fragment.node.directives.is_empty()
                    && self.gather(ctx, &fragment.node.selection_set.node, keys)
            }
        })
    }

    /// The selection as a text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// How often a response key is selected.
fn times(ctx: &Context<'_>, selection: &SelectionSet, key: &str) -> usize {
    let within = selection.items.iter().map(|item| match &item.node {
        Selection::Field(field) => usize::from(field.node.response_key().node == key),
        Selection::FragmentSpread(spread) => {
            let name = &spread.node.fragment_name.node;
            let fragment = ctx.query_env.fragments.get(name);
            fragment.map_or(0, |it| times(ctx, &it.node.selection_set.node, key))
        }
        Selection::InlineFragment(it) => times(ctx, &it.node.selection_set.node, key),
    });
    within.sum()
}

/// An object's fields as JSON; one of them is told anew each time.
#[derive(Clone, Debug)]
pub struct Ready {
    /// By response key; none where it is told anew.
    fields: Vec<(Name, Option<Bytes>)>,
}

impl Ready {
    /// Writes what is selected of an object, except for the field that is told anew; none where anything has to
    /// be waited for.
    #[must_use]
    pub fn write<T: PlainObject>(
        object: &T,
        _: &Flat,
        ctx: &Context<'_>,
        anew: &str,
    ) -> Option<Self> {
        let ctx = ctx.with_selection_set(&ctx.item.node.selection_set);
        let mut ready = Self { fields: Vec::new() };
        let is_written = ready.gather(object, &ctx, &ctx.item.node, anew);
        is_written.then_some(ready)
    }

    fn gather<T: PlainObject>(
        &mut self,
        object: &T,
        ctx: &ContextSelectionSet<'_>,
        selection: &SelectionSet,
        anew: &str,
    ) -> bool {
        let is_ours = |name: &Name| name.as_str() == T::type_name();
        selection.items.iter().all(|item| match &item.node {
            Selection::Field(field) => self.add(object, ctx, field, anew),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                ctx.query_env.fragments.get(name).is_some_and(|fragment| {
                    is_ours(&fragment.node.type_condition.node.on.node)
                        && self.gather(object, ctx, &fragment.node.selection_set.node, anew)
                })
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                condition.is_none_or(|condition| is_ours(&condition.node.on.node))
                    && self.gather(object, ctx, &fragment.node.selection_set.node, anew)
            }
        })
    }

    fn add<T: PlainObject>(
        &mut self,
        object: &T,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        anew: &str,
    ) -> bool {
        let key = field.node.response_key().node.clone();
        let name = field.node.name.node.as_str();
        if name == anew {
            self.fields.push((key, None));
            return true;
        }
        let mut out = Vec::new();
        let is_written = match name {
            "__typename" => write_text(&T::type_name(), &mut out),
            name => object.plain_json(name, ctx, field, &mut out),
        };
        out.shrink_to_fit();
        self.fields.push((key, Some(out.into())));
        is_written
    }

    /// The object, with the field that is told anew.
    #[must_use]
    pub fn told(&self, anew: &Value) -> Value {
        let fields = self.fields.iter().map(|(name, piece)| {
            let value = piece.clone().map_or_else(|| anew.clone(), Value::Binary);
            (name.clone(), value)
        });
        Value::Object(fields.collect::<IndexMap<_, _>>())
    }

    /// How many bytes it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let pieces = self.fields.iter();
        pieces
            .map(|(name, piece)| name.len() + piece.as_ref().map_or(0, Bytes::len) + 64)
            .sum()
    }
}
