//! Segments 会员分群: members of whom something is true, by rules over who they are and what they have bought.

pub mod model;
pub mod service;
