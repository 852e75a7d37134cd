// Bodies that are meant to hurt: each would cost a naive gateway its stack, its memory or minutes of its time.

const many = (count: number, part: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => part(n)).join(" ");

const request = (query: string, more: object = {}): string => JSON.stringify({ query, ...more });

/** `{ a { a { … } } }` of one field. */
const nested = (field: string, depth: number, leaf: string): string =>
  `${`${field} { `.repeat(depth)}${leaf}${" }".repeat(depth)}`;

/** Fragments each of which spreads the next one twice. */
function doubling(levels: number): string {
  const fragments = many(levels, (n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`);
  return `{ ...F0 } ${fragments} fragment F${levels} on Query { viewer { role } }`;
}

const page = `orders(first: 100) { totalCount edges { node {
  id orderNo title createdAt payable { amount currency } lines { title quantity } timeline { __typename } } } }`;

/** Cheap by its price and slow all the same: a search in titles, sorted, counted and summed up. */
const slow = (n: number): string => `{ orders(
  first: 1, orderBy: { field: AMOUNT }, filter: { not: { search: "nothing ${n}" }, or: [{ search: "a" }, { late: false }] }
) { totalCount totals { paid { amount } } edges { node { id } } } }`;

/** How many of a flood's requests are under way at a time. */
export const AT_ONCE = 16;
/** The same, of floods with another number. */
export const MORE_AT_ONCE: Record<string, number> = { "slow lists of one merchant": 100 };

/** Floods by name: the bodies that each sends in turn. */
export const FLOODS: Record<string, string[]> = {
  "aliases": [request(`{ ${many(3_000, (n) => `a${n}: viewer { role }`)} }`)],
  "fields": [
    request(`{ ${many(10_000, (n) => `f${n}`)} }`),
    request(`{ viewer { ${"role ".repeat(20_000)} } }`),
  ],
  "directives": [
    request(`{ __typename ${"@include(if: true) ".repeat(5_000)} }`),
    request(`{ __typename ${many(5_000, (n) => `@d${n}`)} }`),
  ],
  "fragments": [
    request(doubling(19)),
    request(doubling(1_000)),
    request("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"),
    request(`{ ${many(2_000, (n) => `...F${n}`)} } ${many(2_000, (n) => `fragment F${n} on Query { __typename }`)}`),
  ],
  "nesting": [
    request(`{ orders(filter: ${"[".repeat(2_000)}${"]".repeat(2_000)}) { totalCount } }`),
    request(`{ ${"{".repeat(60_000)}`),
    request(`{ orders(filter: ${"{ a: ".repeat(2_000)}1${" }".repeat(2_000)}) { totalCount } }`),
    request(`{ ${nested("edges", 2_000, "id")} }`),
    request(`{ __schema { types { ${nested("fields { type", 5, "name").replaceAll("} }", "} } }")} } }`),
    request("query A($v: [[[[[[Int]]]]]] = null) { __typename }".replace("[[[[[[Int]]]]]]", `${"[".repeat(3_000)}Int${"]".repeat(3_000)}`)),
  ],
  "batches": [
    JSON.stringify(Array.from({ length: 1_000 }, () => ({ query: "{ viewer { role } }" }))),
    `[${"[".repeat(50_000)}`,
  ],
  "huge values": [
    request("query A($v: String) { __typename }", { variables: { v: "x".repeat(120_000) } }),
    request(`{ order(by: { orderNo: "${"9".repeat(60_000)}" }) { id } }`),
    request("{ orders(first: 99999999999999999999999999) { totalCount } }"),
    `{"query":"{ __typename }","variables":{"v":${"9".repeat(100_000)}}}`,
    `{"query":"{ __typename }","variables":{"v":1e999999999}}`,
    `{"query":"{ __typename }","variables":${"{\"a\":".repeat(10_000)}1${"}".repeat(10_000)}}`,
    `{"query":"${"\\u0000".repeat(10_000)}"}`,
    " ".repeat(4_000_000),
  ],
  "distinct documents": Array.from({ length: 500 }, (_, n) => request(`query Q${n} { a${n}: __typename }`)),
  "lists as large as they may be": [
    request(`{ ${page} }`),
    request(`{ ${many(5, (n) => `p${n}: ${page}`)} }`),
    request(`{ ${many(20, (n) => `t${n}: orders(first: 1) { totalCount }`)} }`),
  ],
  "slow lists of one merchant": Array.from({ length: 50 }, (_, n) => request(slow(n))),
  "passwords": [
    request('mutation { signIn(input: { email: "owner@huixian.example", password: "wrong" }) { accessToken } }'),
    request(`mutation { ${many(20, (n) => `s${n}: signIn(input: { email: "a${n}@b.example", password: "wrong" }) { accessToken }`)} }`),
  ],
};
