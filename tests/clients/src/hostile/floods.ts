// The hostile side, in a thread of its own: floods from another address until it is told to stop.
import { createConnection, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { AT_ONCE, FLOODS, MORE_AT_ONCE } from "./documents.js";
import { forgeries, type PublicKey } from "./forgeries.js";
import { ask, send, way } from "./requests.js";
import { subscriptions } from "./subscriptions.js";

/** What the thread is told when it begins. */
export interface Order {
  flood: string;
  port: number;
  from: string;
  token: string;
  key: PublicKey;
  stop: SharedArrayBuffer;
}

/** What it tells when it has stopped. */
export interface Outcome {
  /** How many answers had each status; 0 is a connection that was cut. */
  statuses: Record<string, number>;
  /** What must never be: a forgery that was believed, an answer that is no GraphQL answer. */
  faults: string[];
}

const SOCKETS = 600;
/** Whose bucket nothing else empties. */
const UNSPENT = "127.0.0.3";

// The main thread reads the names alone.
const order = (workerData ?? { stop: new SharedArrayBuffer(4) }) as Order;
const stop = new Int32Array(order.stop);
const outcome: Outcome = { statuses: {}, faults: [] };
const stopped = (): boolean => Atomics.load(stop, 0) !== 0;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function count(status: number): void {
  outcome.statuses[status] = (outcome.statuses[status] ?? 0) + 1;
}

/** So many at once, each the next one as soon as the last one was answered. */
async function repeat(width: number, once: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (!stopped()) await once(next++);
  };
  await Promise.all(Array.from({ length: width }, one));
}

async function bodies(all: string[]): Promise<void> {
  const width = MORE_AT_ONCE[order.flood] ?? AT_ONCE;
  const to = way(order.port, order.from, width);
  await repeat(width, async (n) => {
    const body = all[n % all.length] ?? "";
    const reply = await send(to, body, { authorization: `Bearer ${order.token}` });
    count(reply.status);
    if (reply.status >= 500 && reply.status !== 503) outcome.faults.push(`${reply.status} for ${body.slice(0, 80)}`);
    if (reply.text.length > 1_000_000 && !body.includes("first: 100")) {
      outcome.faults.push(`${reply.text.length} bytes for ${body.slice(0, 80)}`);
    }
  });
}

async function forged(): Promise<void> {
  const all = [...forgeries(order.token, order.key)];
  // Each once from where nobody is told to wait: 429 would not say that it was not believed.
  const unspent = way(order.port, UNSPENT, 1);
  for (const [name, token] of all) {
    const reply = await ask(unspent, "{ viewer { role } }", token);
    if (reply.status !== 401) outcome.faults.push(`${name}: ${reply.status} instead of 401 ${reply.text}`);
  }
  unspent.agent.destroy();
  const to = way(order.port, order.from, AT_ONCE);
  await repeat(AT_ONCE, async (n) => {
    const [name, token] = all[n % all.length] ?? ["", ""];
    const reply = await ask(to, "{ viewer { role } }", token);
    count(reply.status);
    // Who forges for long may be told to wait, too.
    if (![0, 401, 429, 431].includes(reply.status)) outcome.faults.push(`${name}: ${reply.status} ${reply.text}`);
  });
}

/** Sockets that send a beginning, then a byte now and then; those that are cut come again. Deaf ones read nothing. */
async function sockets(beginning: string, byte: string, deaf = false): Promise<void> {
  const open = new Set<Socket>();
  let cut = 0;
  const one = () => {
    const socket = createConnection({ host: "127.0.0.1", port: order.port, localAddress: order.from });
    open.add(socket);
    // Node keeps it until the socket is connected.
    if (beginning) socket.write(beginning);
    if (!deaf) socket.on("data", () => {});
    socket.on("error", () => {});
    socket.on("close", () => {
      open.delete(socket);
      cut += 1;
    });
  };
  while (!stopped()) {
    for (let n = 0; n < 60 && open.size < SOCKETS; n++) one();
    if (byte) for (const socket of open) if (socket.writable) socket.write(byte);
    await pause(100);
  }
  outcome.statuses = { open: open.size, cut };
  for (const socket of open) socket.destroy();
}

const head = "POST /graphql HTTP/1.1\r\nHost: gateway\r\n";
const upgrade =
  "GET /graphql/ws HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
  "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n";

/** Far more answers than lie between two sides. */
const contracts = (): string =>
  `GET /schema.graphql HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${order.token}\r\n\r\n`.repeat(60);

async function subscribed(): Promise<void> {
  const told = await subscriptions(order.port, order.from, order.token, stopped);
  outcome.statuses = told.counts;
  outcome.faults.push(...told.faults);
}

const BY_HAND: Record<string, () => Promise<void>> = {
  "forged tokens": forged,
  "silent sockets": () => sockets("", ""),
  "slow heads": () => sockets(`${head}X-Slow: `, "x"),
  "endless heads": () => sockets(head, `X-Long: ${"x".repeat(1_000)}\r\n`),
  "slow bodies": () =>
    sockets(`${head}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`, " "),
  "peers that read nothing": () => sockets(contracts(), "", true),
  "WebSockets that never sign in": () => sockets(upgrade, ""),
  "subscriptions that nobody shares": subscribed,
};

/** All floods, by name. */
export const NAMES = [...Object.keys(FLOODS), ...Object.keys(BY_HAND)];

if (parentPort) {
  const byHand = BY_HAND[order.flood];
  await (byHand ? byHand() : bodies(FLOODS[order.flood] ?? []));
  outcome.faults = [...new Set(outcome.faults)].slice(0, 10);
  parentPort.postMessage(outcome);
}
