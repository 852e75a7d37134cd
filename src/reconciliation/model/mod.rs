//! Decides about bills: reads them, compares them, says what does not fit. Pure: no clock, no database.

mod alipay;
mod amounts;
mod bill;
mod epay;
mod here;
mod matching;
mod refusal;
mod resolving;
mod table;
mod unpack;
mod wechat_pay;

pub use bill::{
    Bill, BillDay, BillRow, MOST_ROWS, NEAR_MIN, PaidThere, PaymentRow, RefundRow, RefundThere,
    RefundedThere, Terms, TransferRow, TransferThere, ZONE, read,
};
pub use here::{CheckHere, Extra, Here, OrderHere, PayoutHere, RefundHere, RefundedHere};
pub use matching::{
    Compared, Difference, Listed, compare, compare_transfers, is_known, read_number,
    reference_of_payment,
};
pub use refusal::{ImportRefusal, Place};
pub use resolving::{LONGEST_NOTE, ResolveRefusal, check_note, check_open};
pub use unpack::{MOST_BYTES, gunzip, is_gzip, of_base64, text_of};
