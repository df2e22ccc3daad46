#!/usr/bin/env node
import { existsSync } from 'node:fs';

const bundle = new URL('../dist/cli/run.js', import.meta.url);
if (existsSync(bundle)) {
  const { run } = await import(bundle.href);
  await run(new URL('..', import.meta.url));
} else {
  process.stderr.write('gclab is not built yet: npm run build\n');
  process.exitCode = 1;
}
