//! What clients send about refunds.

use async_graphql::{ID, InputObject, OneofObject};
use entity::RefundId;

use super::enums::{RefundKind, RefundReason, RefundResolution, RefundStatus};
use crate::channels::schema::PaymentMethod;
use crate::error::Error;
use crate::graphql::scalars::{CountryCode, MoneyInput, read_id};
use crate::graphql::time_range::TimeRangeInput;
use crate::money::{AmountRange, Currency};
use crate::orders::schema::inputs::{
    AmountRangeInput, DEEPEST, Reading, limit, many, read_money, read_search,
};
use crate::refunds::model::{Part, RefundDraft, RefundFilter};

/// Which refunds are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct RefundFilterInput {
    /// In any of these states.
    pub state: Option<Vec<RefundStatus>>,
    /// Of any of these kinds.
    pub kind: Option<Vec<RefundKind>>,
    /// For any of these reasons.
    pub reason: Option<Vec<RefundReason>>,
    /// Asked for in this span.
    pub requested_at: Option<TimeRangeInput>,
    /// Succeeded in this span.
    pub succeeded_at: Option<TimeRangeInput>,
    /// The amount lies in this range.
    pub amount: Option<AmountRangeInput>,
    /// Through any of these channels.
    pub channel_id: Option<Vec<ID>>,
    /// Paid by any of these methods.
    pub method: Option<Vec<PaymentMethod>>,
    /// To buyers from any of these countries.
    pub country: Option<Vec<CountryCode>>,
    /// Of this order.
    pub order_id: Option<ID>,
    /// Asked for by this actor: an id of staff or of an API key, or `system`.
    pub requested_by: Option<String>,
    /// Whether a person has to look at it 待人工处理.
    pub needs_attention: Option<bool>,
    /// The beginning of our refund number or the payment platform's, or of any of the order's numbers, or a
    /// part of the title of one of its lines.
    pub search: Option<String>,
    /// Any of these filters holds.
    pub or: Option<Vec<RefundFilterInput>>,
    /// This filter does not hold.
    pub not: Option<Box<RefundFilterInput>>,
}

impl RefundFilterInput {
    /// Reads the filter; what cannot be meant is named.
    pub fn read(&self, reading: &Reading) -> Result<RefundFilter, Error> {
        self.read_at("filter", 1, reading)
    }

    fn read_at(&self, path: &str, depth: u32, reading: &Reading) -> Result<RefundFilter, Error> {
        if depth > DEEPEST {
            return Err(Error::bad_input(
                path,
                format!("filters lie at most {DEEPEST} deep."),
                format!("筛选条件最多嵌套 {DEEPEST} 层。"),
            ));
        }
        let span = |field: &str, input: Option<TimeRangeInput>| {
            input
                .map(|input| input.read(&format!("{path}.{field}"), reading.now, reading.zone))
                .transpose()
        };
        let channel_ids = match &self.channel_id {
            None => None,
            Some(ids) => {
                limit(path, "channelId", ids.len())?;
                let field = format!("{path}.channelId");
                let ids = ids.iter().map(|id| read_id(&field, id));
                Some(ids.collect::<Result<_, _>>()?)
            }
        };
        let countries = match &self.country {
            None => None,
            Some(codes) => {
                limit(path, "country", codes.len())?;
                Some(codes.iter().map(|code| code.0.clone()).collect())
            }
        };
        let amount = match self.amount {
            None => AmountRange::default(),
            Some(range) => range.read(path, reading)?,
        };
        Ok(RefundFilter {
            states: many(path, "state", self.state.as_deref())?,
            kinds: many(path, "kind", self.kind.as_deref())?,
            reasons: many(path, "reason", self.reason.as_deref())?,
            requested: span("requestedAt", self.requested_at)?,
            succeeded: span("succeededAt", self.succeeded_at)?,
            amount,
            channel_ids,
            methods: many(path, "method", self.method.as_deref())?,
            countries,
            order_id: self
                .order_id
                .as_ref()
                .map(|id| read_id(&format!("{path}.orderId"), id))
                .transpose()?,
            requested_by: self.requested_by.clone(),
            needs_attention: self.needs_attention,
            search: read_search(path, self.search.as_deref())?,
            or: self.read_or(path, depth, reading)?,
            not: self
                .not
                .as_ref()
                .map(|not| not.read_at(&format!("{path}.not"), depth + 1, reading))
                .transpose()?
                .map(Box::new),
        })
    }

    fn read_or(
        &self,
        path: &str,
        depth: u32,
        reading: &Reading,
    ) -> Result<Option<Vec<RefundFilter>>, Error> {
        let Some(choices) = &self.or else {
            return Ok(None);
        };
        limit(path, "or", choices.len())?;
        let choices = choices
            .iter()
            .map(|choice| choice.read_at(&format!("{path}.or"), depth + 1, reading));
        choices.collect::<Result<_, _>>().map(Some)
    }
}

