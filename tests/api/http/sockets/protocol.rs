//! The protocol by the letter: each code, each message out of turn or form, ids and their ends.

use serde_json::json;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::{Role, Socket, connect, signed_in, token};
use crate::support::World;

#[tokio::test]
async fn each_message_out_of_form_or_turn_closes_with_its_code() {
    let world = World::on_sqlite().await.listening().await;
    let long = "x".repeat(150);
    for (first, text, code, reason) in [
        (false, "{", 4400, "A message is JSON"),
        (false, "[]", 4400, "A message is an object"),
        (
            true,
            "{\"type\":1}",
            4400,
            "A message has a type, which is a string",
        ),
        (
            true,
            "{\"type\":\"start\"}",
            4400,
            "No message of this type is known here",
        ),
        (
            false,
            "{\"type\":\"connection_init\",\"payload\":1}",
            4400,
            "The payload is an object",
        ),
        (
            true,
            "{\"type\":\"complete\",\"id\":\"\"}",
            4400,
            "The id is a string of 1 to 256 bytes",
        ),
        (
            true,
            "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{}}",
            4400,
            "The payload of subscribe has a query",
        ),
        (
            false,
            "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\"{ __typename }\"}}",
            4401,
            "Unauthorized",
        ),
        (
            true,
            "{\"type\":\"connection_init\"}",
            4429,
            "Too many initialisation requests",
        ),
    ] {
        let mut socket = connect(&world).await;
        if first {
            socket.sign_in(json!({})).await;
        }
        socket.say_text(text).await;
        socket.closes(code, reason, text).await;
    }
    for (id, reason) in [
        ("a", "Subscriber for a already exists"),
        (&long, "Subscriber already exists"),
    ] {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = token(&world, &merchant, Role::Owner).await;
        let mut socket = signed_in(&world, &owner).await;
        for _ in 0..2 {
            socket
                .ask(id, "subscription { orderCreated { cursor } }")
                .await;
        }
        socket.closes(4409, reason, id).await;
    }
    let mut bytes = connect(&world).await;
    let message = Message::binary("{\"type\":\"ping\"}");
    futures_util::SinkExt::send(&mut bytes.0, message)
        .await
        .expect("the connection stands");
    bytes.closes(4400, "Messages are text", "binary").await;
}

#[tokio::test]
async fn a_client_of_another_protocol_is_told_so() {
    let world = World::on_sqlite().await.listening().await;
    for offered in [None, Some("graphql-ws"), Some("soap, graphql-ws")] {
        let url = world.url("/graphql/ws").replacen("http", "ws", 1);
        let mut request = url.into_client_request().expect("a request");
        if let Some(offered) = offered {
            let value = offered.parse().expect("a header");
            request
                .headers_mut()
                .insert("sec-websocket-protocol", value);
        }
        // A client that offers what is not chosen may refuse the handshake by itself.
        let Ok((socket, _)) = connect_async(request).await else {
            assert!(
                offered.is_some(),
                "who offers nothing is let in, to be told"
            );
            continue;
        };
        let mut socket = Socket(socket);
        socket
            .closes(4406, "Subprotocol not acceptable", "protocol")
            .await;
    }
}

#[tokio::test]
async fn a_ping_is_answered_with_its_payload_before_and_after_signing_in() {
    let world = World::on_sqlite().await.listening().await;
    let mut socket = connect(&world).await;
    socket.is_quiet().await;
    socket.sign_in(json!({})).await;
    socket.say(json!({ "type": "pong" })).await;
    socket
        .say(json!({ "type": "ping", "payload": { "at": "订单" } }))
        .await;
    let pong = json!({ "type": "pong", "payload": { "at": "订单" } });
    assert_eq!(socket.hear().await, Some(pong));
}

#[tokio::test]
async fn an_id_is_free_again_once_its_operation_is_over_whoever_ended_it() {
    let world = World::on_sqlite().await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let mut socket = signed_in(&world, &token(&world, &merchant, Role::Owner).await).await;
    // What is not known, or known no more, is no fault.
    socket.say(json!({ "type": "complete", "id": "a" })).await;
    for _ in 0..2 {
        socket
            .ask("a", "subscription { orderCreated { cursor } }")
            .await;
        socket.say(json!({ "type": "complete", "id": "a" })).await;
    }
    merchant.paid_order("36.00").await;
    socket.is_quiet().await;
    for _ in 0..2 {
        socket.ask("a", "{ __typename }").await;
        let next =
            json!({ "type": "next", "id": "a", "payload": { "data": { "__typename": "Query" } } });
        assert_eq!(socket.hear().await, Some(next));
        assert_eq!(
            socket.hear().await,
            Some(json!({ "type": "complete", "id": "a" }))
        );
    }
    for _ in 0..2 {
        socket.ask("a", "{ __typename").await;
        let refused = socket.hear().await.expect("an answer");
        assert_eq!(
            (&refused["type"], &refused["id"]),
            (&json!("error"), &json!("a")),
            "{refused}"
        );
        assert_eq!(
            refused["payload"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{refused}"
        );
    }
    socket.is_quiet().await;
}
