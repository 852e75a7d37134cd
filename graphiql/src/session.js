// Who is signed in: the tokens, in memory and in this tab's sessionStorage; every request and every socket takes them from here.
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { getLang, t } from './i18n.js';

const URL_HTTP = '/graphql';
const URL_WS = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql/ws`;
const KEY = 'yigate:session';

const SIGN_IN = `mutation SignIn($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken expiresAt viewer { staff { name } merchant { id name } role } userErrors { code message } } }`;
const REFRESH = `mutation TokenRefresh($input: TokenRefreshInput!) { tokenRefresh(input: $input) { accessToken refreshToken expiresAt userErrors { code message } } }`;
const SIGN_OUT = `mutation SignOut($input: SignOutInput!) { signOut(input: $input) { userErrors { code message } } }`;
const WHO = `query Who { viewer { staff { name } merchant { id name } role } }`;

/* ---- state: { session, notice } ---- */

/** session: null, or { kind: 'account' | 'token', accessToken, refreshToken, expiresAt, who }. notice: null, or a function that gives the text in the current language. */
let state = { session: restore(), notice: null };
const listeners = new Set();
export const getState = () => state;
export const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

function restore() {
  try {
    const saved = JSON.parse(sessionStorage.getItem(KEY));
    return saved && typeof saved.accessToken === 'string' ? saved : null;
  } catch {
    return null;
  }
}

function set(next) {
  state = { ...state, ...next };
  try {
    if (state.session) sessionStorage.setItem(KEY, JSON.stringify(state.session));
    else sessionStorage.removeItem(KEY);
  } catch {
    // storage is off: the session lasts as long as the page
  }
  for (const listener of listeners) listener();
}

export const setNotice = (notice) => set({ notice });

/** Begins or ends a session. Sockets opened for another one are closed. */
function switchTo(session, notice = null) {
  set({ session, notice });
  schedule();
  sockets.dispose();
  sockets = newSockets();
}

/* ---- requests ---- */

let skew = 0; // the server's clock minus ours, from its Date header
const now = () => Date.now() + skew;

/** An error whose text is for people; GraphiQL would show its stack. */
class RequestError extends Error {
  constructor(message) {
    super(message);
    delete this.stack;
  }
}

/** One POST. Returns the GraphQL result, or throws a RequestError that says what a person can understand. */
async function post(params, { token, headers = {} } = {}) {
  const all = { 'accept-language': getLang(), 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json;q=0.9' };
  if (token) all.authorization = `Bearer ${token}`;
  for (const [name, value] of Object.entries(headers)) all[name.toLowerCase()] = value; // the headers editor has the last word
  let response;
  try {
    response = await fetch(URL_HTTP, { method: 'POST', body: JSON.stringify(params), headers: all, credentials: 'omit', cache: 'no-store' });
  } catch {
    throw new RequestError(t().noAnswer);
  }
  const date = Date.parse(response.headers.get('date') ?? '');
  if (date) skew = date - Date.now();
  let result = null;
  try {
    result = await response.json();
  } catch {
    // not JSON: said below
  }
  if (!result || typeof result !== 'object' || !('data' in result || 'errors' in result)) throw new RequestError(t().badAnswer(response.status));
  return result;
}

/** Refused as a whole for want of valid credentials: nothing was done, so it may be sent again. */
const unauthenticated = (result) =>
  Object.values(result.data ?? {}).every((value) => value == null) && result.errors?.some((e) => e.extensions?.code === 'UNAUTHENTICATED');
const firstMessage = (list) => list?.map((e) => e.message).filter(Boolean).join(' ');

/* ---- signing in and out ---- */

/** Throws a RequestError with the text to show. */
export async function signIn(email, password) {
  const result = await post({ query: SIGN_IN, variables: { input: { email, password } }, operationName: 'SignIn' });
  const payload = result.data?.signIn;
  if (!payload?.accessToken) throw new RequestError(firstMessage(payload?.userErrors) || firstMessage(result.errors) || t().unknown);
  const { accessToken, refreshToken, expiresAt, viewer } = payload;
  switchTo({ kind: 'account', accessToken, refreshToken, expiresAt, who: describe(viewer) });
}

/** A pasted access token or an API key. */
export async function acceptToken(text) {
  const accessToken = text.trim().replace(/^(authorization:\s*)?bearer\s+/i, '');
  if (!/^[\x21-\x7e]+$/.test(accessToken)) throw new RequestError(t().refused);
  const result = await post({ query: WHO, operationName: 'Who' }, { token: accessToken });
  if (unauthenticated(result)) throw new RequestError(firstMessage(result.errors) || t().refused);
  switchTo({ kind: 'token', accessToken, refreshToken: null, expiresAt: null, who: describe(result.data?.viewer) });
}

const describe = (viewer) => ({ staff: viewer?.staff?.name ?? null, merchant: viewer?.merchant?.name ?? null, role: viewer?.role ?? null });

export async function signOut() {
  const { session } = state;
  switchTo(null);
  if (session?.kind === 'account') {
    // Best effort: the tokens are gone from this page either way.
    await post({ query: SIGN_OUT, variables: { input: { refreshToken: session.refreshToken } }, operationName: 'SignOut' }, { token: session.accessToken }).catch(() => {});
  }
}

/* ---- refreshing ---- */

const AHEAD = 60_000;
let timer;
let refreshing = null;

const expiry = (session) => (session?.refreshToken && Date.parse(session.expiresAt)) || Infinity;

function schedule(wait = expiry(state.session) - now() - AHEAD) {
  clearTimeout(timer);
  if (!Number.isFinite(wait)) return;
  timer = setTimeout(() => refresh().catch(() => {}), Math.min(Math.max(wait, 5_000), 2 ** 31 - 1));
}

/** Exchanges the refresh token, once at a time. A refusal ends the session; a network failure is tried again. */
function refresh() {
  refreshing ??= (async () => {
    const { session } = state;
    try {
      const result = await post({ query: REFRESH, variables: { input: { refreshToken: session.refreshToken } }, operationName: 'TokenRefresh' });
      if (state.session !== session) return; // signed out meanwhile
      const payload = result.data?.tokenRefresh;
      if (payload?.accessToken) {
        const { accessToken, refreshToken, expiresAt } = payload;
        set({ session: { ...session, accessToken, refreshToken: refreshToken ?? session.refreshToken, expiresAt } });
        schedule();
      } else if (payload || unauthenticated(result)) {
        switchTo(null, () => t().ended);
      } else {
        schedule(15_000); // the server's trouble, not the token's
      }
    } catch {
      if (state.session === session) schedule(15_000);
    } finally {
      refreshing = null;
    }
  })();
  return refreshing;
}

/** The access token, refreshed first when it is about to expire (a laptop that slept has missed its timer). */
async function freshToken() {
  if (expiry(state.session) - now() < 5_000) await refresh();
  return state.session?.accessToken;
}

/* ---- GraphiQL's fetcher ---- */

async function fetchForGraphiQL(_url, { body, headers }) {
  const params = JSON.parse(body);
  const own = Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(accept|content-type)$/i.test(name)));
  const ownAuthorization = Object.keys(own).some((name) => /^authorization$/i.test(name));
  let token = ownAuthorization ? null : await freshToken();
  let result = await post(params, { token, headers: own });
  if (token && unauthenticated(result)) {
    if (state.session?.kind === 'account' && state.session.refreshToken) {
      await refresh();
      token = state.session?.accessToken;
      if (token) result = await post(params, { token, headers: own });
    } else if (state.session?.accessToken === token) {
      set({ notice: () => t().refused });
    }
  }
  return { json: async () => result };
}

const newSockets = () =>
  createClient({
    url: URL_WS,
    connectionParams: async () => {
      const token = await freshToken();
      return token ? { authorization: `Bearer ${token}` } : {};
    },
    keepAlive: 30_000, // the gateway cuts a socket that says nothing for 90 s
    retryAttempts: 0, // a silent reconnection would be a silent gap; to resume, pass the last cursor as `after`
  });
let sockets = newSockets();

const send = createGraphiQLFetcher({ url: URL_HTTP, fetch: fetchForGraphiQL, enableIncrementalDelivery: false });

const listen = (params) => ({
  subscribe({ next, error, complete }) {
    const failed = (cause) => error(cause instanceof CloseEvent ? closed(cause) : cause instanceof Event ? new RequestError(t().noAnswer) : cause);
    return { unsubscribe: sockets.subscribe(params, { next, error: failed, complete }) };
  },
});
const closed = ({ code, reason }) => new RequestError(code === 1006 ? t().noAnswer : t().closed(`${code} ${reason}`.trim()));

/** GraphiQL reads an operation's name and kind with a delay: run right after a change of tab, it would send the former tab's. So they are read here. */
export function fetcher(params, options) {
  let documentAST;
  try {
    documentAST = parse(params.query);
  } catch {
    return send(params, options); // the server says what is wrong with it
  }
  const operations = documentAST.definitions.filter((d) => d.kind === 'OperationDefinition');
  const operation = operations.find((d) => d.name?.value === params.operationName) ?? (operations.length === 1 ? operations[0] : undefined);
  const request = operation ? { ...params, operationName: operation.name?.value } : params;
  return operation?.operation === 'subscription' ? listen(request) : send(request, { ...options, documentAST });
}

schedule();
