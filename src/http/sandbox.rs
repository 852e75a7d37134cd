//! The page that a sandbox's payment link opens: one button, which pays.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::callbacks::read_channel;
use crate::channels::providers::sandbox::{Paying, Sandbox};
use crate::graphql::gateway::Gateway;
use crate::orders::service::{self, Notice};

const NOTHING: &str = "<h1>没有待付的订单</h1><p>Nothing to pay here.</p>";
const PAID: &str = "<h1>支付成功</h1><p>Paid.</p>";

/// `GET /sandbox/pay/{channel}/{order_no}`: what is to be paid, and a button.
pub async fn page(
    State(gateway): State<Gateway>,
    Path((channel, order_no)): Path<(String, String)>,
) -> Response {
    let asked = find(&gateway, &channel).and_then(|sandbox| sandbox.asked(&order_no));
    match asked {
        None => html(StatusCode::NOT_FOUND, NOTHING),
        Some(money) => html(
            StatusCode::OK,
            &format!(
                "<h1>沙箱支付 Sandbox</h1><p class=amount>{} {}</p>\
                 <form method=post><button>确认支付 Pay</button></form>",
                money.currency.code(),
                money.to_decimal()
            ),
        ),
    }
}

/// `POST /sandbox/pay/{channel}/{order_no}`: pays, and sends the notification that a platform would.
pub async fn pay(
    State(gateway): State<Gateway>,
    Path((channel, order_no)): Path<(String, String)>,
) -> Response {
    let now = gateway.app.clock.now();
    let paying = match find(&gateway, &channel) {
        None => Paying::Unknown,
        Some(sandbox) => sandbox.try_pay(&order_no, now).await,
    };
    let callback = match paying {
        Paying::Notified(callback) => callback,
        Paying::Lost => return html(StatusCode::OK, PAID),
        Paying::Unpayable => {
            return html(
                StatusCode::SERVICE_UNAVAILABLE,
                "<h1>支付失败</h1><p>The payment failed.</p>",
            );
        }
        Paying::Unknown => return html(StatusCode::NOT_FOUND, NOTHING),
    };
    let Some((merchant_id, channel_id)) = read_channel(&channel) else {
        return html(StatusCode::NOT_FOUND, NOTHING);
    };
    let (app, providers) = (gateway.app.clone(), gateway.providers.clone());
    let done = gateway.app.finish(async move {
        service::notify(&app, &providers, merchant_id, channel_id, &callback).await
    });
    match done.await.and_then(|notice| notice) {
        Ok(Notice::Accepted) => html(StatusCode::OK, PAID),
        _ => html(
            StatusCode::SERVICE_UNAVAILABLE,
            "<h1>请稍后重试</h1><p>Try again shortly.</p>",
        ),
    }
}

fn find(gateway: &Gateway, channel: &str) -> Option<Sandbox> {
    let (merchant_id, channel_id) = read_channel(channel)?;
    Some(
        gateway
            .providers
            .sandbox(&gateway.app, merchant_id, channel_id),
    )
}

fn html(status: StatusCode, body: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=zh-CN><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width\"><title>Sandbox</title><style>\
         body{{font:16px system-ui;max-width:24rem;margin:20vh auto;text-align:center}}\
         .amount{{font-size:2.5rem}}button{{font:inherit;padding:.75rem 2rem;border:0;\
         border-radius:.5rem;background:#07c160;color:#fff}}</style>{body}</html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
             frame-ancestors 'none'",
        ),
    ];
    (status, headers, page).into_response()
}
