// Requests by hand: what comes back as a status and a text, whatever was sent, from an address of one's own.
import { Agent, request } from "node:http";
import type { Socket } from "node:net";

/** Where the gateway listens, where we come from, and over which connections. */
export interface Way {
  port: number;
  from: string;
  agent: Agent;
}

export interface Reply {
  status: number;
  text: string;
}

/** The sockets whose errors are listened to. */
const heard = new WeakSet<Socket>();

/** A way whose connections stay open: so many at a time. */
export function way(port: number, from: string, connections: number): Way {
  return { port, from, agent: new Agent({ keepAlive: true, maxSockets: connections }) };
}

/** Sends a body as JSON; status 0 where the connection broke. */
export function send(way: Way, body: string | Buffer, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve) => {
    const broken = () => resolve({ status: 0, text: "" });
    const options = {
      host: "127.0.0.1",
      port: way.port,
      localAddress: way.from,
      agent: way.agent,
      path: "/graphql",
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json",
        "content-length": String(Buffer.byteLength(body)),
        ...headers,
      },
    };
    const sent = request(options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() });
      });
      response.on("error", broken);
    });
    sent.on("error", broken);
    // A gateway that has answered need not read the rest of a body; then nobody else listens to the socket.
    sent.on("socket", (socket) => {
      if (!heard.has(socket)) heard.add(socket.on("error", () => {}));
    });
    sent.end(body);
  });
}

/** A document, asked by whom a token belongs to. */
export function ask(way: Way, query: string, token?: string): Promise<Reply> {
  return send(way, JSON.stringify({ query }), token ? { authorization: `Bearer ${token}` } : {});
}

/** The token of one of the demo's people. */
export async function signIn(way: Way, email: string): Promise<string> {
  const input = `{ email: "${email}", password: "yigate-demo" }`;
  const reply = await ask(way, `mutation { signIn(input: ${input}) { accessToken } }`);
  const token: unknown = JSON.parse(reply.text || "{}").data?.signIn?.accessToken;
  if (typeof token !== "string") throw new Error(`${email} cannot sign in: ${reply.status} ${reply.text}`);
  return token;
}
