//! Plain values: scalars, lists, and what may be missing.

use async_graphql::parser::types::Field;
use async_graphql::{ContextSelectionSet, ID, Positioned, Value};

use super::{Lean, Plain, PlainObject, json_object, write_object};
use crate::graphql::{ready, scalars};

/// Writes scalars and enums, which are the same whatever is selected.
macro_rules! plain_scalars {
    ($($scalar:ty),* $(,)?) => {$(
        impl $crate::graphql::plain::Plain for $scalar {
            fn write(
                &self,
                _ctx: &async_graphql::ContextSelectionSet<'_>,
                _field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> Option<async_graphql::Value> {
                Some(async_graphql::InputType::to_value(self))
            }
        }
    )*};
}
pub(crate) use plain_scalars;

plain_scalars!(
    ID,
    String,
    bool,
    i32,
    i64,
    scalars::DecimalText,
    scalars::Timestamp,
    scalars::LocalDate,
    scalars::CountryCode,
    scalars::CurrencyCode,
);

impl<T: PlainObject> Plain for Lean<T> {
    fn write(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> Option<Value> {
        write_object(&self.0, ctx, field)
    }

    fn json(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        out: &mut Vec<u8>,
    ) -> bool {
        json_object(&self.0, ctx, field, out)
    }
}

impl Plain for &str {
    fn write(&self, _ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> Option<Value> {
        Some(Value::String((*self).to_owned()))
    }

    fn json(
        &self,
        _ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
        out: &mut Vec<u8>,
    ) -> bool {
        ready::write_text(self, out)
    }
}

impl<T: Plain> Plain for Option<T> {
    fn write(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> Option<Value> {
        match self {
            Some(value) => value.write(ctx, field),
            None => Some(Value::Null),
        }
    }

    fn json(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        out: &mut Vec<u8>,
    ) -> bool {
        match self {
            Some(value) => value.json(ctx, field, out),
            None => ready::write(&Value::Null, out),
        }
    }
}

impl<T: Plain> Plain for [T] {
    fn write(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> Option<Value> {
        self.iter()
            .map(|item| item.write(ctx, field))
            .collect::<Option<Vec<_>>>()
            .map(Value::List)
    }

    fn json(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        out: &mut Vec<u8>,
    ) -> bool {
        out.push(b'[');
        let is_written = self.iter().enumerate().all(|(place, item)| {
            if place > 0 {
                out.push(b',');
            }
            item.json(ctx, field, out)
        });
        out.push(b']');
        is_written
    }
}

impl<T: Plain> Plain for Vec<T> {
    fn write(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> Option<Value> {
        self.as_slice().write(ctx, field)
    }

    fn json(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        out: &mut Vec<u8>,
    ) -> bool {
        self.as_slice().json(ctx, field, out)
    }
}

impl<T: Plain + ?Sized> Plain for &T {
    fn write(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> Option<Value> {
        (**self).write(ctx, field)
    }

    fn json(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        out: &mut Vec<u8>,
    ) -> bool {
        (**self).json(ctx, field, out)
    }
}

impl<T: Plain + ?Sized> Plain for std::sync::Arc<T> {
    fn write(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> Option<Value> {
        (**self).write(ctx, field)
    }

    fn json(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        out: &mut Vec<u8>,
    ) -> bool {
        (**self).json(ctx, field, out)
    }
}