/// Exactly one number of a refund.
#[derive(Clone, Debug, OneofObject)]
pub enum RefundByInput {
    /// The global id.
    Id(ID),
    /// Our refund number 退款单号.
    RefundNo(String),
}

impl RefundByInput {
    /// The id that is meant.
    pub fn read(&self) -> Result<RefundId, Error> {
        match self {
            Self::Id(id) => read_id("by.id", id),
            Self::RefundNo(no) => no.parse().map(RefundId).map_err(|_| Error::NotFound),
        }
    }
}

/// So many of one line.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct RefundLineInput {
    /// The line's number in its order.
    pub line_no: i32,
    /// How many are given back.
    pub quantity: i32,
}

/// What is to be given back of an order: everything that is left, an amount, or lines.
#[derive(Clone, Debug, InputObject)]
pub struct RefundQuoteInput {
    /// The order.
    pub order_id: ID,
    /// An amount 部分退款; everything that is left where neither this nor `lines` is given.
    pub amount: Option<MoneyInput>,
    /// Lines of the order 按明细退款.
    pub lines: Option<Vec<RefundLineInput>>,
}

/// A refund to be made 申请退款.
#[derive(Clone, Debug, InputObject)]
pub struct RefundCreateInput {
    /// Any text of yours, 8 to 128 characters, new for each refund: sent again, the same request returns the
    /// same refund.
    pub idempotency_key: String,
    /// The order.
    pub order_id: ID,
    /// An amount 部分退款; everything that is left where neither this nor `lines` is given.
    pub amount: Option<MoneyInput>,
    /// Lines of the order 按明细退款.
    pub lines: Option<Vec<RefundLineInput>>,
    /// Why.
    #[graphql(default_with = "RefundReason::CustomerRequest")]
    pub reason: RefundReason,
    /// Why, in words, at most 200 characters; the payment platform is told.
    pub reason_text: Option<String>,
}

impl RefundCreateInput {
    /// What is to be given back.
    pub fn read(&self, currency: Currency) -> Result<RefundDraft, Error> {
        let of_order = RefundQuoteInput {
            order_id: self.order_id.clone(),
            amount: self.amount,
            lines: self.lines.clone(),
        };
        Ok(RefundDraft {
            reason: self.reason.into(),
            reason_text: self.reason_text.clone(),
            ..of_order.read(currency)?
        })
    }
}

impl RefundQuoteInput {
    /// What is to be given back.
    pub fn read(&self, currency: Currency) -> Result<RefundDraft, Error> {
        let order_id: entity::OrderId = read_id("orderId", &self.order_id)?;
        let part = match (&self.amount, &self.lines) {
            (None, None) => Part::Everything,
            (Some(amount), None) => Part::Amount(read_money(*amount, "amount", currency)?),
            (None, Some(lines)) => Part::Lines(
                lines
                    .iter()
                    .map(|line| {
                        let line_no = i16::try_from(line.line_no).unwrap_or(i16::MAX);
                        (line_no, line.quantity)
                    })
                    .collect(),
            ),
            (Some(_), Some(_)) => {
                return Err(Error::bad_input(
                    "lines",
                    "cannot be given beside `amount`.",
                    "不能与 `amount` 同时给出。",
                ));
            }
        };
        Ok(RefundDraft {
            order_id: order_id.0,
            part,
            reason: entity::refund::RefundReason::CustomerRequest,
            reason_text: None,
        })
    }
}

/// A failed refund to be sent again 重试退款.
#[derive(Clone, Debug, InputObject)]
pub struct RefundRetryInput {
    /// Any text of yours, 8 to 128 characters, new for each retry.
    pub idempotency_key: String,
    /// Which.
    pub refund_id: ID,
}

/// A refund that is agreed to 审批通过.
#[derive(Clone, Debug, InputObject)]
pub struct RefundApproveInput {
    /// Any text of yours, 8 to 128 characters, new for each decision.
    pub idempotency_key: String,
    /// Which.
    pub refund_id: ID,
    /// Anything worth knowing, at most 500 characters.
    pub note: Option<String>,
}

/// A refund that is not agreed to 驳回.
#[derive(Clone, Debug, InputObject)]
pub struct RefundRejectInput {
    /// Any text of yours, 8 to 128 characters, new for each decision.
    pub idempotency_key: String,
    /// Which.
    pub refund_id: ID,
    /// Why, at most 500 characters.
    pub note: String,
}

/// What a person says became of a refund 人工核定.
#[derive(Clone, Debug, InputObject)]
pub struct RefundResolveInput {
    /// Any text of yours, 8 to 128 characters, new for each word.
    pub idempotency_key: String,
    /// Which.
    pub refund_id: ID,
    /// What became of it.
    pub outcome: RefundResolution,
    /// How that is known, at most 500 characters.
    pub note: String,
}
