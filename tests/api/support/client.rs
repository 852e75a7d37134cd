//! Somebody who asks.

use std::net::IpAddr;

use futures_util::{Stream, StreamExt, stream};
use serde_json::Value;
use yigate::auth::model::Actor;
use yigate::graphql::RequestInfo;
use yigate::graphql::gateway::{Caller, Gateway};
use yigate::graphql::request::Params;
use yigate::locale::Locale;

/// Somebody who asks.
#[derive(Clone)]
pub struct Client {
    gateway: Gateway,
    actor: Option<Actor>,
    locale: Locale,
}

impl Client {
    /// Nobody: not signed in.
    pub fn anonymous(gateway: Gateway) -> Self {
        Self::acting(gateway, None)
    }

    /// Whoever a token or API key belongs to.
    pub async fn bearer(gateway: Gateway, token: &str) -> Self {
        let ip = IpAddr::from([127, 0, 0, 1]);
        let actor = gateway
            .auth
            .authenticate(token, Some(ip))
            .await
            .expect("a valid token");
        Self::acting(gateway, Some(actor))
    }

    /// An actor as such.
    pub fn acting(gateway: Gateway, actor: Option<Actor>) -> Self {
        Self {
            gateway,
            actor,
            locale: Locale::En,
        }
    }

    /// The same, asking another instance.
    pub fn on(&self, instance: &Gateway) -> Self {
        Self {
            gateway: instance.clone(),
            ..self.clone()
        }
    }

    /// The same, reading Chinese.
    pub fn in_chinese(mut self) -> Self {
        self.locale = Locale::ZhCn;
        self
    }

    fn caller(&self) -> Caller {
        Caller {
            actor: self.actor.clone(),
            info: RequestInfo {
                id: "req_test".to_owned(),
                locale: self.locale,
                ip: Some(IpAddr::from([127, 0, 0, 1])),
            },
        }
    }

    /// The whole answer: `data` and `errors`.
    pub async fn ask(&self, document: &str, variables: Value) -> Value {
        let params = Params::of_query(document).with_variables(variables);
        let answer = match self.gateway.prepare(params, &self.caller()).await {
            Ok(prepared) => self.gateway.answer(prepared, self.caller()).await,
            Err(answer) => answer,
        };
        serde_json::to_value(&answer).expect("JSON")
    }

    /// The data of an answer without errors.
    pub async fn data(&self, document: &str, variables: Value) -> Value {
        let mut answer = self.ask(document, variables).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }

    /// The first error of an answer: its code, and its message.
    pub async fn error(&self, document: &str, variables: Value) -> (String, String) {
        let answer = self.ask(document, variables).await;
        let error = &answer["errors"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&error["extensions"]["code"]), text(&error["message"]))
    }

    /// The answers of a subscription, as they come.
    pub fn subscribe(
        &self,
        document: &str,
        variables: Value,
    ) -> impl Stream<Item = Value> + Unpin + use<> {
        let params = Params::of_query(document).with_variables(variables);
        let (gateway, caller) = (self.gateway.clone(), self.caller());
        let answers = async move {
            let begun = match gateway.prepare(params, &caller).await {
                Ok(prepared) => gateway.subscribe(prepared, caller, None).await,
                Err(answer) => Err(answer),
            };
            match begun {
                Err(answer) => stream::iter([serde_json::to_value(&answer).expect("JSON")]).boxed(),
                Ok(live) => stream::unfold(live, |mut live| async move {
                    let told = live.next().await?;
                    Some((serde_json::from_slice(&told.payload).expect("JSON"), live))
                })
                .boxed(),
            }
        };
        stream::once(answers).flatten().boxed()
    }
}

/// The next item of a stream, at most five seconds of real time away.
pub async fn next<S: Stream<Item = Value> + Unpin>(stream: &mut S) -> Value {
    tokio::time::timeout(std::time::Duration::from_secs(5), stream.next())
        .await
        .expect("something comes within five seconds")
        .expect("the stream goes on")
}
