import { defineConfig } from 'vite';

/** Monaco's modules import their style sheets one by one; editor.main.css (imported first by main.jsx) has them all, in an order that GraphiQL's own rules can override. */
const monacoCss = {
  name: 'monaco-css-once',
  enforce: 'pre',
  load(id) {
    if (/monaco-editor\/esm\/.*\.css$/.test(id)) return '';
  },
};

/** "Prettify" formats the variables with Prettier's whole JavaScript parser (150 kB compressed); jsonc-parser, which is bundled anyway, does it as well. */
const jsoncFormat = {
  name: 'jsonc-format',
  transform(code, id) {
    if (!/@graphiql\/react\/dist\/utility\/jsonc\.js$/.test(id)) return;
    const next = code.replace(
      /async function formatJSONC\(content\) \{[\s\S]*?\n\}\n/,
      `async function formatJSONC(content) {
  const options = { tabSize: 2, insertSpaces: true, eol: "\\n" };
  return applyEdits(content, format(content, undefined, options)).trim();
}
`,
    );
    if (next === code) this.error('formatJSONC is not where it was');
    return { code: `import { applyEdits, format } from "jsonc-parser";\n${next}`, map: null };
  },
};

export default defineConfig({
  base: '/graphiql/',
  publicDir: false,
  plugins: [monacoCss, jsoncFormat],
  resolve: { dedupe: ['graphql', 'react', 'react-dom', '@graphiql/react'] },
  worker: { format: 'es', plugins: () => [monacoCss] },
  build: {
    outDir: '../assets/graphiql',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 8000,
    rolldownOptions: {
      onLog(level, log, handler) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handler(level, log); // "use client" and the like mean nothing here
      },
    },
    license: { fileName: 'assets/licenses.md' },
  },
});
