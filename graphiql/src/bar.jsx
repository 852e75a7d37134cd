import { useEffect, useId, useRef, useState, useSyncExternalStore } from 'react';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { acceptToken, getState, setNotice, signIn, signOut, subscribe } from './session.js';
import { getPrefill, onPrefill } from './prefill.js';
import { setLang, useText } from './i18n.js';
import { examples } from './examples.js';
import icon from './icon.svg';

export function Bar() {
  const [text, lang] = useText();
  const { session, notice } = useSyncExternalStore(subscribe, getState);
  useIntrospectionAfterSignIn(session);
  useNothingLeftAfterSignOut(session);
  const other = lang === 'en' ? 'zh-CN' : 'en';
  return (
    <header className="bar">
      <div className="bar-row">
        <span className="brand">
          <img src={icon} alt="" width="24" height="24" />
          <b>Yigate</b>
          <span>GraphiQL</span>
        </span>
        <Examples />
        <span className="grow" />
        {session ? <Who session={session} /> : <SignIn />}
        <button type="button" className="quiet" lang={other} title={text.languageHint} onClick={() => setLang(other)}>
          {text.language}
        </button>
      </div>
      {notice && (
        <div className="notice" role="alert">
          <span>{notice()}</span>
          <button type="button" aria-label={text.dismiss} title={text.dismiss} onClick={() => setNotice(null)}>
            ×
          </button>
        </div>
      )}
    </header>
  );
}

/** If the schema could not be read before signing in, it is read again after. */
function useIntrospectionAfterSignIn(session) {
  const { introspect } = useGraphiQLActions();
  const failed = useGraphiQL((state) => Boolean(state.fetchError));
  const signedIn = Boolean(session);
  useEffect(() => {
    if (signedIn && failed) introspect();
  }, [signedIn]);
}

/** What one person was shown is not left on the screen, nor in another tab, for the next. */
function useNothingLeftAfterSignOut(session) {
  const { updateActiveTabValues } = useGraphiQLActions();
  const tabs = useGraphiQL((state) => state.tabs);
  const responseEditor = useGraphiQL((state) => state.responseEditor);
  const signedIn = Boolean(session);
  const before = useRef(signedIn);
  useEffect(() => {
    if (before.current && !signedIn) {
      for (const tab of tabs) tab.response = null;
      responseEditor?.setValue('');
      updateActiveTabValues({ response: null });
    }
    before.current = signedIn;
  }, [signedIn]);
}

function SignIn() {
  const [text] = useText();
  const [mode, setMode] = useState('account');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [token, setToken] = useState('');
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const prefill = useSyncExternalStore(onPrefill, getPrefill);
  useEffect(() => {
    if (!prefill) return;
    setMode('account');
    if (prefill.email != null) setEmail(prefill.email);
    if (prefill.password != null) setPassword(prefill.password);
  }, [prefill]);

  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setNotice(null);
    try {
      if (mode === 'account') await signIn(email.trim(), password);
      else await acceptToken(token);
    } catch (error) {
      setNotice(() => error.message);
      setBusy(false);
    }
  }

  return (
    <>
      <div className="switch" role="group">
        {['account', 'token'].map((m) => (
          <button key={m} type="button" aria-pressed={mode === m} onClick={() => setMode(m)}>
            {text[m]}
          </button>
        ))}
      </div>
      <form onSubmit={submit}>
        {mode === 'account' ? (
          <>
            <input key="email" type="email" name="email" autoComplete="username" required placeholder={text.email} aria-label={text.email} value={email} onChange={(e) => setEmail(e.target.value)} />
            <span className="secret">
              <input key="password" type={shown ? 'text' : 'password'} name="password" autoComplete="current-password" required placeholder={text.password} aria-label={text.password} value={password} onChange={(e) => setPassword(e.target.value)} />
              <Eye shown={shown} text={text} onClick={() => setShown(!shown)} />
            </span>
          </>
        ) : (
          <input key="token" className="wide" type="password" name="token" autoComplete="off" spellCheck="false" required placeholder={text.tokenHint} aria-label={text.tokenHint} value={token} onChange={(e) => setToken(e.target.value)} />
        )}
        <button type="submit" className="primary" disabled={busy}>
          {mode === 'account' ? (busy ? text.signingIn : text.signIn) : busy ? text.checking : text.useToken}
        </button>
      </form>
    </>
  );
}

