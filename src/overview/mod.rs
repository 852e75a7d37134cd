//! Overview 经营概览: what a front page shows, and what a merchant reads in the morning.
//!
//! *Today* counts the merchant's day so far, from the buckets of the statistics, and what waits at this moment.
//! It is told again when something happened, at most once a second.
//!
//! The *daily brief* sets a day beside the same weekday of the four weeks before: their median is what is
//! usual. A figure is unusual where it lies outside the band in which the same weekday of the eight weeks before
//! lay: the median and, on either side, three times the usual deviation, but a quarter of it at the least. With
//! fewer than four such days since the first order nobody can say, and it says so.
//!
//! *Rankings* of products, *reasons* of refunds and the *funnel* from making an order to paying it are counted
//! from the rows themselves, by index, over a year at the most.

pub mod model;
pub mod schema;
pub mod service;
