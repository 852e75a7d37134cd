//! Does what is done with orders: a write is one function and one transaction.

mod ask;
mod close;
mod create;
mod credit;
mod due;
mod fulfill;
mod history;
mod list;
mod pay;
mod price;
mod products;
mod reseal;
mod row;
mod search;

pub use ask::PaymentWish;
pub use close::close;
pub use create::{Created, create};
pub use due::{claim_due, settle_due};
pub use fulfill::{Delivery, fulfill};
pub use history::{Happening, record};
pub use list::{
    Facet, FacetField, Totals, count, cursor, facet, find, find_by_merchant_order_no,
    find_by_provider_trade_no, find_lines, find_many, find_timelines, list, totals,
};
pub use pay::{Notice, lock as lock_order, notify};
pub use reseal::reseal;
pub use row::{Detail, Line, OrderRow, Shape, Summary, TimelineEntry};
pub use search::{ids_found, ids_that_begin_with};
