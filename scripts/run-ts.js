/** Bundles a TypeScript entry in memory and runs it: `node scripts/run-ts.js bench/warm-run.ts ARG…`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from './root.js';

const [, , entry = '', ...args] = process.argv;
// Inside node_modules, so that what stays outside the bundle is found from there.
const folder = mkdtempSync(join(ROOT, 'node_modules', '.gclab-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const outfile = join(folder, 'entry.mjs');
await build({
  absWorkingDir: ROOT,
  entryPoints: [resolve(entry)],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
});
process.argv = [process.argv[0] ?? 'node', entry, ...args];
await import(pathToFileURL(outfile).href);
