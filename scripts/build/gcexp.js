import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.js';
import { logged } from '../setup/logged.js';
import { Stop } from '../setup/script.js';
import { StatusLine } from '../setup/status-line.js';
import { DIST, filesBelow, stampOf } from './dist.js';

const SOURCE = join(ROOT, 'provision', 'experiment');
const ARCHITECTURES = ['amd64', 'arm64'];
/** The oldest minor version of Go 1 that gcexp builds with. */
const OLDEST_MINOR = 15;
/** The Go of this machine, and nobody's flags. */
const ENVIRONMENT = { GOTOOLCHAIN: 'local', GOFLAGS: '' };

/** Builds gcexp for Linux on both architectures. @param {import('../setup/script.js').Work} work */
export async function buildGcexp(work) {
  const version = goVersion();
  const stamp = stampOf('gcexp', filesBelow(SOURCE, /(?<!_test)\.go$|^go\.mod$/), `${version} with its sum`);
  if (stamp.isCurrent()) return;
  const line = new StatusLine(process.stderr, `build: gcexp for Linux with ${version}`);
  try {
    for (const architecture of ARCHITECTURES) {
      line.show(architecture);
      await buildFor(architecture, version, work);
    }
    stamp.write();
    line.end(`build: gcexp for Linux on ${ARCHITECTURES.join(' and ')}, with ${version}`);
  } finally {
    line.end();
  }
}

/** As `go env GOVERSION` says it, which the oldest does not know: `go1.22.2`. */
function goVersion() {
  const said = ['env GOVERSION', 'version'].map((words) =>
    spawnSync('go', words.split(' '), { encoding: 'utf8', env: { ...process.env, ...ENVIRONMENT } }),
  );
  const version = said
    .map(({ stdout }) => /\bgo1\.\d+\S*/.exec(stdout ?? '')?.[0])
    .find((text) => text !== undefined);
  if (version === undefined) {
    const why = said[0]?.error?.message ?? said[0]?.stderr.trim();
    throw new Stop(`go does not say its version: ${why}`);
  }
  if (minorOf(version) >= OLDEST_MINOR) return version;
  throw new Stop(
    `${version} is too old: gcexp needs Go 1.${OLDEST_MINOR} or newer; get it from https://go.dev/dl`,
  );
}

/** @param {string} version */
function minorOf(version) {
  return Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0);
}

/** @param {string} architecture @param {string} version @param {import('../setup/script.js').Work} work */
async function buildFor(architecture, version, work) {
  // Without the second the checkout's commit is in the binary, and every commit would upload it anew.
  const flags = ['-trimpath', ...(minorOf(version) >= 18 ? ['-buildvcs=false'] : []), '-ldflags=-s -w'];
  const output = join(DIST, `gcexp-linux-${architecture}`);
  const { ok, said } = await logged(['go', 'build', ...flags, '-o', output, '.'], work, {
    cwd: SOURCE,
    env: { ...ENVIRONMENT, GOOS: 'linux', GOARCH: architecture, CGO_ENABLED: '0' },
  });
  if (!ok) throw new Stop(`go build for linux/${architecture} failed:\n${said.trim()}`, 1);
  // So that a run need not read it to know whether the guest has it.
  writeFileSync(`${output}.sha256`, createHash('sha256').update(readFileSync(output)).digest('hex'));
}
