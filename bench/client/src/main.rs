//! The other side of two benchmarks: `bare ADDRESS` serves a fixed GraphQL answer with nothing around it;
//! `orders URL SUBSCRIBERS PER_S SECONDS` opens subscribers of the merchants whose tokens and channels it reads
//! from standard input, has orders made, and prints how long they took to arrive; `alerts …` has channels go
//! down and come back instead.

mod bare;
mod fanout;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["bare", address] => bare::serve(address).await,
        [what @ ("orders" | "alerts"), url, subscribers, per_s, seconds] => {
            let number = |text: &str| text.parse().expect("a number");
            let load = fanout::Load {
                what: if what == "alerts" {
                    fanout::What::Alerts
                } else {
                    fanout::What::Orders
                },
                url: url.to_owned(),
                subscribers: subscribers.parse().expect("a number"),
                per_s: number(per_s),
                seconds: number(seconds),
            };
            fanout::run(load).await;
        }
        _ => {
            eprintln!("bench-client bare ADDRESS | orders|alerts URL SUBSCRIBERS PER_S SECONDS");
            std::process::exit(2);
        }
    }
}
