//! Decides what templates and coupons may be, without a database.

mod code;
mod filter;
mod issuing;
mod refusal;
mod state;
mod template;

pub use code::{code_of, read_beginning, read_claim_code, read_code};
pub use filter::{CouponFilter, TemplateFilter};
pub use issuing::{CodesRefusal, IssueRefusal, MOST_OF_SEGMENT, Whom};
pub use refusal::{
    ClaimRefusal, LONGEST_REASON, MOST_CODES, MOST_MEMBERS, TemplateCreateRefusal,
    TemplateUpdateRefusal, VoidRefusal, check_members,
};
pub use state::{Shown, face_minor, shown};
pub use template::{GROUP, NoChange, TemplateChange, TemplateDraft, Validity, span_of};
