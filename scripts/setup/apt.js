import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT } from '../root.js';
import { LOG, logged } from './logged.js';
import { Stop } from './script.js';
import { StatusLine } from './status-line.js';
import { isThere } from './this-machine.js';

/** A fresh machine's own updates hold apt's locks for some minutes after its first boot. */
const LOCK_WAIT_MS = 10 * 60_000;
const LOCK_POLL_MS = 2_000;

/** sudo passes no environment on. No questions, no restarts of services, and English words, which are looked at here. */
const AS = ['env', 'LC_ALL=C', 'DEBIAN_FRONTEND=noninteractive', 'NEEDRESTART_SUSPEND=1'];

/**
 * apt's account of itself has stdout alone, and all other words have stderr: apt makes its end of the account
 * non-blocking, and a package's script that found its own stdout so, and full, failed with an I/O error.
 */
const APT_GET = ['/bin/sh', '-c', 'exec apt-get "$@" 3>&1 1>&2', 'sh'];
const OPTIONS = ['-q', '-o', 'APT::Status-Fd=3', '-o', 'Dpkg::Use-Pty=0'];

/** @typedef {import('./script.js').Work} Work */

/** Names the packages of an installation that has not ended: their files may be there, and they do not work yet. */
const UNFINISHED = join(ROOT, '.cache', 'unfinished-packages');

/** What an installation that was cut, or failed, was to install. @returns {readonly string[]} */
export function unfinishedPackages() {
  if (!existsSync(UNFINISHED)) return [];
  return readFileSync(UNFINISHED, 'utf8')
    .split('\n')
    .filter((name) => name !== '');
}

/** Installs Debian packages, as root or with sudo. @param {readonly string[]} packages @param {boolean} isRoot @param {Work} work */
export async function installDebianPackages(packages, isRoot, work) {
  const prefix = isRoot ? [] : sudo(packages, work.again);
  // Counted here: with their names the line would be too long for what is being done of it.
  const many = `${packages.length} Debian package${packages.length === 1 ? '' : 's'}`;
  const line = new StatusLine(process.stderr, `setup: installing ${many}`);
  try {
    // Lists that are old name files that the archive no longer has. Where only some of them could be had, they may do.
    mkdirSync(dirname(UNFINISHED), { recursive: true });
    writeFileSync(UNFINISHED, packages.join('\n'));
    const updated = await apt(prefix, ['update'], line, work);
    const installed = await apt(
      prefix,
      ['install', '-y', '--no-install-recommends', ...packages],
      line,
      work,
    );
    if (installed.ok) {
      rmSync(UNFINISHED);
      return line.end(`setup: installed ${many}: ${packages.join(' ')}; ${LOG}`);
    }
    const why = whyAptFailed(updated.said + installed.said);
    throw new Stop(`${why}; ${LOG}; when that is mended, type: ${work.again}`);
  } finally {
    line.end();
  }
}

/** What somebody types where set-up may not install. @param {readonly string[]} packages */
function byHand(packages) {
  return `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** The words in front of what has to be root. @param {readonly string[]} packages @param {string} again */
function sudo(packages, again) {
  const missing = `missing Debian packages: ${packages.join(' ')}`;
  if (!isThere('sudo')) {
    throw new Stop(`${missing}; there is no sudo here: as root, type: ${byHand(packages)}; then: ${again}`);
  }
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo', '-n'];
  if (process.stdin.isTTY !== true) {
    throw new Stop(
      `${missing}; sudo wants a password, and there is no terminal to ask for it: type: sudo ${byHand(packages)}; then: ${again}`,
    );
  }
  // Asked for here, before anything is drawn over the question.
  process.stderr.write(`setup: ${missing}; sudo asks for your password to install them\n`);
  if (spawnSync('sudo', ['-v'], { stdio: 'inherit' }).status === 0) return ['sudo', '-n'];
  throw new Stop(`sudo refused; as somebody who may, type: sudo ${byHand(packages)}; then: ${again}`);
}

/**
 * Runs apt-get, waits for whoever holds its locks, and mends what an earlier one that was cut has left.
 * @param {readonly string[]} prefix @param {readonly string[]} args @param {StatusLine} line @param {Work} work
 */
async function apt(prefix, args, line, work) {
  const deadline = performance.now() + LOCK_WAIT_MS;
  let isMended = false;
  for (;;) {
    const ended = await logged([...prefix, ...AS, ...APT_GET, ...OPTIONS, ...args], work, {
      onLine: (text) => showStatus(text, line),
    });
    const holder = lockHolder(ended.said);
    if (!ended.ok && holder !== undefined && performance.now() < deadline) {
      line.show(`waiting for ${holder}, which holds apt's lock`);
      await delay(LOCK_POLL_MS, undefined, { signal: work.signal }).catch(() => undefined);
    } else if (!ended.ok && !isMended && ended.said.includes('dpkg was interrupted')) {
      line.show('completing what an earlier installation left');
      await logged([...prefix, ...AS, 'dpkg', '--configure', '-a'], work);
      isMended = true;
    } else {
      return ended;
    }
  }
}

/** apt's own account, `pmstatus:PACKAGE:PERCENT:WORDS`, in `APT::Status-Fd`. @param {string} text @param {StatusLine} line */
function showStatus(text, line) {
  const [, percent = '', words = ''] = /^(?:dl|pm)status:[^:]*:([\d.]+):(.*)$/.exec(text) ?? [];
  if (words === '') return /^(dl|pm)status:/.test(text);
  line.show(`${Math.floor(Number(percent))} %, ${words}`);
  return true;
}

/** Who keeps apt from working; undefined where nobody does. @param {string} said */
export function lockHolder(said) {
  if (!/^E: Could not (get|open) lock/m.test(said)) return undefined;
  const [, pid, name] = /held by process (\d+)(?: \(([^)]*)\))?/.exec(said) ?? [];
  return pid === undefined ? 'another process' : `process ${pid}${name === undefined ? '' : ` (${name})`}`;
}

const NETWORK =
  /Temporary failure resolving '[^']*'|Could not resolve '[^']*'|(?:Could|Cannot|Unable to) (?:not )?connect to \S+|Network is unreachable|Connection (?:timed out|refused|failed)/;

/** In a line, from what apt-get said. @param {string} said */
export function whyAptFailed(said) {
  const network = NETWORK.exec(said)?.[0];
  if (network !== undefined) return `apt-get has no network: ${network}`;
  const holder = lockHolder(said);
  if (holder !== undefined) return `apt-get was kept out: ${holder} holds its lock`;
  const lines = said.split('\n').filter((line) => line !== '');
  const errors = lines.filter((line) => line.startsWith('E: ')).map((line) => line.slice(3));
  const why = errors.length > 0 ? errors.slice(0, 2) : lines.slice(-2);
  return ['apt-get failed', ...(why.length > 0 ? [why.join(' · ')] : [])].join(': ');
}
