//! The checkout: what carts cost, and what orders take of campaigns, coupons, tiers and points.

mod audience;
mod books;
mod counters;
mod histories;
mod killed;
mod late;
mod ordering;
mod points;
mod quoting;
mod races;
pub mod regulars;
mod scene;
mod settling;
mod tiers;
