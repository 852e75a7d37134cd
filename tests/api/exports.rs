//! Exports: what stands in the files, how they are written, and who may download them.

mod killed;
mod links;
mod lists;
mod long;
mod payouts;
mod running;
mod texts;
mod workbook;

use entity::membership::Role;
use serde_json::{Value, json};
use yigate::exports::worker;

use crate::support::instances::browser;
use crate::support::{Client, Merchant, World};

/// Asks for an export.
pub const CREATE: &str = "mutation($input: ExportCreateInput!) { exportCreate(input: $input) { \
    export { id state } userErrors { code field message } } }";

/// What somebody is told who asks for an export; what `more` names wins over a new key.
pub async fn asked(by: &Client, rows: Value, format: &str, more: Value) -> Value {
    let key: u64 = rand::random();
    let mut input = json!({
        "idempotencyKey": format!("export-{key:016x}"),
        "rows": rows,
        "format": format,
        "language": "ZH_CN",
    });
    crate::support::merchant::merge(&mut input, more);
    let answer = by.data(CREATE, json!({ "input": input })).await;
    answer["exportCreate"].clone()
}

/// The id of an export that is taken up.
pub async fn asked_for(by: &Client, rows: Value, format: &str, more: Value) -> String {
    let payload = asked(by, rows, format, more).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload["export"]["id"].as_str().expect("an id").to_owned()
}

/// What an export is now.
pub async fn seen(by: &Client, id: &str) -> Value {
    let document = "query($id: ID!) { export(id: $id) { state kind format rows rowsDone progress bytes masked \
        failure error url fileName columns requestedBy finishedAt expiresAt } }";
    by.data(document, json!({ "id": id })).await["export"].clone()
}

/// The workers write all that waits.
pub async fn workers_work(world: &World) {
    while worker::work(world.app(), &world.gateway.auth).await {}
}

/// A file, as it is downloaded.
pub async fn downloaded(export: &Value) -> Vec<u8> {
    let url = export["url"].as_str();
    let url = url.unwrap_or_else(|| panic!("no file: {export:#}"));
    let answer = browser().get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let bytes = answer.bytes().await.expect("a body").to_vec();
    assert_eq!(export["bytes"], bytes.len(), "{export:#}");
    bytes
}

/// The file of an export that the owner asks for, in Chinese.
pub async fn file(
    world: &World,
    merchant: &Merchant,
    rows: Value,
    format: &str,
    more: Value,
) -> Vec<u8> {
    let owner = merchant.client(Role::Owner).await;
    let id = asked_for(&owner, rows, format, more).await;
    workers_work(world).await;
    let export = seen(&owner, &id).await;
    assert_eq!(export["state"], "DONE", "{export:#}");
    downloaded(&export).await
}

/// A file's table: its headings, and its rows, each cell as it is written.
pub struct Table {
    pub headings: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Of a CSV file.
    pub fn of_csv(bytes: &[u8]) -> Self {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").expect("a BOM");
        assert!(
            text.windows(2).filter(|two| two == b"\r\n").count() > 0,
            "lines end as RFC 4180 says"
        );
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text);
        let mut rows: Vec<Vec<String>> = reader
            .records()
            .map(|record| record.expect("a row").iter().map(str::to_owned).collect())
            .collect();
        let headings = rows.remove(0);
        Self { headings, rows }
    }

    /// Of a workbook, its sheets one below the other.
    pub fn of_xlsx(bytes: &[u8]) -> Self {
        let mut table = Self {
            headings: Vec::new(),
            rows: Vec::new(),
        };
        for mut sheet in workbook::sheets(bytes) {
            table.headings = sheet.remove(0);
            table.rows.append(&mut sheet);
        }
        table
    }

    /// The cells of a column.
    pub fn column(&self, heading: &str) -> Vec<&str> {
        let place = self.headings.iter().position(|it| it == heading);
        let place = place.unwrap_or_else(|| panic!("no {heading} among {:?}", self.headings));
        self.rows.iter().map(|row| row[place].as_str()).collect()
    }

    /// The sum of a column of amounts in yuan, in fen.
    pub fn sum(&self, heading: &str) -> i64 {
        self.column(heading).into_iter().map(fen).sum()
    }
}

/// An amount in fen.
pub fn fen(yuan: &str) -> i64 {
    let (whole, part) = yuan.split_once('.').expect("two places");
    assert_eq!(part.len(), 2, "{yuan}");
    format!("{whole}{part}").parse().expect("an amount")
}

/// The objects of a file of JSON lines.
pub fn objects(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}
