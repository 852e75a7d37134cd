//! Who is asking: sign-in, access and refresh tokens, API keys, roles and scopes.

pub mod access;
pub mod address;
pub mod api_key;
pub mod keys;
pub mod members;
pub mod model;
pub mod password;
pub mod refresh;
pub mod refusal;
pub mod schema;
pub mod secret;
pub mod service;
pub mod token;
pub mod worker;

pub use service::Auth;
