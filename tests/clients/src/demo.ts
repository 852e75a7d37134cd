// A first minute against a running `yigate demo`: wait, sign in, list, watch new orders; then as a shop's
// server: make an order with an API key, pay it, and see it PAID from the cursor taken before; then look at the
// books and give an order's money back.
// usage: node out/src/demo.js <port>
import { setTimeout as sleep } from "node:timers/promises";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print, type ExecutionResult } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { graphql } from "../generated/gql.js";
import type {
  EventsSinceSubscription,
  EventsSinceSubscriptionVariables,
  NewOrdersSubscription,
  RefundNewsSubscription,
  RefundNewsSubscriptionVariables,
} from "../generated/graphql.js";

const address = `127.0.0.1:${process.argv[2] ?? "8080"}`;
const READY_WITHIN_MS = 10_000;
// An order every few seconds, of three merchants: chance may keep one of them waiting.
const EVENT_WITHIN_MS = 60_000;

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

const MakeKey = graphql(`
  mutation MakeKey($input: ApiKeyCreateInput!) {
    apiKeyCreate(input: $input) { secret userErrors { code message } }
  }
`);

const ShopStart = graphql(`
  query ShopStart {
    channels { id enabled }
    orders(first: 1) { eventCursor }
  }
`);

const MakeOrder = graphql(`
  mutation MakeOrder($input: OrderCreateInput!) {
    orderCreate(input: $input) {
      order { id orderNo paymentState payable { amount currency } paymentCode { kind content } }
      userErrors { code field message }
    }
  }
`);

const EventsSince = graphql(`
  subscription EventsSince($after: String) {
    events(types: [ORDER_CREATED, ORDER_PAID], after: $after) {
      cursor
      type
      subject { id ... on Order { paymentState paid { amount currency } } }
    }
  }
`);

const Books = graphql(`
  query Books {
    balance { pending { amount currency } available { amount } reserved { amount } }
    trialBalance { balanced proven }
    refunds(first: 1) { eventCursor totalCount }
    orders(filter: { paymentState: [PAID], refundState: [NONE], paidAt: { preset: LAST_3_DAYS } }, first: 1) {
      edges { node { id paid { amount currency } fee { amount { amount } explanation } } }
    }
  }
`);

const Quote = graphql(`
  query Quote($input: RefundQuoteInput!) {
    refundQuote(input: $input) { amount { amount } feeReturned { amount } refusal { code message } }
  }
`);

const GiveBack = graphql(`
  mutation GiveBack($input: RefundCreateInput!) {
    refundCreate(input: $input) {
      refund { id refundNo state }
      userErrors { code message }
    }
  }
`);

const RefundNews = graphql(`
  subscription RefundNews($after: String) {
    refundUpdated(after: $after) { cursor type refund { id state feeReturned { amount } } }
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

function connect(token: string) {
  return createClient({
    url: `ws://${address}/graphql/ws`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
}

/** Fails the run where something live does not come. */
function expectSoon(what: string): NodeJS.Timeout {
  return setTimeout(() => {
    console.error(`no ${what} within ${EVENT_WITHIN_MS} ms`);
    process.exit(1);
  }, EVENT_WITHIN_MS);
}

