//! Segments 会员分群: members of whom something is true, by rules over who they are and what they have bought.
//!
//! Rules are a tree; a segment is whoever it holds for when it is asked, or, as a snapshot, whoever it held for when
//! that was taken. Who has become a part of another member, and whose data was erased, is in none. Rules become one
//! condition on members, so that a preview counts, a list pages and a message goes through the same members. Of other
//! segments, rules name snapshots alone: they hang on nothing.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
