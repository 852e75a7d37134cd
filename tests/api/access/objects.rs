//! Which scopes lead to each type of object, and from which other types it is reached: written from the schema, so
//! that a new type, or a new way to one, is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::{UPDATE, questions};
use crate::schema::{introspected, items, name, named, root, types};
use crate::support::World;

/// The objects of the schema: each with the types that its fields give, by the field.
struct Objects<'a> {
    all: BTreeMap<&'a str, &'a Value>,
    nodes: BTreeSet<&'a str>,
}

impl<'a> Objects<'a> {
    fn of(schema: &'a Value) -> Self {
        let is_ours = |ty: &&Value| ty["kind"] == "OBJECT" && !name(ty).starts_with("__");
        let node = types(schema).find(|ty| name(ty) == "Node");
        Self {
            all: types(schema)
                .filter(is_ours)
                .map(|ty| (name(ty), ty))
                .collect(),
            nodes: items(&node.expect("an interface")["possibleTypes"])
                .map(name)
                .collect(),
        }
    }

    /// What a field gives, where that is an object.
    fn given(&self, field: &'a Value) -> Option<&'a str> {
        let ty = name(named(&field["type"]).0);
        self.all.contains_key(ty).then_some(ty)
    }

    /// A type and everything that belongs to it: reached without passing through another thing of
    /// an id of its own, save as what a list holds.
    fn belonging(&self, ty: &'a str) -> BTreeSet<&'a str> {
        let mut known = BTreeSet::new();
        let mut next = vec![ty];
        while let Some(ty) = next.pop() {
            if !known.insert(ty) {
                continue;
            }
            let fields = items(&self.all[ty]["fields"]).filter_map(|field| self.given(field));
            // What stands in a list is shown as a root field shows it.
            let is_edge = ty.ends_with("Edge");
            next.extend(fields.filter(|given| is_edge || !self.nodes.contains(given)));
        }
        known
    }
}

/// The scopes of each root field, as the table of root fields tells.
fn scopes() -> BTreeMap<String, BTreeSet<String>> {
    let table = std::fs::read_to_string(root().join("tests/api/access.golden"));
    let mut scopes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in table.unwrap_or_default().lines() {
        let Some((row, with)) = line.split_once('|') else {
            continue;
        };
        let row: Vec<&str> = row.split_whitespace().collect();
        // Who is not signed in may ask as well.
        let with = if row.get(1) == Some(&"+") {
            "anybody"
        } else {
            with
        };
        let field = row[0].split('(').next().unwrap_or_default().to_owned();
        let with = with.split(',').map(|scope| scope.trim().to_owned());
        scopes.entry(field).or_default().extend(with);
    }
    scopes
}

#[tokio::test]
async fn each_type_of_object_is_reached_as_the_table_says() {
    let schema = introspected().await;
    let objects = Objects::of(&schema);
    let scopes = scopes();
    let mut by: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut through: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for root in ["Query", "Mutation", "Subscription"] {
        for field in items(&objects.all[root]["fields"]) {
            let with = scopes.get(&format!("{root}.{}", name(field)));
            let with = with.expect("a row in access.golden: write that first");
            for ty in objects
                .given(field)
                .iter()
                .flat_map(|ty| objects.belonging(ty))
            {
                by.entry(ty)
                    .or_default()
                    .extend(with.iter().map(String::as_str));
            }
        }
    }
    for ty in objects
        .all
        .keys()
        .filter(|ty| !["Query", "Mutation", "Subscription"].contains(ty))
    {
        let fields = items(&objects.all[ty]["fields"]);
        for given in fields.filter_map(|field| objects.given(field)) {
            if objects.nodes.contains(given) {
                through.entry(given).or_default().insert(ty);
            }
        }
    }
    let mut table = String::from(
        "# Which scopes lead to each type of object by a root field, and from which types one with an id of its own\n\
         # is reached besides. What a type shows of another is the other's only where its scope says so:\n\
         # the guards of fields are in each schema. Written by UPDATE_ACCESS=1 cargo test --test api access.\n\n",
    );
    for ty in objects
        .all
        .keys()
        .filter(|ty| !["Query", "Mutation", "Subscription"].contains(ty))
    {
        let list = |set: Option<&BTreeSet<&str>>| {
            let set: Vec<&str> = set.into_iter().flatten().copied().collect();
            set.join(" ")
        };
        let ways = list(through.get(ty));
        let ways = if ways.is_empty() {
            ways
        } else {
            format!(" | {ways}")
        };
        let _ = writeln!(table, "{ty:40} {}{ways}", list(by.get(ty)));
    }
    let path = root().join("tests/api/access_objects.golden");
    if std::env::var(UPDATE).as_deref() == Ok("1") {
        std::fs::write(&path, &table).expect("the table can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let changes = difference(&kept, &table);
    assert!(
        table == kept,
        "what leads to what has changed; is that meant? Then {UPDATE}=1.\n{changes}"
    );
}

#[tokio::test]
async fn each_thing_with_an_id_is_asked_for_by_each_role() {
    let schema = introspected().await;
    let objects = Objects::of(&schema);
    let world = World::on_sqlite().await;
    let merchant = world.merchant("汇贤饭店").await;
    let owner = merchant.owner().await;
    let mut asked = BTreeSet::new();
    for question in questions(&world, &merchant).await {
        if question.field == "Query.node" {
            let document = question.document.replace("{ id }", "{ __typename }");
            let node = owner.data(&document, Value::Null).await;
            asked.insert(
                node["node"]["__typename"]
                    .as_str()
                    .expect("a type")
                    .to_owned(),
            );
        }
    }
    let nodes: BTreeSet<String> = objects.nodes.iter().map(|ty| (*ty).to_owned()).collect();
    assert_eq!(
        asked, nodes,
        "each is a `Query.node (…)` row of access.golden"
    );
}

/// The lines that a table has lost, and those that it has gained.
pub fn difference(kept: &str, now: &str) -> String {
    let (kept, now): (BTreeSet<_>, BTreeSet<_>) = (kept.lines().collect(), now.lines().collect());
    let gone = kept.difference(&now).map(|line| format!("- {line}\n"));
    let new = now.difference(&kept).map(|line| format!("+ {line}\n"));
    gone.chain(new).collect()
}
