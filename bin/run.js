#!/usr/bin/env node
import { readFileSync, statSync } from 'node:fs';

const bundle = new URL('../dist/cli/run.js', import.meta.url);
// By stat, as for the guest's scripts: access(2), behind existsSync, asks what the real user may, whatever capabilities there are.
const isBuilt = () => statSync(bundle, { throwIfNoEntry: false }) !== undefined;
if (process.argv.length === 3 && process.argv[2] === '--version') {
  // Asked by scripts before every use: answered without loading the command line's framework.
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else if (isBuilt()) {
  const { run } = await import(bundle.href);
  await run(new URL('..', import.meta.url));
} else {
  process.stderr.write('gclab is not built yet: npm run build\n');
  process.exitCode = 1;
}
