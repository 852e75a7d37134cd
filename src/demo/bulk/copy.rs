//! PostgreSQL's binary COPY format: a signature, rows of counted cells, a trailer.

use sqlx::Error;
use sqlx::postgres::PgConnection;

use super::chunk::Rows;
use super::row::{Cells, Row};

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// How much is handed to the socket at once.
const PORTION: usize = 256 * 1024;

/// The rows of one table, as COPY reads them.
pub struct Copy<R> {
    bytes: Vec<u8>,
    rows: u64,
    table: std::marker::PhantomData<fn(R)>,
}

impl<R> Default for Copy<R> {
    fn default() -> Self {
        Self {
            bytes: SIGNATURE.to_vec(),
            rows: 0,
            table: std::marker::PhantomData,
        }
    }
}

impl<R: Row> Rows<R> for Copy<R> {
    type Connection = PgConnection;

    fn push(&mut self, row: &R) {
        let columns = i16::try_from(R::COLUMNS.len()).unwrap_or(i16::MAX);
        self.bytes.extend_from_slice(&columns.to_be_bytes());
        row.write(&mut Writer(&mut self.bytes));
        self.rows += 1;
    }

    async fn run(mut self, connection: &mut PgConnection) -> Result<(), Error> {
        // Each COPY waits for the server twice.
        if self.rows == 0 {
            return Ok(());
        }
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        let statement = format!(
            "COPY {} ({}) FROM STDIN (FORMAT binary)",
            R::TABLE,
            R::COLUMNS.join(",")
        );
        let mut copy = connection.copy_in_raw(&statement).await?;
        for portion in self.bytes.chunks(PORTION) {
            copy.send(portion).await?;
        }
        copy.finish().await?;
        Ok(())
    }
}

struct Writer<'b>(&'b mut Vec<u8>);

impl Writer<'_> {
    fn cell(&mut self, value: &[u8]) {
        // No cell comes near 2 GB.
        let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(value);
    }
}

impl Cells for Writer<'_> {
    fn bigint(&mut self, value: i64) {
        self.cell(&value.to_be_bytes());
    }

    fn integer(&mut self, value: i32) {
        self.cell(&value.to_be_bytes());
    }

    fn smallint(&mut self, value: i16) {
        self.cell(&value.to_be_bytes());
    }

    fn boolean(&mut self, value: bool) {
        self.cell(&[u8::from(value)]);
    }

    fn text(&mut self, value: &str) {
        self.cell(value.as_bytes());
    }

    fn bytes(&mut self, value: &[u8]) {
        self.cell(value);
    }

    fn null(&mut self) {
        self.0.extend_from_slice(&(-1_i32).to_be_bytes());
    }
}
