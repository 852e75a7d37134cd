//! The checkout: what carts cost, and what orders take of campaigns and coupons.

mod counters;
