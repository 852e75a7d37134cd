//! Writes objects whose fields are at hand as JSON, without a value in between.

use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::{ContextSelectionSet, Name, Positioned};

use super::PlainObject;
use crate::graphql::ready;

/// Writes a whole object as JSON; false where any of its fields has to be waited for.
pub fn json_object<T: PlainObject>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    out: &mut Vec<u8>,
) -> bool {
    out.push(b'{');
    let mut is_first = true;
    let is_written = json_fields(
        object,
        ctx,
        &field.node.selection_set.node,
        &mut is_first,
        out,
    );
    out.push(b'}');
    is_written
}

fn json_fields<T: PlainObject>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
    selection: &SelectionSet,
    is_first: &mut bool,
    out: &mut Vec<u8>,
) -> bool {
    let is_ours = |name: &Name| name.as_str() == T::type_name();
    selection.items.iter().all(|item| match &item.node {
        Selection::Field(field) => {
            if !std::mem::take(is_first) {
                out.push(b',');
            }
            ready::write_key(&field.node.response_key().node, out);
            match field.node.name.node.as_str() {
                "__typename" => ready::write_text(&T::type_name(), out),
                name => object.plain_json(name, ctx, field, out),
            }
        }
        Selection::FragmentSpread(spread) => {
            let name = &spread.node.fragment_name.node;
            ctx.query_env.fragments.get(name).is_some_and(|fragment| {
                is_ours(&fragment.node.type_condition.node.on.node)
                    && json_fields(
                        object,
                        ctx,
                        &fragment.node.selection_set.node,
                        is_first,
                        out,
                    )
            })
        }
        Selection::InlineFragment(fragment) => {
            let condition = fragment.node.type_condition.as_ref();
            condition.is_none_or(|condition| is_ours(&condition.node.on.node))
                && json_fields(
                    object,
                    ctx,
                    &fragment.node.selection_set.node,
                    is_first,
                    out,
                )
        }
    })
}
