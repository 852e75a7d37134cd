//! Exports 导出: lists that are written into files, in the background.
//!
//! ```text
//! QUEUED → RUNNING → DONE → EXPIRED
//!    ↓        ↓ ↖ another instance begins anew, where the first is gone
//! CANCELED  CANCELED, FAILED
//! ```
//!
//! An export holds the rows that its list showed when it was asked for: the filter is kept with absolute times,
//! and nothing that was made later is in it. It is read by keyset, a thousand rows at a time, and written row by
//! row, so its length costs time and no memory. The file lies in the database, in pieces that are written in
//! one statement with the progress, under the lease of who writes it: instances share nothing else, so any of
//! them hands it out, and one that was only slow writes nothing over another's work. Pieces go when the file
//! expires, and at once where an export fails or is called off.
//!
//! One of a merchant is written at a time. A file shows who bought only where whoever asked for it could see that
//! then, and still can when it is written; otherwise names and numbers are masked as in the list.

pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
