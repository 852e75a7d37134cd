//! What the stub answers on each endpoint, as the source of 彩虹易支付 does.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use data_encoding::{BASE64, HEXLOWER};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    Answering, Asked, EpayStub, Inner, KEY, PID, Parameters, StubOrder, keys, refunds, transfers,
};

pub(super) async fn answer(
    State(stub): State<EpayStub>,
    method: Method,
    uri: Uri,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let mut parameters = Parameters::new();
    for raw in [query.unwrap_or_default().as_bytes(), &body] {
        parameters.extend(form_urlencoded::parse(raw).into_owned());
    }
    let asked = Asked {
        method: method.to_string(),
        path: uri.path().to_owned(),
        parameters,
    };
    stub.inner().journal.push(asked.clone());
    let refund = refunds::is_refund(&asked);
    if let Some(v2) = refund {
        refunds::note(&mut stub.inner(), &asked.parameters, v2);
    }
    let answering = stub.inner().answering.clone();
    match &answering {
        Answering::Html => page(),
        Answering::Status(status) => StatusCode::from_u16(*status).unwrap().into_response(),
        Answering::Redirect => {
            (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response()
        }
        Answering::Hang => std::future::pending().await,
        Answering::Endlessly => {
            format!("{{\"code\":1,\"msg\":\"{}\"}}", "x".repeat(2 << 20)).into_response()
        }
        Answering::Raw(text) => text.clone().into_response(),
        Answering::Refuse(code, message) => refuse(*code, message),
        _ => {
            if let Some(v2) = refund {
                return refunds::answer(stub, asked, v2, answering).await;
            }
            if transfers::is_transfer(&asked) {
                return transfers::answer(&stub, &asked, &answering);
            }
            answer_by_protocol(&mut stub.inner(), &asked, &answering)
        }
    }
}

pub(super) fn page() -> Response {
    "<!DOCTYPE html><html><title>站点页面</title></html>".into_response()
}

pub(super) fn refuse(code: i64, message: &str) -> Response {
    php_json(&json!({"code": code, "msg": message}))
}

fn answer_by_protocol(inner: &mut Inner, asked: &Asked, answering: &Answering) -> Response {
    let sent = &asked.parameters;
    let answer = match (
        asked.method.as_str(),
        asked.path.as_str(),
        sent.get("act").map(String::as_str),
    ) {
        ("POST", "/mapi.php", _) => create(inner, sent, false),
        ("GET", "/api.php", Some("order")) => query(inner, sent, false, answering),
        ("GET", "/api.php", Some("query")) => account(sent, false, answering),
        ("POST", "/api/merchant/info", _) => account(sent, true, answering),
        ("POST", "/api/pay/create", _) => create(inner, sent, true),
        ("POST", "/api/pay/query", _) => query(inner, sent, true, answering),
        ("POST", "/api/transfer/query", _) => transfers::query(inner, sent, answering),
        ("POST", "/api/pay/refundquery", _) => refunds::query(inner, sent, answering),
        _ => Err((-5, "No Act!")),
    };
    let wrongly = *answering == Answering::WronglySigned;
    signed(asked, answer, answering, wrongly)
}

/// An answer on its way: V2 signs its successes.
pub(super) fn signed(
    asked: &Asked,
    answer: Result<Value, Refusal>,
    answering: &Answering,
    wrongly: bool,
) -> Response {
    let mut answer = match answer {
        Ok(answer) => answer,
        Err((code, message)) => return refuse(code, message),
    };
    if asked.path.starts_with("/api/") {
        let asked_at: i64 = asked.parameters["timestamp"].parse().unwrap();
        let earlier = if let Answering::SignedEarlier(seconds) = answering {
            *seconds
        } else {
            0
        };
        let key = if wrongly {
            &keys().stranger
        } else {
            &keys().platform
        };
        answer["timestamp"] = json!((asked_at - earlier).to_string());
        answer["sign_type"] = json!("RSA");
        answer["sign"] = json!(rsa_sign(key, &canonical(&php_text(&answer))));
    }
    php_json(&answer)
}

pub(super) type Refusal = (i64, &'static str);

fn create(inner: &mut Inner, sent: &Parameters, v2: bool) -> Result<Value, Refusal> {
    check_signature(sent, v2)?;
    let needed = [
        "type",
        "out_trade_no",
        "notify_url",
        "name",
        "money",
        "clientip",
    ];
    if needed
        .iter()
        .any(|name| sent.get(*name).is_none_or(|value| value.trim().is_empty()))
    {
        return Err((-1, "参数不能为空"));
    }
    let out_trade_no = sent["out_trade_no"].clone();
    if let Some(known) = inner.orders.get(&out_trade_no) {
        let compared = ["money", "name", "notify_url", "return_url"];
        if known.status > 0 {
            return Err((-1, "该订单已完成支付，请勿重复发起支付"));
        }
        if compared
            .iter()
            .any(|name| known.asked.get(*name) != sent.get(*name))
        {
            return Err((-1, "该订单支付参数有变化，请更换订单号重新发起支付"));
        }
    }
    let count = inner.orders.len() + 1;
    let order = inner
        .orders
        .entry(out_trade_no)
        .or_insert_with(|| StubOrder {
            trade_no: format!("20240717164752{count:05}"),
            asked: sent.clone(),
            v2,
            status: 0,
            endtime: String::new(),
        });
    let (kind, content) = inner
        .shown
        .unwrap_or(("qrcode", "weixin://wxpay/bizpayurl?pr=x"));
    Ok(if v2 {
        json!({"code": 0, "trade_no": order.trade_no, "pay_type": kind, "pay_info": content})
    } else {
        json!({"code": 1, "trade_no": order.trade_no, kind: content})
    })
}

fn query(
    inner: &Inner,
    sent: &Parameters,
    v2: bool,
    answering: &Answering,
) -> Result<Value, Refusal> {
    if v2 {
        check_signature(sent, true)?;
    } else {
        check_key(sent)?;
    }
    let order = sent
        .get("out_trade_no")
        .and_then(|number| inner.orders.get(number))
        .ok_or((-1, "订单号不存在"))?;
    let pid = if let Answering::ForMerchant(pid) = answering {
        pid
    } else {
        PID
    };
    Ok(json!({
        "code": if v2 { 0 } else { 1 }, "msg": "succ", "trade_no": order.trade_no, "pid": pid,
        "out_trade_no": order.asked["out_trade_no"], "type": order.asked["type"], "name": order.asked["name"],
        "addtime": "2024-07-17 16:40:00", "endtime": order.endtime, "money": order.asked["money"],
        "status": if v2 { json!(order.status) } else { json!(order.status.to_string()) }, "buyer": null,
    }))
}

/// What the platform says of our account; V1 repeats the key.
fn account(sent: &Parameters, v2: bool, answering: &Answering) -> Result<Value, Refusal> {
    if v2 {
        check_signature(sent, true)?;
    } else {
        check_key(sent)?;
    }
    let (mut pid, mut status) = (PID, 1);
    match answering {
        Answering::ForMerchant(other) => pid = other,
        Answering::Account(other) => status = *other,
        _ => {}
    }
    Ok(if v2 {
        json!({"code": 0, "pid": pid, "status": status, "pay_status": 1, "money": "12.30", "order_num": 3})
    } else {
        json!({"code": 1, "pid": pid, "key": KEY, "active": status.to_string(), "money": "12.30",
            "account": "a@b.example", "username": "汇贤", "orders": 3})
    })
}

pub(super) fn check_key(sent: &Parameters) -> Result<(), Refusal> {
    let text = |name: &str| sent.get(name).map_or("", String::as_str);
    if text("pid") == PID && text("key") == KEY {
        Ok(())
    } else {
        Err((-3, "商户密钥错误"))
    }
}

pub(super) fn check_signature(sent: &Parameters, v2: bool) -> Result<(), Refusal> {
    let text = |name: &str| sent.get(name).map_or("", String::as_str);
    if text("pid") != PID {
        return Err((-1, "商户不存在！"));
    }
    let signed = canonical(sent);
    let right = if v2 {
        let public = UnparsedPublicKey::new(
            &RSA_PKCS1_2048_8192_SHA256,
            keys().merchant.public_key().as_ref(),
        );
        let sign = BASE64.decode(text("sign").as_bytes()).unwrap_or_default();
        text("timestamp").len() == 10
            && text("sign_type") == "RSA"
            && public.verify(signed.as_bytes(), &sign).is_ok()
    } else {
        matches!(text("sign_type"), "" | "MD5") && text("sign") == md5_sign(&signed, KEY)
    };
    if right {
        Ok(())
    } else {
        Err((-3, "签名校验失败"))
    }
}

pub(super) fn canonical(sent: &Parameters) -> String {
    let mut text = String::new();
    for (name, value) in sent {
        if name != "sign" && name != "sign_type" && !value.trim().is_empty() {
            text += &format!("{}{name}={value}", if text.is_empty() { "" } else { "&" });
        }
    }
    text
}

pub(super) fn md5_sign(text: &str, key: &str) -> String {
    HEXLOWER.encode(&Md5::digest(format!("{text}{key}")))
}

pub(super) fn rsa_sign(key: &KeyPair, text: &str) -> String {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .unwrap();
    BASE64.encode(&signature)
}

/// The fields as PHP signs them.
fn php_text(answer: &Value) -> Parameters {
    let fields = answer.as_object().unwrap().iter();
    fields
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| {
            (
                name.clone(),
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            )
        })
        .collect()
}

/// JSON as PHP writes it: slashes escaped, and anything but ASCII too.
fn php_json(answer: &Value) -> Response {
    let mut text = String::new();
    for char in answer.to_string().replace('/', "\\/").chars() {
        if char.is_ascii() {
            text.push(char);
        } else {
            let mut units = [0; 2];
            for unit in char.encode_utf16(&mut units) {
                text += &format!("\\u{unit:04x}");
            }
        }
    }
    ([(header::CONTENT_TYPE, "text/html; charset=UTF-8")], text).into_response()
}
