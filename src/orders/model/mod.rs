//! Decides about orders: pure, without clock, database or network.

mod booking;
mod draft;
mod filter;
mod fulfillment;
mod payment;
mod refusal;

pub use booking::{Booking, book, set_aside};
pub use draft::{
    Buyer, DraftLine, NewOrder, OrderDraft, Way, cart_lines, check_lines, order_no, read_order_no,
};
pub use filter::{Direction, OrderFilter, OrderSort, SortField};
pub use fulfillment::{FulfillRefusal, Fulfilled, FulfillmentRequest, fulfill};
pub use payment::{CloseRefusal, Credit, close, closes_unasked, credit, next_query, retry_query};
pub use refusal::CreateRefusal;
