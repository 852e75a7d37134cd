//! The servers of the demo's shops: where their webhooks are sent, and a page that shows what came in.

use std::fmt::Write;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::demo::inbox::{Received, Seal, Taken};
use crate::graphql::gateway::Gateway;

const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:15px system-ui;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}\
    table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;vertical-align:top}\
    tr.letter td{border-top:1px solid #ddd;white-space:nowrap}pre{margin:0 0 .5rem;padding:.5rem;background:#f6f6f6;\
    font-size:12px;max-height:8rem;overflow:auto;white-space:pre-wrap;word-break:break-all}code{font-size:13px}\
    .good{color:#07803f}.bad{color:#b3261e}.later{color:#9a6700}p{line-height:1.5}";

/// `POST /demo/webhooks/{shop}`: a shop's server is sent something.
pub async fn receive(
    State(gateway): State<Gateway>,
    Path(shop): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let said = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let seal = Seal {
        id: said("webhook-id"),
        timestamp: said("webhook-timestamp"),
        signature: said("webhook-signature"),
    };
    let now = gateway.app.clock.now();
    let taken = match (gateway.inbox.get(), std::str::from_utf8(&body)) {
        (None, _) => Taken::Unknown,
        (Some(_), Err(_)) => Taken::WrongSignature,
        (Some(inbox), Ok(body)) => inbox.receive(&shop, &seal, body, now),
    };
    let status = StatusCode::from_u16(taken.status()).unwrap_or(StatusCode::OK);
    (status, answer(taken)).into_response()
}

/// `GET /demo/webhooks`: what came in, the newest first.
pub async fn page(State(gateway): State<Gateway>) -> Response {
    let received = gateway.inbox.get().map(|inbox| inbox.received());
    let received = received.unwrap_or_default();
    let page = format!(
        "<!doctype html><html lang=zh-CN><meta charset=utf-8><meta http-equiv=refresh content=5>\
         <meta name=viewport content=\"width=device-width\"><title>Webhooks</title><style>{STYLE}</style>\
         <h1>店铺收到的推送 Webhooks</h1>\
         <p>这里是演示商户自己的服务器：先校验签名（<code>webhook-signature</code>）与时间，再处理，同一编号只处理一次。\
         第一条以及之后每隔一段，服务器会回答 503，Yigate 几秒后重新推送：见 GraphiQL 中的推送记录。<br>\
         The shops' own server: it checks signature and time, then takes each id once. The first letter, and one of \
         some after it, is answered 503 and comes again a few seconds later: see the delivery log in \
         <a href=/graphiql>GraphiQL</a>. The page renews itself every five seconds.</p>\
         <table><tr><th>时间 Time<th>商户 Shop<th>类型 Type<th>编号 webhook-id<th>签名 Signature<th>回答 Answer{}</table>{}\
         </html>",
        rows(&received),
        if received.is_empty() {
            "<p>暂无推送，请稍候。Nothing yet: wait for the next order.</p>"
        } else {
            ""
        },
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, page).into_response()
}

fn rows(received: &[Received]) -> String {
    let mut rows = String::new();
    for letter in received {
        let (class, signature) = match letter.taken {
            Taken::WrongSignature => ("bad", "✗ 无效 wrong"),
            Taken::NotFresh => ("bad", "✗ 时间不符 not fresh"),
            _ => ("good", "✓ 有效 holds"),
        };
        let answered = match letter.taken {
            Taken::Yes | Taken::Again => "good",
            Taken::Busy => "later",
            _ => "bad",
        };
        // Writing into a text never fails.
        let _ = write!(
            rows,
            "<tr class=letter><td>{}<td>{}<td><code>{}</code><td><code>{}</code>\
             <td class={class}>{signature}<td class={answered}>{} {}\
             <tr><td colspan=6><pre>{}</pre>",
            letter.at.format("%Y-%m-%d %H:%M:%S"),
            escaped(&letter.shop),
            escaped(&letter.kind),
            escaped(&letter.id),
            letter.taken.status(),
            answer(letter.taken),
            escaped(&letter.body),
        );
    }
    rows
}

/// What the shop's server says, which the delivery log shows.
const fn answer(taken: Taken) -> &'static str {
    match taken {
        Taken::Yes => "taken",
        Taken::Again => "taken before",
        Taken::Busy => "busy: send it again",
        Taken::WrongSignature => "the signature does not hold",
        Taken::NotFresh => "signed too long ago",
        Taken::Unknown => "no such shop",
    }
}

/// A text that is only read, whatever it holds.
fn escaped(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => told += "&amp;",
            '<' => told += "&lt;",
            '>' => told += "&gt;",
            '"' => told += "&quot;",
            '\'' => told += "&#39;",
            other => told.push(other),
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_letter_becomes_part_of_the_page() {
        let text = "<script>alert('1')</script>&\"";
        let told = escaped(text);
        assert!(!told.contains(['<', '>', '"', '\'']), "{told}");
    }
}
