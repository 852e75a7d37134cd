//! The fulfilment axis: what was delivered.

use entity::order::{self, FulfillmentState, PaymentState};
use entity::order_line;

use crate::error::{Problem, Refusal};

/// What is delivered now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FulfillmentRequest {
    /// Everything that is still open.
    Everything,
    /// So many of some lines: line number and quantity.
    Lines(Vec<(i16, i32)>),
}

/// What becomes of the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fulfilled {
    /// The axis afterwards.
    pub state: FulfillmentState,
    /// Each changed line and how many of it are delivered in all.
    pub lines: Vec<(i16, i32)>,
}

/// Why an order was not fulfilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FulfillRefusal {
    /// There is no such order.
    NotFound,
    /// It is not paid.
    NotPaid,
    /// There is nothing to deliver.
    NotRequired,
    /// Everything has been delivered.
    AlreadyFulfilled,
    /// A list of lines with nothing in it.
    NoLines,
    /// The order has no such line.
    LineNotFound {
        /// Its number.
        line_no: i16,
    },
    /// More than is open, or less than one.
    QuantityOutOfRange {
        /// The line.
        line_no: i16,
        /// How many are open.
        open: i32,
    },
    /// A tracking number or carrier that is too long.
    NoteTooLong,
}

impl Refusal for FulfillRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new("There is no such order.", "订单不存在。"),
            Self::NotPaid => Problem::new(
                "The order is not paid; deliver when it is.",
                "订单未支付，支付后才能发货。",
            ),
            Self::NotRequired => Problem::new("The order needs no delivery.", "该订单无需发货。"),
            Self::AlreadyFulfilled => Problem::new(
                "Everything has been delivered already.",
                "该订单已全部发货。",
            ),
            Self::NoLines => Problem::new(
                "`lines` is empty; leave it out to deliver everything that is open.",
                "`lines` 为空；如需全部发货请省略该参数。",
            ),
            Self::LineNotFound { line_no } => Problem::new(
                format!("The order has no line {line_no}."),
                format!("订单没有第 {line_no} 行。"),
            ),
            Self::QuantityOutOfRange { line_no, open } => Problem::new(
                format!("Line {line_no} has {open} to deliver; give 1 to {open}."),
                format!("第 {line_no} 行可发数量为 {open}，请填写 1 至 {open}。"),
            ),
            Self::NoteTooLong => Problem::new(
                "`carrier` and `trackingNo` are at most 60 characters each.",
                "`carrier` 与 `trackingNo` 各不超过 60 个字符。",
            ),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound | Self::NotPaid | Self::NotRequired | Self::AlreadyFulfilled => {
                "orderId"
            }
            Self::NoLines | Self::LineNotFound { .. } | Self::QuantityOutOfRange { .. } => "lines",
            Self::NoteTooLong => "trackingNo",
        };
        Some(field.to_owned())
    }
}

/// Decides what a delivery makes of an order.
pub fn fulfill(
    order: &order::Model,
    lines: &[order_line::Model],
    request: &FulfillmentRequest,
) -> Result<Fulfilled, FulfillRefusal> {
    match (order.payment_state, order.fulfillment_state) {
        (_, FulfillmentState::NotRequired) => return Err(FulfillRefusal::NotRequired),
        (_, FulfillmentState::Fulfilled) => return Err(FulfillRefusal::AlreadyFulfilled),
        (PaymentState::Paid, _) => {}
        _ => return Err(FulfillRefusal::NotPaid),
    }
    let mut delivered: Vec<(i16, i32)> = lines
        .iter()
        .map(|line| (line.line_no, line.fulfilled_quantity))
        .collect();
    match request {
        FulfillmentRequest::Everything => {
            for (place, line) in lines.iter().enumerate() {
                delivered[place].1 = line.quantity;
            }
        }
        FulfillmentRequest::Lines(wanted) if wanted.is_empty() => {
            return Err(FulfillRefusal::NoLines);
        }
        FulfillmentRequest::Lines(wanted) => {
            for (line_no, quantity) in wanted {
                let place = lines
                    .iter()
                    .position(|line| line.line_no == *line_no)
                    .ok_or(FulfillRefusal::LineNotFound { line_no: *line_no })?;
                let open = lines[place].quantity - delivered[place].1;
                if !(1..=open).contains(quantity) {
                    return Err(FulfillRefusal::QuantityOutOfRange {
                        line_no: *line_no,
                        open,
                    });
                }
                delivered[place].1 += quantity;
            }
        }
    }
    let complete = lines
        .iter()
        .zip(&delivered)
        .all(|(line, (_, quantity))| line.quantity == *quantity);
    let changed = lines
        .iter()
        .zip(delivered)
        .filter(|(line, (_, quantity))| line.fulfilled_quantity != *quantity)
        .map(|(_, line)| line)
        .collect();
    Ok(Fulfilled {
        state: if complete {
            FulfillmentState::Fulfilled
        } else {
            FulfillmentState::Partial
        },
        lines: changed,
    })
}
