//! Who is asking: sign-in, access and refresh tokens, API keys, roles and scopes.

pub mod model;
