//! What is compressed on the way, for whom, and what is not.

use std::io::Read;

use reqwest::RequestBuilder;

use super::{Answer, get, post};
use crate::support::World;

/// An answer of more than a kilobyte.
fn long() -> String {
    let fields = (0..20).map(|n| format!("a{n}{}: __typename", "x".repeat(60)));
    format!("{{ {} }}", fields.collect::<Vec<_>>().join(" "))
}

async fn accepting(request: RequestBuilder, encodings: &str) -> Answer {
    Answer::of(request.header("accept-encoding", encodings)).await
}

#[tokio::test]
async fn a_long_answer_is_compressed_for_who_can_read_it() {
    let world = World::on_sqlite().await.listening().await;
    let plain = Answer::of(post(&world, &long())).await;
    assert_eq!(plain.header("content-encoding"), "");
    assert!(plain.body.len() > 1_024);
    for (encodings, used) in [
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("identity", ""),
        ("deflate", ""),
        ("gzip;q=0", ""),
    ] {
        let answer = accepting(post(&world, &long()), encodings).await;
        assert_eq!(answer.header("content-encoding"), used, "{encodings}");
        assert!(answer.vary().contains(&"accept-encoding".to_owned()));
        if used.is_empty() {
            assert_eq!(answer.body, plain.body, "{encodings}");
            continue;
        }
        assert!(answer.body.len() < plain.body.len() / 2, "{encodings}");
        if used == "gzip" {
            let mut text = Vec::new();
            let mut reader = flate2::read::GzDecoder::new(answer.body.as_slice());
            reader.read_to_end(&mut text).expect("gzip");
            assert_eq!(text, plain.body);
        }
    }
}

#[tokio::test]
async fn what_is_short_live_or_compressed_already_goes_as_it_is() {
    let world = World::on_sqlite().await.listening().await;
    let both = "gzip, br";
    let short = accepting(post(&world, "{ __typename }"), both).await;
    assert_eq!(short.header("content-encoding"), "");
    let query: String = url::form_urlencoded::byte_serialize(long().as_bytes()).collect();
    let stream = get(&world, &format!("/graphql/stream?query={query}"));
    let stream = accepting(stream.header("accept", "text/event-stream"), both).await;
    assert!(stream.body.len() > 1_024);
    assert_eq!(stream.header("content-encoding"), "");
    assert!(stream.text().contains("event: complete"));
    // Packed once, when it was built.
    let page = accepting(get(&world, "/graphiql"), both).await;
    assert_eq!(page.header("content-encoding"), "gzip");
    let mut text = String::new();
    let mut reader = flate2::read::GzDecoder::new(page.body.as_slice());
    reader.read_to_string(&mut text).expect("gzip, once");
    assert!(text.contains("<html"));
    let schema = accepting(get(&world, "/schema.graphql"), both).await;
    assert_eq!(schema.header("content-encoding"), "br");
}
