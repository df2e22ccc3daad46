/**
 * `npm run bench:vm`: a VM's start to its first verdict, and what `prepare` and `revert` add to a reboot, each beside the
 * same boot without anything else: when sshd answers there is the floor. Takes minutes: a VM boots five times in each
 * round, and the image is made where it isn't cached.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { untold } from '../src/provider/provider.js';
import { isNetworkUp } from '../src/provider/qemu/monitor/session.js';
import { readRecord, vmFolder } from '../src/provider/qemu/record.js';
import { awaitSsh } from '../src/provider/vm/await-ssh.js';
import { gclab } from '../test/support/cli.js';
import { median } from './median.js';

const ROUNDS = 5;
const IMAGE = 'bootstrap:bookworm';
/** Kept, for the image in it. */
const home = join(tmpdir(), 'gclab-bench-home');
const work = mkdtempSync(join(tmpdir(), 'gclab-bench-vm-'));
const never = new AbortController().signal;
const [name, second] = [`bench-${process.pid}-a`, `bench-${process.pid}-b`];
try {
  await timed('vm', 'create', name, '--image', IMAGE);
  await secondVm();
  await startToVerdict();
  await rebootOverhead();
} finally {
  for (const each of [name, second]) await timed('vm', 'delete', each);
  rmSync(work, { recursive: true });
}

async function secondVm(): Promise<void> {
  const lines = await timed('vm', 'create', second, '--image', IMAGE);
  const [cost] = lines.filter(({ text }) => text.includes('from the cache'));
  tell('A second VM from the cached image', [cost?.text ?? 'not from the cache']);
}

/** Both from the command's start. gcexp is sent in the first round, and found on the guest in the others. */
async function startToVerdict(): Promise<void> {
  const rounds: { answeredMs: number; verdictMs: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const answeredMs = await since(performance.now(), timed('vm', 'start', name), 'vm: running');
    await timed('vm', 'stop', name);
    const run = timed('remote', 'run', '--vm', name, '--trials', '1');
    const verdictMs = await since(performance.now(), run, 'verdict:');
    await timed('vm', 'stop', name);
    rounds.push({ answeredMs, verdictMs });
  }
  const ratio = median(rounds.map((one) => one.verdictMs)) / median(rounds.map((one) => one.answeredMs));
  tell('From a stopped VM until sshd answers, and in another boot until the first verdict', [
    ...rounds.map((one) => `sshd after ${seconds(one.answeredMs)}, verdict after ${seconds(one.verdictMs)}`),
    `ratio of the medians ${ratio.toFixed(2)}, goal ≤ 1.2`,
  ]);
}

/** From the reboot's beginning until its effect is verified, beside a reboot by hand until sshd answers. */
async function rebootOverhead(): Promise<void> {
  await timed('vm', 'start', name);
  const rounds: { byHandMs: number; prepareMs: number; revertMs: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const byHandMs = await rebootByHand();
    const prepareMs = await rebootOf('prepare', '--force');
    const revertMs = await rebootOf('revert');
    rounds.push({ byHandMs, prepareMs, revertMs });
  }
  const [byHand, prepare, revert] = (['byHandMs', 'prepareMs', 'revertMs'] as const).map((what) =>
    median(rounds.map((one) => one[what])),
  ) as [number, number, number];
  tell('A reboot by hand until sshd answers; of prepare and of revert until its effect is verified', [
    ...rounds.map(
      (one) => `${seconds(one.byHandMs)}; prepare ${seconds(one.prepareMs)}, revert ${seconds(one.revertMs)}`,
    ),
    `medians: prepare ${seconds(prepare - byHand)} over it, goal ≤ 3 s; revert ${seconds(revert - byHand)}`,
  ]);
}

/** What a person would type, and a watcher that disturbs the guest as little as it can. */
async function rebootByHand(): Promise<number> {
  const folder = vmFolder(join(home, 'vms', name));
  const { port } = await readRecord(folder.path, name);
  const startedAt = performance.now();
  const ssh = ['-F', join(folder.path, 'ssh_config'), name, 'sudo systemctl reboot'];
  await promisify(execFile)('ssh', ssh).catch(() => 'the reboot may take the connection along');
  while (await isNetworkUp(folder.monitor)) await sleep(50);
  const sshd = { target: name, host: '127.0.0.1', port: port ?? 0, deadlineMs: 300_000 };
  const isUp = async (): Promise<boolean> => (await isNetworkUp(folder.monitor)) ?? true;
  await awaitSsh({ ...sshd, isUp }, untold(never));
  return performance.now() - startedAt;
}

async function rebootOf(verb: string, ...flags: string[]): Promise<number> {
  const lines = await timed('remote', verb, '--vm', name, '--yes', ...flags);
  return at(lines, 'verify:') - at(lines, 'change:');
}

interface Line {
  readonly atMs: number;
  readonly text: string;
}

/** Runs gclab; every line of its progress with the time at which it came. */
async function timed(...args: string[]): Promise<readonly Line[]> {
  const lines: Line[] = [];
  const onStderr = (soFar: string): void => {
    const atMs = performance.now();
    const whole = soFar.split('\n').slice(0, -1);
    lines.push(...whole.slice(lines.length).map((text) => ({ atMs, text })));
  };
  const { exitCode, stdout, stderr } = await gclab(args, { cwd: work, env: { GCLAB_HOME: home }, onStderr });
  if (exitCode !== 0) throw new Error(`gclab ${args.join(' ')}: exit ${exitCode}\n${stdout}${stderr}`);
  return lines;
}

/** When the last such phase ended. */
function at(lines: readonly Line[], phase: string): number {
  return lines.findLast(({ text }) => text.startsWith(`${name}: ${phase}`))?.atMs ?? Number.NaN;
}

async function since(startedAt: number, lines: Promise<readonly Line[]>, phase: string): Promise<number> {
  return at(await lines, phase) - startedAt;
}

function tell(title: string, lines: readonly string[]): void {
  process.stdout.write(`\n${title}\n${lines.map((line) => `  ${line}\n`).join('')}`);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
