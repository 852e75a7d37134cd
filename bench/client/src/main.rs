//! The other side of two benchmarks: `bare ADDRESS` serves a fixed GraphQL answer with nothing around it;
//! `fanout URL SUBSCRIBERS ORDERS_PER_S SECONDS` opens subscribers of the merchants whose tokens and
//! channels it reads from standard input, has orders made, and prints how long they took to arrive.

mod bare;
mod fanout;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["bare", address] => bare::serve(address).await,
        ["fanout", url, subscribers, orders_per_s, seconds] => {
            let number = |text: &str| text.parse().expect("a number");
            let load = fanout::Load {
                url: url.to_owned(),
                subscribers: subscribers.parse().expect("a number"),
                orders_per_s: number(orders_per_s),
                seconds: number(seconds),
            };
            fanout::run(load).await;
        }
        _ => {
            eprintln!("bench-client bare ADDRESS | fanout URL SUBSCRIBERS ORDERS_PER_S SECONDS");
            std::process::exit(2);
        }
    }
}
