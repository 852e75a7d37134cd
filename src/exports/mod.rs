//! Exports 导出: lists that are written into files, in the background.
//!
//! ```text
//! QUEUED → RUNNING → DONE → EXPIRED
//!    ↓        ↓ ↖ another instance begins anew, where the first is gone
//! CANCELED  CANCELED, FAILED
//! ```
//!
//! An export holds the rows that its list showed when it was asked for: the filter is kept with absolute times,
//! and nothing that was made later is in it. It is read by keyset, five hundred rows at a time, and written row by
//! row, so its length costs time and no memory. The file lies in the database, in pieces that are written in
//! one statement with the progress, under the lease of who writes it: instances share nothing else, so any of
//! them hands it out, and one that was only slow writes nothing over another's work. Pieces go when the file
//! expires, and at once where an export fails or is called off. A merchant's files take so much room together and no more:
//! that is looked at before one is taken up and while it is written. How long a list is, is counted in the time that there
//! is for it; it is written without that as well.
//!
//! One of a merchant is written at a time. A file shows who bought only where whoever asked for it could see that
//! then, and still can when it is written; otherwise names and numbers are masked as in the list. A payout's bank account
//! is told of as in its list, masked, to who may see bank accounts.
//!
//! A link says who made it: it ends with their rights, and each download is in the audit log before a byte is sent.

pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
