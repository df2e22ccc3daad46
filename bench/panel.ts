/**
 * `npm run bench`: the live panel over a line with 100 ms each way: how often it is drawn and how often it has news, how
 * far its clock is behind the guest's, and what gcexp takes of the guest's processors meanwhile, beside the same session through a pipe, which draws nothing.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { behind } from '../test/support/ssh/line.js';
import { freePort, startSshd } from '../test/support/ssh/sshd.js';
import { startInTerminal } from '../test/support/terminal/terminal.js';
import { median } from './median.js';

const ROUNDS = 3;
const SECONDS = 5;
/** Ten seconds of steps: the window lies inside. */
const STEPS = 'repeat 100 { add 100KiB; wait 100ms }';
const TICKS_PER_SECOND = 100;

const cli = resolve('bin', 'run.js');
const work = mkdtempSync(join(tmpdir(), 'gclab-bench-panel-'));
const server = await startSshd();
const { line, sshConfig } = await behind(server, 100);
try {
  const drawn: Window[] = [];
  const piped: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    drawn.push(await inTerminal());
    piped.push(await throughPipe());
  }
  const of = (what: keyof Window): string => median(drawn.map((one) => one[what])).toFixed(1);
  process.stdout.write(
    `\nThe panel over a line with 100 ms each way\n` +
      `  ${of('framesPerSecond')} pictures a second, ${of('newsPerSecond')} of them with something new; goal 10\n` +
      `  at most ${of('longestGapMs')} ms between two; its clock is ${of('behindMs')} ms behind the guest's\n` +
      `  gcexp takes ${of('guestPercent')} % of a core with the panel, ${median(piped).toFixed(1)} % without\n`,
  );
} finally {
  await line.stop();
  await server.stop();
  rmSync(work, { recursive: true });
}

interface Window {
  readonly framesPerSecond: number;
  readonly newsPerSecond: number;
  readonly longestGapMs: number;
  readonly behindMs: number;
  readonly guestPercent: number;
}

async function argv(): Promise<string[]> {
  const where = ['--ssh-config', sshConfig, '--host', 'guest', '--guest-dir', join(work, 'guest')];
  return [process.execPath, cli, 'remote', 'drive', ...where, '--port', String(await freePort())];
}

async function inTerminal(): Promise<Window> {
  const drawn: { readonly atMs: number; readonly shows: string }[] = [];
  const onWrite = (piece: string): void => {
    const shows = / (\d+\.\d) s /.exec(piece)?.[1];
    if (shows !== undefined) drawn.push({ atMs: performance.timeOrigin + performance.now(), shows });
  };
  const terminal = startInTerminal(await argv(), work, { onWrite });
  await terminal.shows('gclab> ');
  terminal.type(`${STEPS}\r`);
  await sleep(2_000);
  const from = terminal.written.length;
  drawn.length = 0;
  const guestPercent = await busy();
  const frames = terminal.written
    .slice(from)
    .split('\u001b[?2026h')
    .slice(1)
    .map((frame) => frame.slice(0, frame.indexOf('\u001b[?2026l')));
  const times = [...drawn];
  terminal.type('\u0003quit\r');
  await terminal.exitCode();
  const began = beganAt(/results: (\S+)/.exec(terminal.written)?.[1] ?? '');
  // The first line has a clock.
  const pictures = frames.map((frame) => frame.split('\n').slice(1).join('\n'));
  const news = pictures.filter((picture, at) => picture !== pictures[at - 1]);
  return {
    framesPerSecond: frames.length / SECONDS,
    newsPerSecond: news.length / SECONDS,
    longestGapMs: Math.max(...times.slice(1).map(({ atMs }, at) => atMs - (times[at]?.atMs ?? 0))),
    behindMs: median(times.map(({ atMs, shows }) => atMs - began - Number(shows) * 1_000)),
    guestPercent,
  };
}

/** When the journal's time began, on the clock of this machine, which is the guest too. */
function beganAt(results: string): number {
  const journal = readFileSync(join(results, 'guest', 'journal.ndjson'), 'utf8');
  return Date.parse(/"startedAt":"([^"]+)"/.exec(journal)?.[1] ?? '');
}

async function throughPipe(): Promise<number> {
  const [program = '', ...args] = await argv();
  const child = spawn(program, args, { cwd: work, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  child.stdin.write(`${STEPS}\n`);
  let said = '';
  await new Promise<void>((started) => {
    child.stdout.on('data', (piece: Buffer) => {
      said += piece;
      if (said.includes(STEPS)) started();
    });
  });
  await sleep(2_000);
  const percent = await busy();
  child.stdin.end('quit\n');
  await ended;
  return percent;
}

/** What every gcexp of this bench together took of a core in the window, in percent. */
async function busy(): Promise<number> {
  const before = ticks();
  await sleep(SECONDS * 1_000);
  return ((ticks() - before) / TICKS_PER_SECOND / SECONDS) * 100;
}

function ticks(): number {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, pid) => sum + ticksOf(pid), 0);
}

/** proc(5): user and system time are the fourteenth and fifteenth field. */
function ticksOf(pid: string): number {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(join(work, 'guest'))) return 0;
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    // It ended meanwhile.
    return 0;
  }
}
