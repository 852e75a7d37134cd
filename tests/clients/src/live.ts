// The two live protocols through their own clients, against a running `yigate demo`: graphql-ws (query, mutation,
// subscription, a wrong token's close code, resuming behind a cursor after the connection is gone) and graphql-sse
// (query, subscription, resuming behind `Last-Event-ID`).
// usage: node out/src/live.js <port>
import { print } from "graphql";
import { createClient as createStreams } from "graphql-sse";
import { CloseCode, createClient as createSockets } from "graphql-ws";
import WebSocket from "ws";
import { graphql } from "../generated/gql.js";
import type {
  LiveEventsSubscription,
  LiveHeadQuery,
  LiveSignInMutation,
  LiveSignOutMutation,
} from "../generated/graphql.js";

const address = `127.0.0.1:${process.argv[2] ?? "8080"}`;
// An order every few seconds, of three merchants: chance may keep one of them waiting.
const WITHIN_MS = 90_000;

const LiveSignIn = graphql(`
  mutation LiveSignIn($email: String!, $password: String!) {
    signIn(input: { email: $email, password: $password }) { accessToken userErrors { code } }
  }
`);

const LiveSignOut = graphql(`
  mutation LiveSignOut { signOut(input: { refreshToken: "none" }) { userErrors { code } } }
`);

const LiveHead = graphql(`
  query LiveHead { orders(first: 1) { eventCursor } }
`);

const LiveEvents = graphql(`
  subscription LiveEvents($after: String) { events(after: $after) { cursor type } }
`);

/** What both clients hand out. */
interface Answer<Data> {
  data?: Data | null;
  errors?: readonly unknown[];
}
type Answers<Data> = AsyncIterable<Answer<Data>>;

setTimeout(() => {
  console.error(`not done within ${WITHIN_MS} ms`);
  process.exit(1);
}, WITHIN_MS).unref();

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function sockets(token: string | undefined) {
  return createSockets({
    url: `ws://${address}/graphql/ws`,
    webSocketImpl: WebSocket,
    // Asked anew for each connection: a token that has ended is replaced here.
    connectionParams: () => (token ? { authorization: `Bearer ${token}` } : {}),
    retryAttempts: 0,
  });
}

async function one<Data>(results: Answers<Data>): Promise<Data> {
  for await (const { data, errors } of results) {
    if (errors || !data) throw new Error(JSON.stringify(errors));
    return data;
  }
  throw new Error("completed without an answer");
}

/** The cursors of the next so many events. */
async function cursors(results: Answers<LiveEventsSubscription>, count: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const { data, errors } of results) {
    if (errors || !data) throw new Error(JSON.stringify(errors));
    seen.push(data.events.cursor);
    if (seen.length === count) break;
  }
  return seen;
}

async function signIn(): Promise<string> {
  const nobody = sockets(undefined);
  const variables = { email: "owner@huixian.example", password: "yigate-demo" };
  const signed = await one(nobody.iterate<LiveSignInMutation>({ query: print(LiveSignIn), variables }));
  await nobody.dispose();
  if (!signed.signIn.accessToken) throw new Error(JSON.stringify(signed));
  return signed.signIn.accessToken;
}

/** What a client is told whose token proves nothing. */
async function strangersCode(): Promise<number> {
  const stranger = sockets("nonsense");
  try {
    await one(stranger.iterate<LiveHeadQuery>({ query: print(LiveHead) }));
    return 0;
  } catch (error) {
    return (error as { code?: number }).code ?? 0;
  } finally {
    await stranger.dispose();
  }
}

async function overSockets(token: string): Promise<void> {
  const first = sockets(token);
  const head = await one(first.iterate<LiveHeadQuery>({ query: print(LiveHead) }));
  const out = await one(first.iterate<LiveSignOutMutation>({ query: print(LiveSignOut) }));
  check(out.signOut.userErrors[0]?.code === "INVALID_TOKEN", JSON.stringify(out));
  const query = print(LiveEvents);
  const after = head.orders.eventCursor;
  const seen = await cursors(first.iterate<LiveEventsSubscription>({ query, variables: { after } }), 2);
  // The connection goes; another one continues behind the first event, and hears the second one again.
  first.terminate();
  await first.dispose();
  const second = sockets(token);
  const events = second.iterate<LiveEventsSubscription>({ query, variables: { after: seen[0] } });
  const again = await cursors(events, 1);
  await second.dispose();
  check(again[0] === seen[1], `behind ${seen[0]} came ${again[0]} and not ${seen[1]}`);
  check((await strangersCode()) === CloseCode.Forbidden, "a wrong token is not told 4403");
  console.log("graphql-ws: query, mutation, subscription, resumed; a wrong token is forbidden");
}

async function overStreams(token: string): Promise<void> {
  const streams = (headers: Record<string, string>) =>
    createStreams({
      url: `http://${address}/graphql/stream`,
      headers: { authorization: `Bearer ${token}`, ...headers },
      retryAttempts: 0,
    });
  const client = streams({});
  const head = await one(client.iterate<LiveHeadQuery>({ query: print(LiveHead) }));
  const query = print(LiveEvents);
  const variables = { after: head.orders.eventCursor };
  const follow = (from: typeof client) => from.iterate<LiveEventsSubscription>({ query, variables });
  const seen = await cursors(follow(client), 2);
  client.dispose();
  // The header wins over `after`: without it, the first event would come again.
  const resumed = streams({ "last-event-id": seen[0] ?? "" });
  const again = await cursors(follow(resumed), 1);
  resumed.dispose();
  check(again[0] === seen[1], `behind ${seen[0]} came ${again[0]} and not ${seen[1]}`);
  console.log("graphql-sse: query, subscription, resumed");
}

const token = await signIn();
await overSockets(token);
await overStreams(token);
process.exit(0);
