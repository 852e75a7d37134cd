//! Messages 群发消息: what is written to a segment, to those who agreed to it, once to each.
//!
//! A message is a title and a text in Chinese, and in English where there are members who read that, with
//! placeholders for what differs from one member to the next. It is written to a segment, as that is while it is being
//! sent: 500 members at a time, in the order of their ids, each batch with its place in one transaction. So a worker
//! that dies has written whole batches, another goes on behind them, and nobody is written to twice. Whether a member
//! agrees is read in that transaction. In quiet hours nothing is sent; it goes on behind them.
//!
//! The gateway knows no way to a telephone. What is sent is an event, `MESSAGE_DELIVERY_SENT`: the shop's own server
//! reads it as a webhook, or a member's app by `memberMessageSent`, and hands it on by SMS, mini-program or push. Either
//! may be late: the text is in it only while the member still agrees, and the quiet hours are told with it.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
