//! Faults: the gateway killed, PostgreSQL killed, Redis stopped, all under load.

mod crash_points;
mod database;
mod killed;
mod paid_out;
mod redis;
mod payouts;
mod refunds;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::support::instances::browser;
use crate::support::{CREATE, Merchant, eventually};

/// An answer that a shop got, and how long it took.
#[derive(Clone, Debug)]
struct Answer {
    /// The shop's own number of the order.
    merchant_order_no: String,
    /// Our number; or what came instead: the whole answer, or none because the connection broke.
    order_no: Result<String, Option<Value>>,
    took: Duration,
}

/// Shops that make orders over HTTP, each one after another, until they are told to stop.
struct Shops {
    stop: Arc<AtomicBool>,
    answers: Arc<Mutex<Vec<Answer>>>,
    working: Vec<JoinHandle<()>>,
}

impl Shops {
    /// So many shops begin; what has no order for an answer is sent again, as it was, until it has.
    async fn open(merchant: &Merchant, count: usize) -> Self {
        let bearer = format!("Bearer {}", merchant.api_key().await);
        let url = merchant.app().settings.http.public_url.clone();
        let url = format!("{url}/graphql");
        let stop = Arc::new(AtomicBool::new(false));
        let answers = Arc::new(Mutex::new(Vec::new()));
        let working = (0..count).map(|_| {
            let (merchant, url, bearer) = (merchant.clone(), url.clone(), bearer.clone());
            let (stop, answers) = (Arc::clone(&stop), Arc::clone(&answers));
            tokio::spawn(async move {
                let client = browser();
                while !stop.load(Ordering::SeqCst) {
                    let input = merchant.order_input("36.00");
                    loop {
                        let request = client.post(&url).header("authorization", &bearer);
                        let answer = ask(request, &input).await;
                        let done = answer.order_no.is_ok();
                        answers.lock().expect("a lock").push(answer);
                        if done {
                            break;
                        }
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            })
        });
        let working = working.collect();
        Self {
            stop,
            answers,
            working,
        }
    }

    /// How many orders they have so far.
    fn order_count(&self) -> usize {
        let answers = self.answers.lock().expect("a lock");
        answers
            .iter()
            .filter(|answer| answer.order_no.is_ok())
            .count()
    }

    /// Waits until they have made some more orders.
    async fn go_on(&self, more: usize) {
        let wanted = self.order_count() + more;
        eventually("more orders", async || self.order_count() >= wanted).await;
    }

    /// They finish what they are at; returns everything that they were answered.
    async fn close(self) -> Vec<Answer> {
        self.stop.store(true, Ordering::SeqCst);
        for shop in self.working {
            shop.await.expect("every shop gets its order in the end");
        }
        let mut answers = self.answers.lock().expect("a lock");
        std::mem::take(&mut *answers)
    }
}

async fn ask(request: reqwest::RequestBuilder, input: &Value) -> Answer {
    let began = Instant::now();
    let body = json!({ "query": CREATE, "variables": { "input": input } });
    let request = request.header("content-type", "application/json");
    let answer: Result<Value, ()> = async {
        let response = request.body(body.to_string()).send().await.map_err(drop)?;
        let bytes = response.bytes().await.map_err(drop)?;
        serde_json::from_slice(&bytes).map_err(drop)
    }
    .await;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Answer {
        merchant_order_no: text(&input["merchantOrderNo"]).expect("a number"),
        order_no: match answer {
            Err(()) => Err(None),
            Ok(answer) => {
                let payload = &answer["data"]["orderCreate"];
                let whole = payload["order"]["paymentCode"].is_object();
                let order_no = text(&payload["order"]["orderNo"]).filter(|_| whole);
                order_no.ok_or(Some(answer))
            }
        },
        took: began.elapsed(),
    }
}
