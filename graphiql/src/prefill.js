// `/graphiql#email=…&password=…` fills in the sign-in form. The hash leaves the address bar (and the history entry) before anything else happens.
let value = null;
const listeners = new Set();

function take() {
  const hash = location.hash.slice(1);
  if (!/(^|&)(email|password)=/.test(hash)) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  const found = {};
  for (const part of hash.split('&')) {
    const at = part.indexOf('=');
    const key = part.slice(0, at);
    if (key !== 'email' && key !== 'password') continue;
    try {
      found[key] = decodeURIComponent(part.slice(at + 1)); // not URLSearchParams: a "+" in an address stays a "+"
    } catch {
      // not percent-encoded properly: ignored
    }
  }
  value = found;
  for (const listener of listeners) listener();
}

take();
addEventListener('hashchange', take);

export const getPrefill = () => value;
export const onPrefill = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
