// Tokens that nobody here signed: every forgery that JWT libraries have fallen for, made of a token that is good.
import { createHmac, generateKeyPairSync, sign, type KeyObject } from "node:crypto";

type Part = Record<string, unknown>;

const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const decode = (text: string | undefined): Part =>
  JSON.parse(Buffer.from(text ?? "", "base64url").toString()) as Part;

/** A public key as `/jwks.json` tells it. */
export interface PublicKey {
  kid: string;
  x: string;
}

/** Forgeries by name. */
export function forgeries(token: string, key: PublicKey): Map<string, string> {
  const [first, second, signature] = token.split(".");
  const header = decode(first);
  const claims = decode(second);
  const ours = generateKeyPairSync("ed25519");
  const jwk = ours.publicKey.export({ format: "jwk" });
  const by = (secret: KeyObject, head: Part, body: Part): string => {
    const text = `${encode(head)}.${encode(body)}`;
    return `${text}.${sign(null, Buffer.from(text), secret).toString("base64url")}`;
  };
  const signed = (head: Part, body: Part) => by(ours.privateKey, head, body);
  const keyed = (secret: string | Buffer): string => {
    const text = `${encode({ ...header, alg: "HS256" })}.${encode(claims)}`;
    return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
  };
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(key.x, "base64url")]);
  const pem = `-----BEGIN PUBLIC KEY-----\n${der.toString("base64")}\n-----END PUBLIC KEY-----\n`;
  const other = { ...claims, sub: "stf_0", mer: "mer_0" };
  const cases: Record<string, string> = {
    "alg none": `${encode({ ...header, alg: "none" })}.${second}.`,
    "alg NoNe, signature kept": `${encode({ ...header, alg: "NoNe" })}.${second}.${signature}`,
    "no signature": `${first}.${second}.`,
    "HS256 by the public key": keyed(Buffer.from(key.x, "base64url")),
    "HS256 by the public key's text": keyed(key.x),
    "HS256 by the public key's PEM": keyed(pem),
    "another key under our kid": signed(header, claims),
    "a kid of nobody": signed({ ...header, kid: "nobody" }, claims),
    "a kid that is a path": signed({ ...header, kid: "../../../../dev/null" }, claims),
    "a kid that is SQL": signed({ ...header, kid: "' OR 1=1 --" }, claims),
    "no kid": signed({ typ: "JWT", alg: "EdDSA" }, claims),
    "its own jwk": signed({ ...header, jwk: { ...jwk, kid: key.kid } }, claims),
    "a jku elsewhere": signed({ ...header, jku: "http://127.0.0.1:9/jwks.json" }, claims),
    "an x5u elsewhere": signed({ ...header, x5u: "http://127.0.0.1:9/chain.pem" }, claims),
    "a crit nobody knows": signed({ ...header, crit: ["exp"] }, claims),
    "another person under our signature": `${first}.${encode(other)}.${signature}`,
    "ended": `${first}.${encode({ ...claims, exp: 1 })}.${signature}`,
    "for ever": `${first}.${encode({ ...claims, exp: 4_102_444_800 })}.${signature}`,
    "for somebody else": signed(header, { ...claims, aud: "elsewhere" }),
    "by somebody else": signed(header, { ...claims, iss: "elsewhere" }),
    "huge": signed(header, { ...claims, note: "x".repeat(12_000) }),
    "four parts": `${token}.${signature}`,
    "no JSON": `${Buffer.from("{").toString("base64url")}.${second}.${signature}`,
    "deep JSON": `${Buffer.from("[".repeat(1_000)).toString("base64url")}.${second}.${signature}`,
    "nothing": "..",
  };
  return new Map(Object.entries(cases));
}
