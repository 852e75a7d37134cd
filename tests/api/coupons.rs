//! Coupons: templates, coupons handed out, claimed, held by orders, voided, listed.

mod claiming;
mod issuing;
mod plans;
mod segment;
mod taking;
mod templates;
mod voiding;
