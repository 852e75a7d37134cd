//! Channel health 渠道健康: how the ways to be paid are, and what is done about it.
//!
//! Live traffic is counted in memory and written every half second, by minute and by hour; besides, the
//! payment platform is asked now and then whether it is there (a *probe*). One instance at a time *judges*
//! all channels. Technical errors speak first: an unpaid code is mostly a payer who went away. How many pay
//! is compared with the channel's own figures for this hour of the week. It takes more to leave a state than
//! to stay in it, no state is left at once, and one that goes back and forth is left later each time. Where
//! nothing goes through, nothing is known: that is UNKNOWN, never DOWN.
//!
//! A channel that is DEGRADED or DOWN has one *incident* until it works again. During a *maintenance window*
//! none is opened.

pub mod addresses;
pub mod loader;
pub mod model;
pub mod prober;
pub mod schema;
pub mod service;
pub mod worker;
