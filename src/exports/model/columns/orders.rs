//! The columns of orders.

use super::Unit::{Currency, Plain, Zone};
use super::{Column, column};
use crate::exports::model::cell::{Cell, Part};
use crate::exports::model::words;
use crate::orders::model::{Buyer, order_no};
use crate::orders::service::{Detail, Line, OrderRow};

/// An order, with what belongs to it as far as that is wanted.
#[derive(Debug)]
pub struct SoldOrder {
    /// The order.
    pub row: OrderRow,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Who bought, masked where they must not be seen.
    pub buyer: Option<Buyer>,
    /// What its channel is called.
    pub channel: String,
    /// The shop's own number of the member who bought.
    pub member_no: Option<String>,
}

impl SoldOrder {
    fn money(&self, minor: i64) -> Cell {
        Cell::money(minor, self.row.summary.currency)
    }

    fn detail(&self, read: impl Fn(&Detail) -> Cell) -> Cell {
        self.row.detail.as_deref().map_or(Cell::Empty, read)
    }

    fn buyer(&self, read: impl Fn(&Buyer) -> Option<&str>) -> Cell {
        Cell::text(self.buyer.as_ref().and_then(read))
    }

    fn line(&self, line: &Line) -> Part {
        Part {
            text: format!("{} × {}", line.title, line.quantity),
            fields: vec![
                ("lineNo", Cell::Whole(line.line_no.into())),
                ("title", Cell::Text(line.title.clone())),
                ("category", Cell::Text(line.category.clone())),
                ("quantity", Cell::Whole(line.quantity.into())),
                (
                    "fulfilledQuantity",
                    Cell::Whole(line.fulfilled_quantity.into()),
                ),
                ("unitPrice", self.money(line.unit_price_minor)),
                ("discount", self.money(line.discount_minor)),
            ],
        }
    }
}

/// The columns that tell who bought.
pub const BUYER_COLUMNS: [&str; 2] = ["buyerName", "buyerPhone"];

/// The column that tells which member bought.
pub const MEMBER_COLUMN: &str = "memberNo";

/// The columns of orders.
pub static ORDERS: &[Column<SoldOrder>] = &[
    column("orderNo", "Order no.", "平台订单号", Plain, |it| {
        Cell::Text(order_no(it.row.summary.id))
    }),
    column(
        "merchantOrderNo",
        "Shop's order no.",
        "商户订单号",
        Plain,
        |it| Cell::Text(it.row.summary.merchant_order_no.clone()),
    ),
    column("createdAt", "Created", "下单时间", Zone, |it| {
        Cell::made_at(it.row.summary.id.made_at_ms())
    }),
    column("title", "Title", "商品", Plain, |it| {
        Cell::Text(it.row.summary.title.clone())
    }),
    column("lines", "Lines", "商品明细", Plain, |it| {
        Cell::Parts(it.lines.iter().map(|line| it.line(line)).collect())
    }),
    column("amount", "Amount", "订单金额", Currency, |it| {
        it.money(it.row.summary.amount_minor)
    }),
    column("discount", "Discount", "优惠金额", Currency, |it| {
        it.money(it.row.summary.discount_minor)
    }),
    column("paid", "Paid", "实付金额", Currency, |it| {
        it.money(it.row.summary.paid_minor)
    }),
    column("refunded", "Refunded", "已退金额", Currency, |it| {
        it.money(it.row.summary.refunded_minor)
    }),
    column(
        "paymentState",
        "Payment state",
        "支付状态",
        Plain,
        |it| words::payment_state(it.row.summary.payment_state),
    ),
    column("refundState", "Refund state", "退款状态", Plain, |it| {
        words::refund_state(it.row.summary.refund_state)
    }),
    column(
        "fulfillmentState",
        "Fulfilment state",
        "发货状态",
        Plain,
        |it| words::fulfillment_state(it.row.summary.fulfillment_state),
    ),
    column("channel", "Channel", "支付渠道", Plain, |it| {
        Cell::Text(it.channel.clone())
    }),
    column("method", "Method", "支付方式", Plain, |it| {
        words::method(it.row.summary.method)
    }),
    column(
        "providerTradeNo",
        "Platform's trade no.",
        "渠道流水号",
        Plain,
        |it| it.detail(|detail| Cell::text(detail.provider_trade_no.as_deref())),
    ),
    column("paidAt", "Paid at", "支付时间", Zone, |it| {
        Cell::time(it.row.summary.paid_at)
    }),
    column("late", "Paid late", "逾期支付", Plain, |it| {
        it.detail(|detail| Cell::Flag(detail.late))
    }),
    column("closedAt", "Closed at", "关闭时间", Zone, |it| {
        it.detail(|detail| Cell::time(detail.closed_at))
    }),
    column(
        "fulfilledAt",
        "Delivered at",
        "发货完成时间",
        Zone,
        |it| it.detail(|detail| Cell::time(detail.fulfilled_at)),
    ),
    column("country", "Country", "国家/地区", Plain, |it| {
        Cell::text(it.row.summary.country.as_deref())
    }),
    column("buyerName", "Buyer", "买家姓名", Plain, |it| {
        it.buyer(|buyer| buyer.name.as_deref())
    }),
    column(
        "buyerPhone",
        "Buyer's telephone",
        "买家电话",
        Plain,
        |it| it.buyer(|buyer| buyer.phone.as_deref()),
    ),
    column(MEMBER_COLUMN, "Member no.", "会员号", Plain, |it| {
        Cell::text(it.member_no.as_deref())
    }),
];
