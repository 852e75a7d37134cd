//! The checkout: what carts cost, and what orders take of campaigns and coupons.

mod books;
mod counters;
mod histories;
mod killed;
mod late;
mod ordering;
mod quoting;
mod races;
mod scene;
mod settling;
