//! The schema as it is told to clients, and as documents are validated against and priced by it.

use std::collections::HashSet;
use std::sync::LazyLock;

use apollo_compiler::Schema;
use apollo_compiler::ast::FieldDefinition;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use async_graphql::SDLExportOptions;

use super::prices;
use crate::graphql::schema::build;

/// The schema's text, and what was read from it.
#[derive(Debug)]
pub struct Contract {
    /// What `schema.graphql` holds.
    pub sdl: String,
    /// The same, to validate against.
    pub schema: Valid<Schema>,
    /// Lists that are as long as the list size of what they lie in says: type and field.
    sized: HashSet<(String, String)>,
}

/// The contract, which is made once.
pub fn contract() -> &'static Contract {
    static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
        let options = SDLExportOptions::new()
            .include_specified_by()
            .use_space_ident()
            .indent_width(2);
        Contract::read(prices::write_into(
            &build().finish().sdl_with_options(options),
        ))
    });
    &CONTRACT
}

/// How many elements a field is charged for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListSize {
    /// Where no argument says.
    pub assumed: u64,
    /// The arguments that say.
    pub arguments: Vec<String>,
    /// Whether it is said of lists inside the object that is returned.
    pub is_of_inner: bool,
}

impl Contract {
    /// Reads a schema's text. Ours is valid, as a test proves.
    fn read(sdl: String) -> Self {
        let schema = Schema::parse_and_validate(sdl.as_str(), "schema.graphql");
        let schema = schema.unwrap_or_else(|invalid| {
            tracing::error!(errors = invalid.errors.len(), "the schema is not valid");
            Valid::assume_valid(invalid.partial)
        });
        let mut sized = HashSet::new();
        for (_, definition) in fields(&schema) {
            let size = definition.directives.get("listSize");
            let inner = size.and_then(|size| size.specified_argument_by_name("sizedFields"));
            for field in inner.and_then(|inner| inner.as_list()).unwrap_or_default() {
                let of = definition.ty.inner_named_type().to_string();
                sized.extend(field.as_str().map(|field| (of, field.to_owned())));
            }
        }
        Self { sdl, schema, sized }
    }

    /// What a field costs by itself, once.
    pub fn weight(&self, field: &FieldDefinition) -> u64 {
        field
            .directives
            .get("cost")
            .map_or(0, |cost| weight_of(cost))
    }

    /// What each element costs that a field returns: an object 1, a scalar nothing, if its type does not
    /// say otherwise.
    pub fn weight_of_element(&self, field: &FieldDefinition) -> u64 {
        match self.schema.types.get(field.ty.inner_named_type()) {
            Some(ty) => match ty.directives().get("cost") {
                Some(cost) => weight_of(cost),
                None => u64::from(!ty.is_leaf()),
            },
            None => 0,
        }
    }

    /// What is said of how long a field's list is.
    pub fn list_size(&self, field: &FieldDefinition) -> Option<ListSize> {
        let size = field.directives.get("listSize")?;
        let argument = |name| size.specified_argument_by_name(name);
        let texts = |name| {
            let list = argument(name).and_then(|list| list.as_list());
            list.unwrap_or_default()
                .iter()
                .filter_map(|text| text.as_str())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let assumed = argument("assumedSize").and_then(|size| size.to_i32());
        Some(ListSize {
            assumed: assumed
                .and_then(|size| u64::try_from(size).ok())
                .unwrap_or(1),
            arguments: texts("slicingArguments"),
            is_of_inner: !texts("sizedFields").is_empty(),
        })
    }

    /// Whether a list is as long as the list size of what it lies in says.
    pub fn is_sized(&self, ty: &str, field: &str) -> bool {
        self.sized.contains(&(ty.to_owned(), field.to_owned()))
    }
}

/// The weight that a `@cost` tells. Ours are whole numbers.
fn weight_of(cost: &apollo_compiler::ast::Directive) -> u64 {
    let weight = cost.specified_argument_by_name("weight");
    let weight = weight.and_then(|weight| weight.as_str()?.parse().ok());
    weight.unwrap_or(1)
}

/// Every field of every object and interface, with its type's name.
pub fn fields(schema: &Schema) -> impl Iterator<Item = (&str, &FieldDefinition)> {
    schema.types.iter().flat_map(|(name, ty)| {
        let fields = match ty {
            ExtendedType::Object(it) => Some(&it.fields),
            ExtendedType::Interface(it) => Some(&it.fields),
            _ => None,
        };
        let fields = fields.into_iter().flat_map(|fields| fields.values());
        fields.map(|field| (name.as_str(), &**field))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_valid() {
        let schema = Schema::parse_and_validate(contract().sdl.as_str(), "schema.graphql");
        assert!(
            schema.is_ok(),
            "{}",
            schema
                .err()
                .map_or(String::new(), |it| it.errors.to_string())
        );
    }

    #[test]
    fn every_list_of_objects_says_how_long_it_is() {
        let contract = contract();
        let mut silent = Vec::new();
        let fields = fields(&contract.schema).filter(|(ty, _)| !ty.starts_with("__"));
        for (ty, field) in fields {
            let of_objects = contract.schema.types.get(field.ty.inner_named_type());
            let is_list = field.ty.is_list() && of_objects.is_some_and(|ty| !ty.is_leaf());
            let is_page = field.ty.inner_named_type().ends_with("Connection");
            let says = contract.list_size(field).is_some() || contract.is_sized(ty, &field.name);
            if (is_list || is_page) && !says {
                silent.push(format!("{ty}.{}", field.name));
            }
        }
        assert_eq!(silent, Vec::<String>::new());
    }

    #[test]
    fn prices_are_written_where_they_belong() {
        let contract = contract();
        let says = |line: &str| contract.sdl.lines().any(|it| it.trim() == line);
        for line in [
            "type Money @cost(weight: \"0\") {",
            "totalCount: Int! @cost(weight: \"10\")",
            "): SignInPayload! @cost(weight: \"100\")",
            "): OrderClosePayload! @cost(weight: \"10\")",
            "): OrderConnection! @listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], \
             sizedFields: [\"edges\"], requireOneSlicingArgument: false)",
            "edges: [OrderEdge!]!",
            "lines: [OrderLine!]! @listSize(assumedSize: 5)",
            "lines: [OrderLineInput!]!",
        ] {
            assert!(says(line), "{line}");
        }
        // Every price of the table stands somewhere.
        for (key, price) in prices::FIELDS {
            let (ty, field) = key.split_once('.').expect("a coordinate");
            let stands = fields(&contract.schema).any(|(of, definition)| {
                (ty == "*" || ty == of) && (field == "*" || *definition.name == *field)
            });
            assert!(stands && contract.sdl.contains(price), "{key}");
        }
    }
}
