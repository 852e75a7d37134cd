import { useSyncExternalStore } from 'react';

const KEY = 'yigate:lang';
const stored = (() => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
})();
let lang = stored === 'zh-CN' || stored === 'en' ? stored : /^zh\b/i.test(navigator.language) ? 'zh-CN' : 'en';
const listeners = new Set();
document.documentElement.lang = lang;

export const getLang = () => lang;
export function setLang(next) {
  lang = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // storage is off: the choice lasts as long as the page
  }
  for (const listener of listeners) listener();
}

const strings = {
  en: {
    account: 'Account',
    token: 'Token or API key',
    email: 'E-mail',
    password: 'Password',
    tokenHint: 'Access token, or yk_… API key',
    signIn: 'Sign in',
    signingIn: 'Signing in…',
    useToken: 'Use it',
    checking: 'Checking…',
    signOut: 'Sign out',
    examples: 'Examples',
    examplesHint: 'Open an example in a tab',
    language: '中文',
    languageHint: '切换为中文',
    dismiss: 'Dismiss',
    show: 'Show password',
    hide: 'Hide password',
    apiKey: 'API key',
    accessToken: 'Access token',
    noAnswer: 'The gateway does not answer. Check the connection and try again.',
    badAnswer: (status) => `The gateway answered HTTP ${status} without a GraphQL result.`,
    closed: (why) => `The gateway closed the connection: ${why}`,
    refused: 'The gateway does not accept this token or API key.',
    ended: 'Your session has ended. Sign in again.',
    unknown: 'Signing in did not work.',
    roles: { OWNER: 'Owner', FINANCE: 'Finance', SUPPORT: 'Support', MARKETING: 'Marketing', VIEWER: 'Viewer' },
  },
  'zh-CN': {
    account: '账号',
    token: '令牌或接口密钥',
    email: '邮箱',
    password: '密码',
    tokenHint: '访问令牌，或 yk_… 接口密钥',
    signIn: '登录',
    signingIn: '正在登录…',
    useToken: '使用',
    checking: '正在校验…',
    signOut: '退出',
    examples: '示例',
    examplesHint: '在标签页中打开示例',
    language: 'English',
    languageHint: 'Switch to English',
    dismiss: '关闭',
    show: '显示密码',
    hide: '隐藏密码',
    apiKey: '接口密钥',
    accessToken: '访问令牌',
    noAnswer: '网关没有响应，请检查网络后重试。',
    badAnswer: (status) => `网关返回 HTTP ${status}，没有 GraphQL 结果。`,
    closed: (why) => `网关关闭了连接：${why}`,
    refused: '网关不接受此令牌或接口密钥。',
    ended: '登录已失效，请重新登录。',
    unknown: '登录失败。',
    roles: { OWNER: '所有者', FINANCE: '财务', SUPPORT: '客服', MARKETING: '营销', VIEWER: '只读' },
  },
};

export const t = () => strings[lang];

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export function useText() {
  const current = useSyncExternalStore(subscribe, getLang);
  return [strings[current], current];
}
