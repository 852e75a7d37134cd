// A merchant's neighbour while somebody hostile floods the gateway from elsewhere: its p95 stays under 100 ms or
// five times its usual one, the process within 256 MB of its usual memory, and alive; no forgery is believed.
// usage: node out/src/hostile.js <port> <process id> [flood…]
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { PublicKey } from "./hostile/forgeries.js";
import { NAMES, type Order, type Outcome } from "./hostile/floods.js";
import { ask, signIn, way } from "./hostile/requests.js";

const port = Number(process.argv[2] ?? "8080");
const pid = Number(process.argv[3]);
const floods = process.argv.length > 4 ? process.argv.slice(4) : NAMES;

const QUIET_MS = 6_000;
const FLOOD_MS = 4_000;
/** What the gateway may take to get over a flood. */
const REST_MS = 1_000;
const P95_MS = 100;
const TIMES = 5;
const MEMORY_MB = 256;

const USUAL = `query Neighbour { orders(first: 20) {
  edges { node { orderNo title paymentState createdAt payable { amount currency } } } pageInfo { hasNextPage } } }`;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function memoryMb(): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0) / 1_024;
}

/** What the neighbour saw. */
interface Seen {
  p95: number;
  asked: number;
  faults: string[];
  memory: number;
}

/** The neighbour asks on, thirty times a second or as fast as it is answered. */
async function neighbour(token: string, lasts: number): Promise<Seen> {
  const kept = way(port, "127.0.0.1", 1);
  const times: number[] = [];
  const faults = new Set<string>();
  let memory = 0;
  const end = performance.now() + lasts;
  while (performance.now() < end) {
    const began = performance.now();
    // Every fifth time as somebody who comes anew.
    const to = times.length % 5 === 4 ? way(port, "127.0.0.1", 1) : kept;
    const reply = await ask(to, USUAL, token);
    const took = performance.now() - began;
    times.push(took);
    if (to !== kept) to.agent.destroy();
    if (reply.status !== 200 || !reply.text.includes('"edges"')) faults.add(`${reply.status} ${reply.text.slice(0, 200)}`);
    memory = Math.max(memory, memoryMb());
    await pause(Math.max(0, 33 - took));
  }
  kept.agent.destroy();
  times.sort((a, b) => a - b);
  return { p95: times[Math.floor(times.length * 0.95)] ?? 0, asked: times.length, faults: [...faults], memory };
}

/** Runs a flood while the neighbour asks on. */
async function under(order: Omit<Order, "stop">, token: string): Promise<Seen & { outcome: Outcome }> {
  const stop = new SharedArrayBuffer(4);
  const file = fileURLToPath(new URL("./hostile/floods.js", import.meta.url));
  const worker = new Worker(file, { workerData: { ...order, stop } satisfies Order });
  const ended = new Promise<Outcome>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  await pause(500);
  const seen = await neighbour(token, FLOOD_MS);
  Atomics.store(new Int32Array(stop), 0, 1);
  const outcome = await ended;
  await worker.terminate();
  return { ...seen, outcome };
}

const front = way(port, "127.0.0.1", 1);
const token = await signIn(front, "owner@yunshang.example");
const hostile = await signIn(way(port, "127.0.0.2", 1), "owner@huixian.example");
const keys = (await (await fetch(`http://127.0.0.1:${port}/jwks.json`)).json()) as { keys: PublicKey[] };
const key = keys.keys[0];
if (!key) throw new Error("no public key");

await neighbour(token, 2_000);
const usual = await neighbour(token, QUIET_MS);
const most = Math.max(P95_MS, TIMES * usual.p95);
const row = (name: string, p95: number, memory: number, rest: string): void =>
  console.log(`${name.padEnd(30)} p95 ${p95.toFixed(1).padStart(6)} ms  ${memory.toFixed(0).padStart(5)} MB  ${rest}`);
row("quiet", usual.p95, usual.memory, `${usual.asked} requests; the limit is ${most.toFixed(0)} ms`);

const wrong: string[] = usual.faults.map((fault) => `quiet: ${fault}`);
for (const flood of floods) {
  const order = { flood, port, from: "127.0.0.2", token: hostile, key };
  const faults = new Set<string>();
  let p95 = 0;
  // The machine may have been busy with something else: what makes a neighbour wait, does it each time. Whatever else
  // is wrong is wrong at once.
  for (const name of [flood, `${flood}, again`, `${flood}, once more`]) {
    const seen = await under(order, token);
    p95 = seen.p95;
    row(name, p95, seen.memory, JSON.stringify(seen.outcome.statuses));
    for (const fault of [...seen.faults, ...seen.outcome.faults]) faults.add(fault);
    if (seen.memory > usual.memory + MEMORY_MB) faults.add(`the process took ${seen.memory.toFixed(0)} MB`);
    await pause(REST_MS);
    if (p95 < most) break;
  }
  if (p95 >= most) faults.add(`the neighbour waited ${p95.toFixed(1)} ms`);
  for (const fault of faults) wrong.push(`${flood}: ${fault}`);
}
const alive = await fetch(`http://127.0.0.1:${port}/healthz`).then((answer) => answer.ok, () => false);
if (!alive) wrong.push("the process is gone");
for (const fault of wrong) console.log(`FAILED ${fault}`);
process.exit(wrong.length > 0 ? 1 : 0);
