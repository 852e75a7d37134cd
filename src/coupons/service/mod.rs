//! What is done with coupons.

mod claim;
mod give;
mod issue;
mod list;
mod naming;
mod recipients;
mod taking;
mod templates;
mod void;
mod write;

pub use claim::claim;
pub use give::{Counted, NotGiven, NotTaken, give, give_as_far, take_back};
pub use issue::{Batch, create_codes, find_batch, issue};
pub use list::{Expiring, codes_of, count, expiring, find, find_by_code, find_many, list};
pub use naming::naming_segment;
pub use taking::{Held, available_of, find_by_codes, give_back, reserve, use_};
pub use templates::{
    Taken, count_templates, create_template, find_templates, list_templates, maybe_find_template,
    taken_of, update_template,
};
pub use void::{VoidWhich, Voided, void};