function Eye({ shown, text, onClick }) {
  const label = shown ? text.hide : text.show;
  return (
    <button type="button" className="eye" aria-label={label} title={label} aria-pressed={shown} onClick={onClick}>
      <svg viewBox="0 0 20 20" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" aria-hidden="true">
        <path d="M1.5 10S4.5 4.5 10 4.5 18.5 10 18.5 10 15.5 15.5 10 15.5 1.5 10 1.5 10Z" strokeLinejoin="round" />
        <circle cx="10" cy="10" r="2.6" />
        {shown && <path d="m3 17 14-14" />}
      </svg>
    </button>
  );
}

function Who({ session }) {
  const [text] = useText();
  const { staff, merchant, role } = session.who ?? {};
  const name = staff ?? (session.kind === 'token' ? (session.accessToken.startsWith('yk_') ? text.apiKey : text.accessToken) : '');
  return (
    <>
      <span className="who" title={[name, merchant, role && (text.roles[role] ?? role)].filter(Boolean).join(' · ')}>
        <span className="face" aria-hidden="true">
          {[...(name || merchant || '?')][0]?.toUpperCase()}
        </span>
        <span className="names">
          {name && <b>{name}</b>}
          {merchant && <span>{merchant}</span>}
        </span>
        {role && <span className="role">{text.roles[role] ?? role}</span>}
      </span>
      <button type="button" className="plain" onClick={signOut}>
        {text.signOut}
      </button>
    </>
  );
}

function Examples() {
  const [text, lang] = useText();
  const [open, setOpen] = useState(false);
  const root = useRef(null);
  const id = useId();
  const show = useOpenExample();

  useEffect(() => {
    if (!open) return;
    const onPointer = (event) => root.current?.contains(event.target) || setOpen(false);
    const onKey = (event) => {
      if (event.key === 'Escape') {
        setOpen(false);
        root.current?.querySelector('button')?.focus();
      }
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
      const items = [...root.current.querySelectorAll('[role=menuitem]')];
      const at = items.indexOf(document.activeElement);
      items.at((at + (event.key === 'ArrowDown' ? 1 : at < 0 ? 0 : -1)) % items.length)?.focus();
      event.preventDefault();
    };
    addEventListener('pointerdown', onPointer);
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('pointerdown', onPointer);
      removeEventListener('keydown', onKey);
    };
  }, [open]);

  return (
    <span className="menu" ref={root}>
      <button type="button" className="quiet" title={text.examplesHint} aria-haspopup="menu" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {text.examples} <span aria-hidden="true">▾</span>
      </button>
      {open && (
        <ol id={id} role="menu">
          {examples.map((example) => (
            <li key={example.title.en} role="none">
              <button
                type="button"
                role="menuitem"
                onClick={() => {
                  setOpen(false);
                  show(example);
                }}
              >
                {example.title[lang]}
              </button>
            </li>
          ))}
        </ol>
      )}
    </span>
  );
}

/** Goes to the tab that still holds the example as it is, or opens one more. */
function useOpenExample() {
  const { addTab, changeTab } = useGraphiQLActions();
  const tabs = useGraphiQL((state) => state.tabs);
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  return (example) => {
    if (!queryEditor) return; // GraphiQL is still loading
    const at = tabs.findIndex((tab) => tab.query === example.query);
    if (at >= 0) return changeTab(at);
    addTab();
    queryEditor.setValue(example.query);
    variableEditor?.setValue(example.variables ?? '');
  };
}
