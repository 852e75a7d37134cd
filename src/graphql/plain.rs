//! Objects whose fields are at hand, written without a future a field: where lists are long this is
//! more than half of a request's time. What is not at hand is resolved as usual.
//!
//! [`plain_object!`] declares such an object once, for the schema and for the quick way; [`Lean`]
//! returns it from a resolver. Whatever is out of the ordinary (a field merged from two fragments, a
//! type condition on an interface) takes the library's own way, which is always right.

mod json;
mod values;

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::resolve_container;
use async_graphql::{
    ContextSelectionSet, Name, ObjectType, OutputType, Positioned, ServerResult, Value,
};
use futures_util::future::try_join_all;

use super::{fields, ready};

pub use json::json_object;
pub(crate) use values::plain_scalars;

/// A value that can be written at once.
pub trait Plain: Send + Sync {
    /// The value of `field`; none where something in it has to be waited for.
    fn write(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> Option<Value>;

    /// Writes the same as JSON, without a value in between; false where something in it has to be waited
    /// for, and what was written means nothing. The selection is a [`Flat`](super::ready::Flat) one.
    fn json(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        out: &mut Vec<u8>,
    ) -> bool {
        let value = self.write(ctx, field);
        value.is_some_and(|value| ready::write(&value, out))
    }
}

/// An object that can write some of its fields at once.
pub trait PlainObject: ObjectType {
    /// The value of a field; none where it has to be waited for.
    fn plain(
        &self,
        name: &str,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> Option<Value>;

    /// Writes a field as JSON; false where it has to be waited for.
    fn plain_json(
        &self,
        name: &str,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        out: &mut Vec<u8>,
    ) -> bool;
}

/// An object that is answered the quick way.
#[derive(Clone, Debug)]
pub struct Lean<T>(pub T);

impl<T: PlainObject> OutputType for Lean<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let mut gathered = Gathered::default();
        if !gathered.gather(&self.0, ctx, &ctx.item.node) {
            return resolve_container(ctx, &self.0).await;
        }
        let Gathered {
            mut object,
            waiting,
            ..
        } = gathered;
        if !waiting.is_empty() {
            let values = try_join_all(waiting.iter().map(|(_, field)| async move {
                let ctx = ctx.with_field(field);
                fields::traced(&ctx, &T::type_name(), self.0.resolve_field(&ctx)).await
            }))
            .await?;
            for ((place, _), value) in waiting.iter().zip(values) {
                if let Some((_, slot)) = object.get_index_mut(*place) {
                    *slot = value.unwrap_or_default();
                }
            }
        }
        Ok(Value::Object(object))
    }
}

/// Writes a whole object at once; none where any of its fields has to be waited for.
pub fn write_object<T: PlainObject>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> Option<Value> {
    let mut gathered = Gathered {
        at_once: true,
        ..Gathered::default()
    };
    gathered
        .gather(object, ctx, &field.node.selection_set.node)
        .then_some(Value::Object(gathered.object))
}

/// An object under way: what is written, and what has to be waited for, by place.
#[derive(Default)]
struct Gathered<'a> {
    object: IndexMap<Name, Value>,
    waiting: Vec<(usize, &'a Positioned<Field>)>,
    at_once: bool,
}

impl<'a> Gathered<'a> {
    /// Adds a selection; false where it takes the library's own way.
    fn gather<T: PlainObject>(
        &mut self,
        object: &T,
        ctx: &ContextSelectionSet<'a>,
        selection: &'a SelectionSet,
    ) -> bool {
        self.object.reserve(selection.items.len());
        selection.items.iter().all(|item| match &item.node {
            Selection::Field(field) => self.add(object, ctx, field),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                ctx.query_env.fragments.get(name).is_some_and(|fragment| {
                    fragment.node.type_condition.node.on.node.as_str() == T::type_name()
                        && self.gather(object, ctx, &fragment.node.selection_set.node)
                })
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                condition.is_none_or(|condition| condition.node.on.node.as_str() == T::type_name())
                    && self.gather(object, ctx, &fragment.node.selection_set.node)
            }
        })
    }

    fn add<T: PlainObject>(
        &mut self,
        object: &T,
        ctx: &ContextSelectionSet<'a>,
        field: &'a Positioned<Field>,
    ) -> bool {
        if !field.node.directives.is_empty() {
            return false;
        }
        let name = field.node.name.node.as_str();
        let value = if name == "__typename" {
            Some(Value::String(T::type_name().into_owned()))
        } else {
            object.plain(name, ctx, field)
        };
        if value.is_none() {
            if self.at_once {
                return false;
            }
            self.waiting.push((self.object.len(), field));
        }
        let key = field.node.response_key().node.clone();
        self.object.insert(key, value.unwrap_or_default()).is_none()
    }
}

/// Declares a GraphQL object once, for the schema and for the quick way.
///
/// The first block lists fields at hand, each with its name in the schema; the last holds resolvers as
/// the library knows them. The block between names those resolvers whose value may have been fetched
/// with the object: an `Option`, none where it was not.
macro_rules! plain_object {
    (
        $(#[$object_meta:meta])*
        $object:ident($this:ident) {
            $($(#[$field_meta:meta])* $name:ident / $gql:literal: $ty:ty = $value:expr;)*
        }
        $(fetched { $($fetched_gql:literal => $fetched:expr;)* })?
        $({ $($resolvers:tt)* })?
    ) => {
        $(#[$object_meta])*
        #[async_graphql::Object]
        impl $object {
            $(
                $(#[$field_meta])*
                #[graphql(name = $gql)]
                pub async fn $name(&$this) -> $ty {
                    $value
                }
            )*
            $($($resolvers)*)?
        }

        impl $crate::graphql::plain::PlainObject for $object {
            fn plain(
                &$this,
                name: &str,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> Option<async_graphql::Value> {
                match name {
                    $($gql => {
                        let value: $ty = $value;
                        $crate::graphql::plain::Plain::write(&value, ctx, field)
                    })*
                    $($($fetched_gql => {
                        $crate::graphql::plain::Plain::write(&$fetched?, ctx, field)
                    })*)?
                    _ => None,
                }
            }

            fn plain_json(
                &$this,
                name: &str,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
                out: &mut Vec<u8>,
            ) -> bool {
                match name {
                    $($gql => {
                        let value: $ty = $value;
                        $crate::graphql::plain::Plain::json(&value, ctx, field, out)
                    })*
                    $($($fetched_gql => {
                        let fetched = $fetched;
                        fetched.is_some_and(|value| {
                            $crate::graphql::plain::Plain::json(&value, ctx, field, out)
                        })
                    })*)?
                    _ => false,
                }
            }
        }

        impl $crate::graphql::plain::Plain for $object {
            fn write(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> Option<async_graphql::Value> {
                $crate::graphql::plain::write_object(self, ctx, field)
            }

            fn json(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
                out: &mut Vec<u8>,
            ) -> bool {
                $crate::graphql::plain::json_object(self, ctx, field, out)
            }
        }
    };
}
pub(crate) use plain_object;
