//! Payouts at the stub, as the source of 彩虹易支付 does them (代付): the bank is asked first, and the number is known
//! only afterwards; a number that is known is refused; asked about, only numbers of 19 digits are found by ours.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::platform::{self, Refusal, check_signature};
use super::refunds::broken;
use super::{Answering, Asked, EpayStub, Inner, PID, Parameters};

/// How the stub treats payouts. What [`Answering`] says comes first, and counts for queries too.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Transferring {
    /// As the protocol says: the bank has it at once.
    #[default]
    Honestly,
    /// Takes it on; queries tell state 0 until it is set otherwise.
    Later,
    /// Moves the money, and breaks the connection.
    LosingTheAnswer,
    /// Moves no money, and answers with HTTP 500.
    FailingBefore,
    /// Moves the money, and answers with a page.
    WithPageAfter,
    /// Moves no money, and answers with this refusal; unsigned, as the real thing.
    Refusing(i64, &'static str),
    /// Moves the money, and signs the answer with a key that is not the platform's.
    WronglySigned,
    /// Moves the money, and answers with these fields set otherwise before signing; null leaves one out.
    Telling(Vec<(&'static str, Value)>),
}

/// One payout that the stub knows.
#[derive(Clone, Debug, PartialEq)]
pub struct StubTransfer {
    /// The number that it was asked for with.
    pub out_biz_no: String,
    /// What it was asked for with.
    pub asked: Parameters,
    /// 0 under way, 1 paid, 2 failed.
    pub status: i64,
}

#[derive(Default)]
pub(super) struct Transfers {
    next: Vec<Transferring>,
    asked: usize,
    known: Vec<StubTransfer>,
    moved: Vec<StubTransfer>,
}

impl EpayStub {
    /// Treats the next payout so, and the one after it honestly; several times, in this order.
    pub fn transfer_once(&self, transferring: Transferring) {
        self.inner().transfers.next.push(transferring);
    }

    /// How often a payout was asked for, believed or not.
    pub fn transfers_asked(&self) -> usize {
        self.inner().transfers.asked
    }

    /// Every time that money left for a bank, oldest first: what must not happen twice for a number.
    pub fn money_out(&self) -> Vec<StubTransfer> {
        self.inner().transfers.moved.clone()
    }

    /// Knows no payout any more, as after a backup was restored.
    pub fn forgets_transfers(&self) {
        self.inner().transfers.known.clear();
    }

    /// The list of transfers that the merchant's back office shows, all submitted at a local time: the newest first.
    pub fn transfer_list(&self, addtime: &str) -> Value {
        let inner = self.inner();
        let known = inner.transfers.known.iter().rev();
        let rows: Vec<Value> = known
            .map(|one| {
                let asked = &one.asked;
                json!({
                    "biz_no": one.out_biz_no, "out_biz_no": one.out_biz_no,
                    "pay_order_no": format!("B{}", one.out_biz_no), "uid": PID, "type": asked["type"],
                    "channel": "3", "account": asked["account"], "username": asked["name"],
                    "money": asked["money"], "costmoney": asked["money"], "addtime": addtime,
                    "paytime": (one.status == 1).then_some(addtime), "status": one.status.to_string(),
                    "api": "1", "desc": asked.get("remark"), "result": null, "ext": null,
                })
            })
            .collect();
        json!({ "total": rows.len(), "rows": rows })
    }

    /// Sets the state that queries tell: 0 under way, 1 paid, 2 failed.
    pub fn set_transfer_status(&self, out_biz_no: &str, status: i64) {
        let mut inner = self.inner();
        let mut known = inner.transfers.known.iter_mut();
        let known = known.find(|one| one.out_biz_no == out_biz_no);
        known.expect("a known payout").status = status;
    }
}

pub(super) fn is_transfer(asked: &Asked) -> bool {
    asked.method == "POST" && asked.path == "/api/transfer/submit"
}

pub(super) fn answer(stub: &EpayStub, asked: &Asked, answering: &Answering) -> Response {
    let mut inner = stub.inner();
    inner.transfers.asked += 1;
    let how = if inner.transfers.next.is_empty() {
        Transferring::Honestly
    } else {
        inner.transfers.next.remove(0)
    };
    let status = i64::from(how != Transferring::Later);
    let wrongly = how == Transferring::WronglySigned || *answering == Answering::WronglySigned;
    let mut done = || transfer(&mut inner, &asked.parameters, status);
    match &how {
        Transferring::FailingBefore => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Transferring::Refusing(code, message) => platform::refuse(*code, message),
        Transferring::LosingTheAnswer => {
            let _ = done();
            broken()
        }
        Transferring::WithPageAfter => {
            let _ = done();
            platform::page()
        }
        Transferring::Telling(fields) => {
            let mut answer = done();
            if let Ok(answer) = &mut answer {
                for (name, value) in fields {
                    answer[*name] = value.clone();
                }
            }
            platform::signed(asked, answer, answering, wrongly)
        }
        Transferring::Honestly | Transferring::Later | Transferring::WronglySigned => {
            platform::signed(asked, done(), answering, wrongly)
        }
    }
}

fn transfer(inner: &mut Inner, sent: &Parameters, status: i64) -> Result<Value, Refusal> {
    check_signature(sent, true)?;
    for (name, message) in [
        ("type", "代付方式(type)不能为空"),
        ("account", "收款人账号(account)不能为空"),
        ("money", "转账金额(money)不能为空"),
    ] {
        if sent.get(name).is_none_or(String::is_empty) {
            return Err((-1, message));
        }
    }
    let out_biz_no = sent.get("out_biz_no").cloned().unwrap_or_default();
    let mut known = inner.transfers.known.iter();
    if known.any(|one| one.out_biz_no == out_biz_no) {
        return Err((-1, "该交易号已存在，请更换交易号"));
    }
    let one = StubTransfer {
        out_biz_no,
        asked: sent.clone(),
        status,
    };
    inner.transfers.known.push(one.clone());
    inner.transfers.moved.push(one.clone());
    let mut answer = told(&one);
    answer["cost_money"] = json!(sent["money"]);
    Ok(answer)
}

pub(super) fn query(
    inner: &Inner,
    sent: &Parameters,
    answering: &Answering,
) -> Result<Value, Refusal> {
    check_signature(sent, true)?;
    let number = sent.get("out_biz_no").ok_or((-1, "转账交易号不能为空"))?;
    let is_own = number.len() == 19 && number.bytes().all(|byte| byte.is_ascii_digit());
    let mut known = inner.transfers.known.iter().filter(|_| is_own);
    let one = known
        .find(|one| one.out_biz_no == *number)
        .ok_or((-1, "转账交易号不存在"))?;
    let mut answer = told(one);
    // What is under way the bank is asked about, and its answer tells no amount.
    if one.status > 0 {
        answer["amount"] = json!(one.asked["money"]);
    }
    if one.status == 2 {
        answer["errmsg"] = json!("户名不符");
    }
    if let Answering::ForMerchant(pid) = answering {
        answer["pid"] = json!(pid);
    }
    Ok(answer)
}

fn told(one: &StubTransfer) -> Value {
    json!({
        "code": 0, "msg": "succ", "biz_no": one.out_biz_no, "out_biz_no": one.out_biz_no, "pid": PID,
        "orderid": format!("B{}", one.out_biz_no), "status": one.status,
    })
}
