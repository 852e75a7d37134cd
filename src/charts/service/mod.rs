//! Signs links to pictures, and believes them.

mod link;

pub use link::{Opened, open, sign};
