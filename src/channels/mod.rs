//! Payment channels 支付渠道: the ways to be paid.
//!
//! A channel is one account at one payment platform, for one method. The platform's code is its
//! *provider*; credentials are sealed and never leave. New orders take only channels that are enabled
//! and whose limits they keep; a callback is believed from any channel, enabled or not.
//!
//! A merchant *configures* its channels: name, limits, devices, terms, the order of the payment page. Every
//! change is a *version*: who changed what, and the whole configuration since then, without credentials. It
//! is written under the lock of the merchant's row, with its event; what changes nothing is no version. Who
//! changes what two people could overwrite says which version they know. An earlier configuration can hold
//! again, as a new version; credentials and the place on the page never come back. The last enabled channel
//! is closed only by who says that they mean it.
//!
//! Credentials are tried out before they are kept, and shown as a hint alone. While they change, callbacks
//! that are signed with the ones before are believed until a time that is said. Credentials by which money leaves
//! (易支付 V2) are given by people, with a second factor where anybody who works there has one; money leaves by them a
//! day later, and by those that no second factor has agreed to not at all.

pub mod loader;
pub mod model;
pub mod provider;
pub mod providers;
pub mod schema;
pub mod service;
