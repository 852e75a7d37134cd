//! Refunds at the stub, as the source of 彩虹易支付 does them: V1 refunds whenever it is asked, V2 once for a
//! number that it knows, and it knows a number only after the money has moved.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::platform::{self, Refusal, check_key, check_signature};
use super::{Answering, Asked, EpayStub, Inner, PID, Parameters};

/// How the stub treats refunds. What [`Answering`] says comes first, and counts for queries too.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Refunding {
    /// As the protocol says.
    #[default]
    Honestly,
    /// Moves the money, and breaks the connection.
    LosingTheAnswer,
    /// Moves the money, and answers with HTTP 500.
    FailingAfter,
    /// Moves no money, and answers with HTTP 500.
    FailingBefore,
    /// Moves no money, and answers with a page.
    WithPage,
    /// Moves the money, and answers with a page.
    WithPageAfter,
    /// Moves no money, and answers with this refusal; unsigned, as the real thing.
    Refusing(i64, &'static str),
    /// Moves the money and answers after this long, whether or not anyone still waits; until then V2 does not
    /// know the number, and a second request does not know of the first.
    Slowly(Duration),
    /// In V2, takes the refund on and moves no money; queries tell state 0 until [`EpayStub::finish_refund`].
    Later,
    /// In V2, moves the money, and signs the answer with a key that is not the platform's.
    WronglySigned,
    /// Moves the money, and answers with these fields set otherwise before signing; null leaves one out.
    Telling(Vec<(&'static str, Value)>),
}

/// One request for a refund, believed or not.
#[derive(Clone, Debug, PartialEq)]
pub struct RefundAsked {
    /// Whether it came through V2.
    pub v2: bool,
    /// The refund number that it carried; V1 has none.
    pub out_refund_no: Option<String>,
    /// The order that it names, by either number; none where it names none of the stub's.
    pub out_trade_no: Option<String>,
    /// The amount, as it was sent.
    pub money: String,
}

/// One refund that the stub knows.
#[derive(Clone, Debug, PartialEq)]
pub struct StubRefund {
    /// The stub's own number.
    pub refund_no: String,
    /// The number that it was asked for with; in V1 the stub's own.
    pub out_refund_no: String,
    /// The order's number.
    pub out_trade_no: String,
    /// The amount, as queries tell it.
    pub money: String,
    /// 0 failed or not done, 1 done.
    pub status: i64,
}

/// One time that money went back to a payer.
#[derive(Clone, Debug, PartialEq)]
pub struct MoneyBack {
    /// The number of the refund that it went for; in V1 the stub's own.
    pub out_refund_no: String,
    /// The order's number.
    pub out_trade_no: String,
    /// How much.
    pub money: Decimal,
}

#[derive(Default)]
pub(super) struct Refunds {
    refunding: Refunding,
    next: Vec<Refunding>,
    count: usize,
    asked: Vec<RefundAsked>,
    known: Vec<StubRefund>,
    moved: Vec<MoneyBack>,
}

impl EpayStub {
    /// Refunds so from now on.
    pub fn refund(&self, refunding: Refunding) {
        self.inner().refunds.refunding = refunding;
    }

    /// Treats the next request for a refund so, and the one after it as before; several times, in this order.
    pub fn refund_once(&self, refunding: Refunding) {
        self.inner().refunds.next.push(refunding);
    }

    /// Every request for a refund so far, oldest first.
    pub fn refunds_asked(&self) -> Vec<RefundAsked> {
        self.inner().refunds.asked.clone()
    }

    /// Every time that money went back to a payer, oldest first: what must not happen twice.
    pub fn money_back(&self) -> Vec<MoneyBack> {
        self.inner().refunds.moved.clone()
    }

    /// What the payer of an order got back altogether.
    pub fn given_back(&self, out_trade_no: &str) -> Decimal {
        given_back(&self.inner(), out_trade_no)
    }

    /// A refund that the stub knows by the number that it was asked for with.
    pub fn known_refund(&self, out_refund_no: &str) -> Option<StubRefund> {
        let inner = self.inner();
        let mut known = inner.refunds.known.iter();
        known
            .find(|refund| refund.out_refund_no == out_refund_no)
            .cloned()
    }

    /// Moves the money of a refund that was to be done later.
    pub fn finish_refund(&self, out_refund_no: &str) {
        let refund = self.known_refund(out_refund_no).expect("a known refund");
        assert_eq!(refund.status, 0, "a refund that is not done");
        move_money(&mut self.inner(), &refund);
        self.set_refund_status(out_refund_no, 1);
    }

    /// Sets the state that queries tell; moves no money.
    pub fn set_refund_status(&self, out_refund_no: &str, status: i64) {
        self.change_refund(out_refund_no, |refund| refund.status = status);
    }

    /// Makes queries tell another amount than was moved.
    pub fn set_refund_money(&self, out_refund_no: &str, money: &str) {
        self.change_refund(out_refund_no, |refund| refund.money = money.to_owned());
    }

    fn change_refund(&self, out_refund_no: &str, change: impl FnOnce(&mut StubRefund)) {
        let mut inner = self.inner();
        let mut known = inner.refunds.known.iter_mut();
        let known = known.find(|refund| refund.out_refund_no == out_refund_no);
        change(known.expect("a known refund"));
    }
}

impl Refunds {
    fn how(&mut self) -> Refunding {
        if self.next.is_empty() {
            self.refunding.clone()
        } else {
            self.next.remove(0)
        }
    }
}

/// Whether a request asks for a refund, and if so, through V2.
pub(super) fn is_refund(asked: &Asked) -> Option<bool> {
    let act = asked.parameters.get("act").map(String::as_str);
    match (asked.method.as_str(), asked.path.as_str(), act) {
        ("POST", "/api.php", Some("refund")) => Some(false),
        ("POST", "/api/pay/refund", _) => Some(true),
        _ => None,
    }
}

pub(super) fn note(inner: &mut Inner, sent: &Parameters, v2: bool) {
    let noted = RefundAsked {
        v2,
        out_refund_no: sent.get("out_refund_no").cloned(),
        out_trade_no: order_of(inner, sent),
        money: sent.get("money").cloned().unwrap_or_default(),
    };
    inner.refunds.asked.push(noted);
}

pub(super) async fn answer(
    stub: EpayStub,
    asked: Asked,
    v2: bool,
    answering: Answering,
) -> Response {
    let refunding = stub.inner().refunds.how();
    let later = refunding == Refunding::Later;
    let wrongly = answering == Answering::WronglySigned || refunding == Refunding::WronglySigned;
    let signed = |answer| platform::signed(&asked, answer, &answering, wrongly);
    // Looked up when the request comes, not when the money moves.
    let known = known_by(&stub.inner(), &asked.parameters);
    let execute = |stub: &EpayStub| {
        refund(
            &mut stub.inner(),
            &asked.parameters,
            v2,
            known.clone(),
            later,
        )
    };
    match &refunding {
        Refunding::FailingBefore => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Refunding::WithPage => platform::page(),
        Refunding::Refusing(code, message) => platform::refuse(*code, message),
        Refunding::LosingTheAnswer => {
            let _ = execute(&stub);
            broken()
        }
        Refunding::FailingAfter => {
            let _ = execute(&stub);
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Refunding::WithPageAfter => {
            let _ = execute(&stub);
            platform::page()
        }
        Refunding::Slowly(pause) => {
            let (pause, sent, known) = (*pause, asked.parameters.clone(), known.clone());
            // PHP goes on when the other side hangs up; this handler would not.
            let done = tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                refund(&mut stub.inner(), &sent, v2, known, false)
            });
            signed(done.await.unwrap())
        }
        Refunding::Telling(fields) => {
            let mut answer = execute(&stub);
            if let Ok(answer) = &mut answer {
                for (name, value) in fields {
                    answer[*name] = value.clone();
                }
            }
            signed(answer)
        }
        Refunding::Honestly | Refunding::Later | Refunding::WronglySigned => signed(execute(&stub)),
    }
}

/// An answer that begins and never ends: the connection breaks.
pub(super) fn broken() -> Response {
    let lost = std::io::Error::other("the answer is lost");
    Body::from_stream(stream::iter([Err::<&[u8], _>(lost)])).into_response()
}

/// The refund that a request's number names; shorter numbers are overlooked.
fn known_by(inner: &Inner, sent: &Parameters) -> Option<StubRefund> {
    let number = sent
        .get("out_refund_no")
        .filter(|number| number.len() > 5)?;
    let mut known = inner.refunds.known.iter();
    known
        .find(|refund| refund.out_refund_no == *number)
        .cloned()
}

fn refund(
    inner: &mut Inner,
    sent: &Parameters,
    v2: bool,
    known: Option<StubRefund>,
    later: bool,
) -> Result<Value, Refusal> {
    if v2 {
        check_signature(sent, true)?;
    } else {
        check_key(sent)?;
    }
    let money = sent.get("money").map_or("", String::as_str);
    let amount: Decimal = money.parse().map_err(|_| (-1, "金额输入错误"))?;
    let out_trade_no = order_of(inner, sent).ok_or((-1, "当前订单不存在！"))?;
    inner.refunds.count += 1;
    let own = format!("20240718090000{:05}", inner.refunds.count);
    let out_refund_no = sent.get("out_refund_no").filter(|number| number.len() > 5);
    if let Some(known) = known.as_ref().filter(|known| known.status == 1 || later) {
        return Ok(told(inner, known, "已存在相同退款单号！"));
    }
    let order = &inner.orders[&out_trade_no];
    if !matches!(order.status, 1..=3) {
        return Err((-1, "该订单状态不支持退款！"));
    }
    let paid: Decimal = order.asked["money"].parse().unwrap();
    if amount > paid {
        return Err((-1, "退款金额不能大于订单金额"));
    }
    if amount > paid - given_back(inner, &out_trade_no) {
        return Err((-1, "退款金额不能超过该订单剩余可退款金额！"));
    }
    let refund = StubRefund {
        refund_no: known.map_or_else(|| own.clone(), |known| known.refund_no),
        out_refund_no: out_refund_no.cloned().unwrap_or(own),
        out_trade_no,
        money: money.to_owned(),
        status: i64::from(!later),
    };
    if !later {
        move_money(inner, &refund);
    }
    let number = &refund.out_refund_no;
    inner
        .refunds
        .known
        .retain(|known| known.out_refund_no != *number);
    inner.refunds.known.push(refund.clone());
    Ok(told(inner, &refund, "退款成功！"))
}

pub(super) fn query(
    inner: &Inner,
    sent: &Parameters,
    answering: &Answering,
) -> Result<Value, Refusal> {
    check_signature(sent, true)?;
    let number = sent.get("out_refund_no").ok_or((-1, "退款单号不能为空"))?;
    let mut known = inner.refunds.known.iter();
    let refund = known
        .find(|refund| refund.out_refund_no == *number)
        .ok_or((-1, "退款记录不存在"))?;
    let mut answer = told(inner, refund, "");
    if let Answering::ForMerchant(pid) = answering {
        answer["uid"] = json!(pid);
    }
    answer["status"] = json!(refund.status);
    answer["addtime"] = json!("2024-07-18 09:00:00");
    answer["endtime"] = json!((refund.status == 1).then_some("2024-07-18 09:00:01"));
    Ok(answer)
}

fn told(inner: &Inner, refund: &StubRefund, message: &str) -> Value {
    json!({
        "code": 0, "msg": message, "refund_no": refund.refund_no, "out_refund_no": refund.out_refund_no,
        "trade_no": inner.orders[&refund.out_trade_no].trade_no, "out_trade_no": refund.out_trade_no,
        "uid": PID, "money": refund.money, "reducemoney": refund.money,
    })
}

fn move_money(inner: &mut Inner, refund: &StubRefund) {
    inner.refunds.moved.push(MoneyBack {
        out_refund_no: refund.out_refund_no.clone(),
        out_trade_no: refund.out_trade_no.clone(),
        money: refund.money.parse().unwrap(),
    });
    inner.orders.get_mut(&refund.out_trade_no).unwrap().status = 2;
}

fn given_back(inner: &Inner, out_trade_no: &str) -> Decimal {
    let moved = inner.refunds.moved.iter();
    moved
        .filter(|moved| moved.out_trade_no == out_trade_no)
        .map(|moved| moved.money)
        .sum()
}

/// The platform's own number wins over ours.
fn order_of(inner: &Inner, sent: &Parameters) -> Option<String> {
    let orders = &inner.orders;
    if let Some(trade_no) = sent.get("trade_no") {
        let named = orders
            .iter()
            .find(|(_, order)| order.trade_no == *trade_no)?;
        return Some(named.0.clone());
    }
    let out_trade_no = sent.get("out_trade_no")?;
    orders
        .contains_key(out_trade_no)
        .then(|| out_trade_no.clone())
}
