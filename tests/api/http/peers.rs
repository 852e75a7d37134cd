//! Peers that take their time, and peers that come in crowds: spoken to by bytes.

use std::time::Duration;

use entity::membership::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use yigate::config::Settings;

use super::sockets::signed_in;
use super::{Answer, get, token};
use crate::support::{World, eventually};

/// Long enough for any machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A world that listens, with other settings.
async fn world(change: impl FnOnce(&mut Settings)) -> World {
    let world = World::on_sqlite().await;
    world.with_settings(change).await.listening().await
}

fn address(world: &World) -> std::net::SocketAddr {
    let url = world.url("");
    let address = url.strip_prefix("http://").expect("an address");
    address.parse().expect("an address")
}

async fn connect(world: &World) -> TcpStream {
    let connected = TcpStream::connect(address(world)).await;
    connected.expect("a connection")
}

/// Says something piece by piece until the other side has had enough; returns what it answers.
async fn trickle(stream: TcpStream, beginning: &str, piece: &str) -> String {
    let (mut reading, mut writing) = stream.into_split();
    let (beginning, piece) = (beginning.to_owned(), piece.to_owned());
    let talking = tokio::spawn(async move {
        let _ = writing.write_all(beginning.as_bytes()).await;
        while writing.write_all(piece.as_bytes()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut answer = Vec::new();
    let ended = timeout(PATIENCE, reading.read_to_end(&mut answer)).await;
    talking.abort();
    // A reset is an end, too.
    let _ = ended.expect("it is cut");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends a whole request and reads the status, the connection being closed after it.
async fn status(world: &World) -> Option<u16> {
    let mut stream = connect(world).await;
    let request = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("an end");
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1)?.parse().ok()
}

/// Whether somebody new finds a place; who does not is told 503, or cut before it is read.
async fn has_place(world: &World) -> bool {
    let status = status(world).await;
    assert!([None, Some(200), Some(503)].contains(&status), "{status:?}");
    status == Some(200)
}

#[tokio::test]
async fn a_head_that_trickles_in_is_cut() {
    let world = world(|settings| settings.http.read_timeout_ms = 300).await;
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\n";
    let told = trickle(connect(&world).await, head, "x-more: y\r\n").await;
    assert!(!told.contains("200"), "{told}");
    // Nothing at all is no head either.
    let mut silent = connect(&world).await;
    let mut nothing = Vec::new();
    let ended = timeout(PATIENCE, silent.read_to_end(&mut nothing)).await;
    assert_eq!(ended.expect("it is cut").ok(), Some(0));
}

#[tokio::test]
async fn a_body_that_trickles_in_is_cut_with_408() {
    let world = world(|settings| {
        settings.http.read_timeout_ms = 300;
        settings.http.allowed_origins = vec!["https://shop.example".to_owned()];
    })
    .await;
    for (language, message) in [
        ("en", "The request's body did not come in time."),
        ("zh-CN", "未在规定时间内收到请求内容。"),
    ] {
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
             accept-language: {language}\r\nx-request-id: late-as-ever\r\n\
             origin: https://shop.example\r\n\
             content-length: 100000\r\n\r\n{{"
        );
        let told = trickle(connect(&world).await, &head, " ").await;
        assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
        // As every other answer.
        for part in [
            message,
            "\"code\":\"BAD_USER_INPUT\"",
            "\"requestId\":\"late-as-ever\"",
            "x-request-id: late-as-ever\r\n",
            "x-content-type-options: nosniff\r\n",
            "access-control-allow-origin: https://shop.example\r\n",
            "connection: close\r\n",
        ] {
            assert!(told.contains(part), "no {part}: {told}");
        }
    }
    let figures = Answer::of(get(&world, "/metrics")).await;
    for line in [
        r#"yigate_http_responses_total{route="/graphql",status="408"} 2"#,
        r#"yigate_refusals_total{reason="BAD_USER_INPUT"} 2"#,
    ] {
        assert!(figures.text().contains(line), "{}", figures.text());
    }
}

#[tokio::test]
async fn a_body_in_pieces_that_comes_in_time_is_answered() {
    let world = world(|_| {}).await;
    let mut stream = connect(&world).await;
    let body = "{\"query\":\"{ __typename }\"}";
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("it listens");
    for byte in body.bytes() {
        stream.write_all(&[byte]).await.expect("it listens");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let mut answer = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
    read.expect("an end").expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"Query\""),
        "{answer}"
    );
}

#[tokio::test]
async fn who_reads_nothing_is_cut() {
    let world = world(|settings| {
        settings.http.write_timeout_ms = 300;
        settings.http.max_connections_per_address = 1;
    })
    .await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a small buffer");
    let mut deaf = socket.connect(address(&world)).await.expect("a connection");
    // Far more answers than lie between the two sides.
    let request = "GET /schema.graphql HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200);
    deaf.write_all(request.as_bytes())
        .await
        .expect("it listens");
    eventually("its place is free", || has_place(&world)).await;
    drop(deaf);
}

/// A connection that has its place for sure: it was answered, and stays.
async fn seated(world: &World) -> TcpStream {
    for _ in 0..1_000 {
        let mut stream = connect(world).await;
        let request = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = [0; 12];
        let read = timeout(PATIENCE, stream.read_exact(&mut answer)).await;
        if read.expect("an answer, or an end").is_ok() && answer.ends_with(b"200") {
            return stream;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no place is free");
}

fn two_in_all(settings: &mut Settings) {
    settings.http.max_connections = 2;
    settings.http.read_timeout_ms = 600_000;
}

fn two_of_one_address(settings: &mut Settings) {
    settings.http.max_connections_per_address = 2;
    settings.http.read_timeout_ms = 600_000;
}

#[tokio::test]
async fn so_many_are_connected_at_a_time_and_no_more() {
    for change in [two_in_all as fn(&mut Settings), two_of_one_address] {
        let world = world(change).await;
        let first = seated(&world).await;
        let second = seated(&world).await;
        assert!(!has_place(&world).await, "a third");
        drop(first);
        eventually("the first one's place is free", || has_place(&world)).await;
        drop(second);
    }
}

#[tokio::test]
async fn a_websocket_keeps_its_place_until_it_ends() {
    let world = world(|settings| settings.http.max_connections_per_address = 1).await;
    let merchant = world.merchant("汇贤饭店").await;
    let mut socket = signed_in(&world, &token(&world, &merchant, Role::Owner).await).await;
    assert!(!has_place(&world).await, "a second");
    socket.is_quiet().await;
    drop(socket);
    eventually("its place is free", || has_place(&world)).await;
}

#[tokio::test]
async fn behind_a_proxy_all_come_from_one_address() {
    let world = world(|settings| {
        settings.http.max_connections_per_address = 1;
        settings.http.client_ip_header = Some("x-real-ip".to_owned());
    })
    .await;
    let _proxys = connect(&world).await;
    assert!(has_place(&world).await);
}
