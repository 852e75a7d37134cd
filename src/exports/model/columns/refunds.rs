//! The columns of refunds.

use entity::{refund, refund_line};

use super::Unit::{Currency as InCurrency, Plain, Zone};
use super::{Column, column};
use crate::exports::model::cell::{Cell, Part};
use crate::exports::model::words;
use crate::money::Currency;
use crate::orders::model::order_no;
use crate::refunds::model::refund_no;

/// A refund, with what belongs to it as far as that is wanted.
#[derive(Debug)]
pub struct GivenBack {
    /// The refund.
    pub row: refund::Model,
    /// What of its order's lines it gives back.
    pub lines: Vec<refund_line::Model>,
    /// What its channel is called.
    pub channel: String,
}

impl GivenBack {
    fn money(&self, minor: i64) -> Cell {
        let currency = Currency::of_code(&self.row.currency).unwrap_or(Currency::Cny);
        Cell::money(minor, currency)
    }

    fn line(&self, line: &refund_line::Model) -> Part {
        Part {
            text: format!("#{} × {}", line.line_no, line.quantity),
            fields: vec![
                ("lineNo", Cell::Whole(line.line_no.into())),
                ("quantity", Cell::Whole(line.quantity.into())),
                ("amount", self.money(line.amount_minor)),
            ],
        }
    }
}

/// The columns of refunds.
pub static REFUNDS: &[Column<GivenBack>] = &[
    column("refundNo", "Refund no.", "退款单号", Plain, |it| {
        Cell::Text(refund_no(it.row.id))
    }),
    column("orderNo", "Order no.", "平台订单号", Plain, |it| {
        Cell::Text(order_no(it.row.order_id))
    }),
    column("requestedAt", "Requested at", "申请时间", Zone, |it| {
        Cell::made_at(it.row.id.made_at_ms())
    }),
    column("kind", "Kind", "类型", Plain, |it| {
        words::refund_kind(it.row.kind)
    }),
    column("state", "State", "退款状态", Plain, |it| {
        words::refund_status(it.row.state)
    }),
    column("amount", "Amount", "退款金额", InCurrency, |it| {
        it.money(it.row.amount_minor)
    }),
    column(
        "feeReturned",
        "Fee returned",
        "退回手续费",
        InCurrency,
        |it| it.money(it.row.fee_returned_minor),
    ),
    column("reason", "Reason", "退款原因", Plain, |it| {
        words::refund_reason(it.row.reason)
    }),
    column(
        "reasonText",
        "Reason in words",
        "原因说明",
        Plain,
        |it| Cell::text(it.row.reason_text.as_deref()),
    ),
    column("lines", "Lines", "退款明细", Plain, |it| {
        Cell::Parts(it.lines.iter().map(|line| it.line(line)).collect())
    }),
    column("channel", "Channel", "支付渠道", Plain, |it| {
        Cell::Text(it.channel.clone())
    }),
    column("method", "Method", "支付方式", Plain, |it| {
        words::method(it.row.method)
    }),
    column("requestedBy", "Requested by", "申请人", Plain, |it| {
        Cell::Text(it.row.requested_by.clone())
    }),
    column("decidedBy", "Decided by", "审批人", Plain, |it| {
        Cell::text(it.row.decided_by.as_deref())
    }),
    column("decidedAt", "Decided at", "审批时间", Zone, |it| {
        Cell::time(it.row.decided_at)
    }),
    column(
        "succeededAt",
        "Succeeded at",
        "退款成功时间",
        Zone,
        |it| Cell::time(it.row.succeeded_at),
    ),
    column(
        "providerRefundNo",
        "Platform's refund no.",
        "渠道退款流水号",
        Plain,
        |it| Cell::text(it.row.provider_refund_no.as_deref()),
    ),
    column("errorCode", "Error code", "错误码", Plain, |it| {
        Cell::text(it.row.error_code.as_deref())
    }),
    column("error", "Error", "错误信息", Plain, |it| {
        Cell::text(it.row.error.as_deref())
    }),
];
