// After `vite build`: everything that compresses is kept as .gz only; fonts that are compressed already stay as they are.
// fflate (pure JavaScript) gives the same bytes on every machine, which zlib builds do not promise.
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'fflate';

const out = fileURLToPath(new URL('../../assets/graphiql/', import.meta.url));
const raw = /\.(woff2?|png|jpe?g|gif|webp)$/;

const walk = (dir) =>
  readdirSync(dir, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((e) => (e.isDirectory() ? walk(join(dir, e.name)) : [join(dir, e.name)]));

// The licences of what is bundled (vite's list, and what it does not see: the font, Monaco's own parts, the workers')
// get a hashed name like the rest, and index.html points to them.
const licences = join(out, 'assets/licenses.md');
for (const [name, file] of [
  ['Fira Code', '@fontsource/fira-code/LICENSE'],
  ['picomatch-browser', 'picomatch-browser/LICENSE'],
  ['monaco-editor, third parties', 'monaco-editor/ThirdPartyNotices.txt'],
]) {
  appendFileSync(licences, `\n## ${name}\n\n${readFileSync(new URL(`../node_modules/${file}`, import.meta.url), 'utf8')}\n`);
}
const hash = createHash('sha256').update(readFileSync(licences)).digest('base64url').slice(0, 8);
renameSync(licences, join(out, `assets/licenses-${hash}.txt`));
const html = join(out, 'index.html');
writeFileSync(html, readFileSync(html, 'utf8').replace('LICENSES', `/graphiql/assets/licenses-${hash}.txt`));

let total = 0;
for (const file of walk(out)) {
  let path = file;
  if (!raw.test(file)) {
    const gz = gzipSync(readFileSync(file), { level: 9, mem: 12, mtime: 0 });
    gz[8] = 2; // the header's "best compression" flag
    gz[9] = 255; // operating system: unknown
    writeFileSync((path = `${file}.gz`), gz);
    rmSync(file);
  }
  const { size } = statSync(path);
  total += size;
  console.log(String(size).padStart(9), relative(out, path));
}
console.log(String(total).padStart(9), 'in total');
