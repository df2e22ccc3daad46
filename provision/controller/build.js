/** Builds `dist`: the CLI as one ESM bundle, and gcexp for both architectures. Does nothing twice. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import { ROOT } from './root.js';

const DIST = join(ROOT, 'dist');
const GO_SOURCE = join(ROOT, 'provision', 'experiment');
/** CommonJS packages in an ESM bundle still call require() for Node's own modules, and look at __filename. */
const BANNER = `import { createRequire as makeRequire } from 'node:module';
import { fileURLToPath as pathOf } from 'node:url';
const require = makeRequire(import.meta.url);
const __filename = pathOf(import.meta.url);
const __dirname = pathOf(new URL('.', import.meta.url));`;
const ARCHITECTURES = ['amd64', 'arm64'];

/** @param {string} text */
function say(text) {
  process.stderr.write(`build: ${text}\n`);
}

/** @param {string} folder @param {RegExp} name @returns {string[]} */
function filesBelow(folder, name) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @param {readonly string[]} files @param {string} also */
function hashOf(files, also) {
  const hash = createHash('sha256').update(also);
  for (const file of files) hash.update(file.slice(ROOT.length)).update(readFileSync(file));
  return hash.digest('hex');
}

/** @param {readonly string[]} args @param {Record<string, string>} [env] */
function go(args, env = {}) {
  const ended = spawnSync('go', args, {
    cwd: GO_SOURCE,
    encoding: 'utf8',
    env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '', ...env },
  });
  if (ended.status === 0) return ended.stdout.trim();
  say(`go ${args.join(' ')} failed:\n${ended.stderr || ended.error}`);
  process.exit(1);
}

/** @param {string} version of Go, as `go env GOVERSION` says it */
function goFlags(version) {
  // Without this the checkout's commit is in the binary, and every commit would upload it anew.
  const minor = Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0);
  return ['-trimpath', ...(minor >= 18 ? ['-buildvcs=false'] : []), '-ldflags=-s -w'];
}

function buildGcexp() {
  const version = go(['env', 'GOVERSION']) || go(['version']);
  const wanted = hashOf(filesBelow(GO_SOURCE, /(?<!_test)\.go$|^go\.mod$/), version);
  const stamp = join(DIST, 'gcexp.stamp');
  if (readIfThere(stamp) === wanted) return;
  for (const architecture of ARCHITECTURES) {
    say(`gcexp for linux/${architecture} with ${version}`);
    const output = join(DIST, `gcexp-linux-${architecture}`);
    go(['build', ...goFlags(version), '-o', output, '.'], {
      GOOS: 'linux',
      GOARCH: architecture,
      CGO_ENABLED: '0',
    });
  }
  writeFileSync(stamp, wanted);
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The bundle takes the old one's place only when it is whole: a gclab that runs meanwhile keeps its files. */
async function buildCli() {
  const sources = [
    ...filesBelow(join(ROOT, 'src'), /\.ts$/),
    join(ROOT, 'package.json'),
    join(ROOT, 'package-lock.json'),
  ];
  const wanted = hashOf(sources, BANNER);
  const stamp = join(DIST, 'cli.stamp');
  if (readIfThere(stamp) === wanted) return;
  const fresh = mkdtempSync(join(DIST, '.cli-'));
  chmodSync(fresh, 0o755);
  await bundle({
    absWorkingDir: ROOT,
    entryPoints: { run: 'src/cli/run.ts', commands: 'src/commands/registry.ts' },
    outdir: fresh,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Has native add-ons that it looks for by path, and is only imported once a host is to be reached.
    external: ['ssh2'],
    banner: { js: BANNER },
    sourcemap: true,
    minify: true,
    keepNames: true,
    logLevel: 'warning',
  });
  rmSync(join(DIST, 'cli'), { recursive: true, force: true });
  renameSync(fresh, join(DIST, 'cli'));
  writeFileSync(stamp, wanted);
}

mkdirSync(DIST, { recursive: true });
buildGcexp();
await buildCli();