async function watchOrders(token: string): Promise<void> {
  const client = connect(token);
  const timer = expectSoon("order");
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

async function makeKey(token: string): Promise<string> {
  const { apiKeyCreate } = await request(
    MakeKey,
    { input: { name: "tests/clients", scopes: ["ORDERS_CREATE", "ORDERS_READ", "CHANNELS_READ"] } },
    token,
  );
  if (!apiKeyCreate.secret) throw new Error(`no key: ${JSON.stringify(apiKeyCreate.userErrors)}`);
  return apiKeyCreate.secret;
}

async function buy(key: string): Promise<void> {
  const { channels, orders } = await request(ShopStart, {}, key);
  const channel = channels.find(({ enabled }) => enabled);
  if (!channel) throw new Error("no channel is enabled");
  const number = `CLIENT-${Date.now()}`;
  const variables = {
    input: {
      idempotencyKey: number,
      merchantOrderNo: number,
      channelId: channel.id,
      lines: [{ title: "宫保鸡丁", quantity: 2, unitPrice: { amount: "48.00", currency: "CNY" } }],
    },
  };
  const made = (await request(MakeOrder, variables, key)).orderCreate;
  const again = (await request(MakeOrder, variables, key)).orderCreate;
  const order = made.order;
  if (!order?.paymentCode) throw new Error(`no payment code: ${JSON.stringify(made)}`);
  if (again.order?.id !== order.id) throw new Error(`sent twice, made twice: ${JSON.stringify(again)}`);
  console.log(`made ${order.orderNo}, ${order.payable.amount} ${order.payable.currency}`);

  const paid = await fetch(order.paymentCode.content, { method: "POST" });
  if (!paid.ok) throw new Error(`not paid: ${paid.status}`);
  await seePaid(key, order.id, orders.eventCursor);
}

/** Begins at a cursor from before the order was made: both of its events come, in order. */
async function seePaid(key: string, id: string, after: string): Promise<void> {
  const client = connect(key);
  const timer = expectSoon("payment");
  const seen: string[] = [];
  const events = client.iterate<EventsSinceSubscription, EventsSinceSubscriptionVariables>({
    query: print(EventsSince),
    variables: { after },
  });
  for await (const result of events) {
    if (result.errors || !result.data) throw new Error(JSON.stringify(result));
    const { type, subject } = result.data.events;
    if (subject?.id !== id) continue;
    seen.push(type);
    if (type === "ORDER_PAID") break;
  }
  clearTimeout(timer);
  await client.dispose();
  if (seen.join() !== "ORDER_CREATED,ORDER_PAID") throw new Error(`out of order: ${seen.join()}`);
  console.log("paid, and told so");
}

/** Looks at the books, quotes a refund of one yuan, makes it twice with one key, and sees it succeed. */
async function giveBack(token: string): Promise<void> {
  const { balance, trialBalance, refunds, orders } = await request(Books, {}, token);
  if (!trialBalance.balanced || !trialBalance.proven) throw new Error("the books are wrong");
  const order = orders.edges[0]?.node;
  if (!order) throw new Error("no paid order");
  console.log(`${balance.available.amount} ${balance.pending.currency} available, ${balance.pending.amount} pending`);
  console.log(`  fee: ${order.fee?.explanation}`);
  const amount = { amount: "1.00", currency: "CNY" };
  const quote = (await request(Quote, { input: { orderId: order.id, amount } }, token)).refundQuote;
  if (!quote?.amount) throw new Error(`no refund: ${JSON.stringify(quote)}`);
  const input = { idempotencyKey: `CLIENT-REFUND-${Date.now()}`, orderId: order.id, amount };
  const made = (await request(GiveBack, { input }, token)).refundCreate;
  const again = (await request(GiveBack, { input }, token)).refundCreate;
  if (!made.refund || again.refund?.id !== made.refund.id) throw new Error(JSON.stringify([made, again]));

  const client = connect(token);
  const timer = expectSoon("refund");
  const news = client.iterate<RefundNewsSubscription, RefundNewsSubscriptionVariables>({
    query: print(RefundNews),
    variables: { after: refunds.eventCursor },
  });
  for await (const result of news) {
    if (result.errors || !result.data) throw new Error(JSON.stringify(result));
    const { type, refund } = result.data.refundUpdated;
    if (refund.id !== made.refund.id || type !== "REFUND_SUCCEEDED") continue;
    if (refund.feeReturned.amount !== quote.feeReturned.amount) throw new Error("not as quoted");
    break;
  }
  clearTimeout(timer);
  await client.dispose();
  console.log(`gave ${quote.amount.amount} back as ${made.refund.refundNo}`);
}

await ready();
const token = await signIn();
await listOrders(token);
await watchOrders(token);
await buy(await makeKey(token));
await giveBack(token);
