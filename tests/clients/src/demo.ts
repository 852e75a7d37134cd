// A dashboard's first minute against a running `yigate demo`: wait, sign in, list, watch.
// usage: node out/src/demo.js <port>
import { setTimeout as sleep } from "node:timers/promises";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print, type ExecutionResult } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { graphql } from "../generated/gql.js";
import type { NewOrdersSubscription } from "../generated/graphql.js";

const address = `127.0.0.1:${process.argv[2] ?? "8080"}`;
const READY_WITHIN_MS = 10_000;
const EVENT_WITHIN_MS = 20_000;

const SignIn = graphql(`
  mutation SignIn($email: String!, $password: String!) {
    signIn(input: { email: $email, password: $password }) {
      accessToken
      userErrors { code message }
    }
  }
`);

const LatestOrders = graphql(`
  query LatestOrders {
    orders(first: 5) {
      totalCount
      edges { node { id orderNo title createdAt amount { amount currency } } }
    }
  }
`);

const NewOrders = graphql(`
  subscription NewOrders {
    orderCreated { cursor occurredAt order { id orderNo amount { amount currency } } }
  }
`);

async function ready(): Promise<void> {
  const started = Date.now();
  for (;;) {
    const answer = await fetch(`http://${address}/readyz`).catch(() => undefined);
    if (answer?.ok) return console.log(`ready after ${Date.now() - started} ms`);
    if (Date.now() - started > READY_WITHIN_MS) {
      throw new Error(`not ready within ${READY_WITHIN_MS} ms: ${answer?.status ?? "no answer"}`);
    }
    await sleep(50);
  }
}

async function request<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  token?: string,
): Promise<Data> {
  const answer = await fetch(`http://${address}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json",
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const text = await answer.text();
  const result = JSON.parse(text) as ExecutionResult<Data>;
  if (result.errors || !result.data) throw new Error(`${answer.status}: ${text}`);
  return result.data;
}

async function signIn(): Promise<string> {
  const { signIn } = await request(SignIn, {
    email: "owner@huixian.example",
    password: "yigate-demo",
  });
  if (!signIn.accessToken) throw new Error(`no token: ${JSON.stringify(signIn.userErrors)}`);
  return signIn.accessToken;
}

async function listOrders(token: string): Promise<void> {
  const { orders } = await request(LatestOrders, {}, token);
  const latest = orders.edges.map(({ node }) => node);
  if (latest.length !== 5) throw new Error(`5 orders asked, ${latest.length} came`);
  console.log(`${orders.totalCount} orders, the latest:`);
  for (const { orderNo, title, amount, createdAt } of latest) {
    console.log(`  ${createdAt}  ${orderNo}  ${amount.amount} ${amount.currency}  ${title}`);
  }
}

async function watchOrders(token: string): Promise<void> {
  const client = createClient({
    url: `ws://${address}/graphql/ws`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  const timer = setTimeout(() => {
    console.error(`no order within ${EVENT_WITHIN_MS} ms`);
    process.exit(1);
  }, EVENT_WITHIN_MS);
  const started = Date.now();
  for await (const result of client.iterate<NewOrdersSubscription>({ query: print(NewOrders) })) {
    if (result.errors || !result.data) throw new Error(JSON.stringify(result));
    const { occurredAt, order } = result.data.orderCreated;
    const { orderNo, amount } = order;
    console.log(`live after ${Date.now() - started} ms, of ${occurredAt}:`);
    console.log(`  ${orderNo}  ${amount.amount} ${amount.currency}`);
    break;
  }
  clearTimeout(timer);
  await client.dispose();
}

await ready();
const token = await signIn();
await listOrders(token);
await watchOrders(token);
