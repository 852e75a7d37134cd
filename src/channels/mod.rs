//! Payment channels 支付渠道: the ways to be paid.
//!
//! A channel is one account at one payment platform, for one method. The platform's code is its
//! *provider*; credentials are sealed and never leave. New orders take only channels that are enabled
//! and whose limits they keep; a callback is believed from any channel, enabled or not.

pub mod loader;
pub mod model;
pub mod provider;
pub mod providers;
pub mod schema;
pub mod service;
