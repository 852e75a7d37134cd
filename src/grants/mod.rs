//! Gifts 会员赠礼: what members are given on their birthday, and on the day on which they joined, once a year.
//!
//! # The rules
//!
//! - A rule for each of the two days says what is given, points, a coupon or both, and how many days ahead. What a
//!   member's tier brings on the birthday replaces the rule's points or coupon. Where no rule was ever set for birthdays,
//!   what tiers bring is given on the day itself; a rule that is switched off gives nothing to anybody.
//! - Once a day of the merchant, from its midnight on, it is looked for whose day it is, or will be within the days ahead:
//!   all of these days, so that who tells their birthday late, and a rule that comes to look further ahead, leave nobody
//!   out. It goes member by member in the order of their ids; five hundred of them are one transaction, which moves the
//!   place at which it is gone on. Where a gateway was killed in between, another goes on there. Days that were missed
//!   are made up for, those of a month at the most.
//! - Who was born or joined on 29 February has the day on 28 February in years without one.
//! - Once a year: the primary key of what was given says so, by the year of the day that is kept. A birthday that is
//!   changed gives nothing twice.
//! - Where the coupons of a gift are used up, or the member has as many as one may, the points are given alone; where
//!   nothing is left to be given, nothing is, and nobody is told of it.

pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
