//! Yigate's tests: through GraphQL and HTTP, on a really migrated database. One binary, so that it
//! links once.

mod support;

mod documents;
mod epay;
mod orders;

mod payments;
mod schema;
