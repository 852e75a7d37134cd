// Signed-in WebSockets full of subscriptions, each a document of its own that nobody shares, while orders are made
// that all of them are told of.
import WebSocket from "ws";
import { ask, way, type Way } from "./requests.js";

/** As many as one user may have, and as many operations as one connection may have. */
const CONNECTIONS = 50;
const OPERATIONS = 50;
const PAUSE_MS = 100;

/** What became of it. */
export interface Told {
  counts: Record<"subscribed" | "events" | "refused" | "cut" | "orders", number>;
  faults: string[];
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const document = (n: number): string =>
  `subscription S { events { a${n}: cursor type subject { id ... on Order { orderNo title paymentState } } } }`;

/** One connection that subscribes as often as it may; its place is taken again when it is cut. */
function connect(to: Way, token: string, first: number, told: Told): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${to.port}/graphql/ws`, "graphql-transport-ws", {
    localAddress: to.from,
  });
  const say = (message: object) => socket.send(JSON.stringify(message));
  socket.on("open", () => say({ type: "connection_init", payload: { authorization: `Bearer ${token}` } }));
  socket.on("error", () => {});
  socket.on("message", (data) => {
    const message = JSON.parse(String(data)) as { type: string };
    if (message.type === "connection_ack") {
      for (let n = first; n < first + OPERATIONS; n++) {
        say({ id: String(n), type: "subscribe", payload: { query: document(n) } });
        told.counts.subscribed += 1;
      }
    } else if (message.type === "next") {
      told.counts.events += 1;
    } else if (message.type === "error") {
      told.counts.refused += 1;
    }
    if (String(data).includes('"INTERNAL"')) told.faults.push(`told ${String(data).slice(0, 200)}`);
  });
  socket.on("close", () => (told.counts.cut += 1));
  return socket;
}

/** One of the shop's orders, without a payment code where its channel has none. */
async function order(to: Way, token: string, channel: string, number: string): Promise<boolean> {
  const line = '{ title: "宫保鸡丁", quantity: 1, unitPrice: { amount: "48.00", currency: "CNY" } }';
  const input = `{ idempotencyKey: "${number}", merchantOrderNo: "${number}", channelId: "${channel}", lines: [${line}] }`;
  const reply = await ask(to, `mutation { orderCreate(input: ${input}) { order { id } } }`, token);
  return reply.text.includes('"id"');
}

/** Connects, subscribes and makes orders until it is told to stop. */
export async function subscriptions(port: number, from: string, token: string, stopped: () => boolean): Promise<Told> {
  const told: Told = { counts: { subscribed: 0, events: 0, refused: 0, cut: 0, orders: 0 }, faults: [] };
  const to = way(port, from, 1);
  const channels = await ask(to, "{ channels { id enabled } }", token);
  const channel = /"id":"([^"]+)","enabled":true/.exec(channels.text)?.[1];
  if (!channel) return { ...told, faults: [`no channel is enabled: ${channels.status} ${channels.text}`] };
  const sockets: WebSocket[] = [];
  for (let n = 0; !stopped(); n++) {
    for (let place = 0; place < CONNECTIONS; place++) {
      const old = sockets[place];
      if (old && old.readyState !== WebSocket.CLOSED) continue;
      sockets[place] = connect(to, token, place * OPERATIONS, told);
    }
    if (await order(to, token, channel, `HOSTILE-${Date.now()}-${n}`)) told.counts.orders += 1;
    await pause(PAUSE_MS);
  }
  for (const socket of sockets) socket.terminate();
  to.agent.destroy();
  if (told.counts.orders === 0) told.faults.push("no order was made, so nobody was told of one");
  return told;
}
