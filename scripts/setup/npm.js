import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../root.js';
import { LOG, logged } from './logged.js';
import { Stop } from './script.js';
import { StatusLine } from './status-line.js';

/** Says which lock the packages were installed from, and for which platform: some carry programs of it. */
const STAMP = join(ROOT, 'node_modules', '.gclab-lock');

/**
 * Also what builds and tests, whatever NODE_ENV says. Without the packages' own scripts: they compile an add-on of ssh2,
 * which does without, for minutes.
 */
const NPM_CI = [
  ...['npm', 'ci', '--ignore-scripts', '--include=dev', '--include=optional'],
  ...['--no-audit', '--no-fund', '--loglevel=error'],
];

/** Installs the packages of package-lock.json, unless they are. @param {import('./script.js').Work} work */
export async function installNpmPackages(work) {
  const lock = readFileSync(join(ROOT, 'package-lock.json'));
  const wanted = `${createHash('sha256').update(lock).digest('hex')} ${process.platform} ${process.arch}\n`;
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  const line = new StatusLine(process.stderr, 'setup: installing npm packages');
  try {
    const { ok, said } = await logged(NPM_CI, work);
    if (!ok) throw new Stop(`${whyNpmFailed(said)}; ${LOG}; when that is mended, type: ${work.again}`);
    mkdirSync(dirname(STAMP), { recursive: true });
    writeFileSync(STAMP, wanted);
    line.end('setup: installed npm packages');
  } finally {
    line.end();
  }
}

const NETWORK_CODES =
  /^(ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)$/;

/** In a line, from what npm said. @param {string} said */
export function whyNpmFailed(said) {
  if (/spawn npm ENOENT/.test(said)) return 'npm is not on the PATH; it comes with Node';
  const lines = [...said.matchAll(/^npm (?:error|ERR!) (.*)$/gm)].map(([, text = '']) => text);
  const code = lines.find((line) => line.startsWith('code '))?.slice('code '.length) ?? '';
  const words = lines.filter((line) => !/^(code|errno|syscall|network This|A complete log)/.test(line));
  const why = words[0]?.replace(/^network /, '') ?? said.trim().split('\n').at(-1) ?? '';
  const what = NETWORK_CODES.test(code) ? 'npm has no network' : 'npm ci failed';
  return why === '' ? what : `${what}: ${why}`;
}
