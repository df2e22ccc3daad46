/**
 * Plays QEMU: takes its options, keeps its pid file, writes to its console and speaks on its monitors. How it goes is said by
 * GCLAB_PLAY, or by `plays.json` beside the program that is called: what accelerator, then `firmware` (a trial, which has no disk) or `guest`.
 *   boots       speaks on the console, and a guest brings its network and an sshd up
 *   stops       within a second, with `internal-error`, as recorded on a machine whose KVM runs a few instructions and no firmware;
 *               the console stays empty, and QEMU lives on
 *   hangs       runs, and nothing more is seen of it
 *   refuses     ends before anything runs
 *   aborts      ends with a failed assertion after the guest was let go
 *   resets      the guest resets itself again and again
 *   powers-off  the guest does, after it has booted
 * SIGUSR2 makes it stop, whatever it plays.
 */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';

/** A moment after the guest was let go. */
const THEN_MS = 200;

const [called = '', ...args] = process.argv.slice(2);
const after = (/** @type {string} */ option) => args[args.indexOf(option) + 1] ?? '';
const accelerator = (/^\w+/.exec(after('-accel')) ?? [''])[0];
const role = args.some((arg) => arg.includes('id=disk')) ? 'guest' : 'firmware';
const play =
  process.env['GCLAB_PLAY'] ??
  JSON.parse(readFileSync(join(dirname(called), 'plays.json'), 'utf8'))[accelerator]?.[role];

if (args.includes('--version')) {
  process.stdout.write('QEMU emulator version 7.2.22 (played)\n');
  process.exit(0);
}
appendFileSync(join(dirname(called), 'calls'), `${accelerator} ${role}\n`);
if (play === 'refuses' || play === undefined) {
  process.stderr.write(
    `Could not access KVM kernel module: Permission denied\nqemu: -accel ${accelerator}: failed to initialize\n`,
  );
  process.exit(1);
}

const chardevs = args.filter((_, at) => args[at - 1] === '-chardev');
const [console = ''] = chardevs.filter((one) => one.startsWith('file,')).map(pathOf);
writeFileSync(after('-pidfile'), `${process.pid}\n`);
appendFileSync(console, '');
let status = 'running';
let isUp = false;
/** @type {Set<(event: object) => void>} */
const listeners = new Set();

/** @param {string} event @param {object} [data] */
function happens(event, data) {
  for (const tell of listeners)
    tell({ timestamp: { seconds: 1, microseconds: 2 }, event, ...(data && { data }) });
}

/** @type {Readonly<Record<string, () => void>>} */
const PLAYS = {
  boots: () => {
    appendFileSync(console, 'BdsDxe: loading Boot0001\r\n');
    isUp = role === 'guest';
    const [, port] = /hostfwd=tcp:127\.0\.0\.1:(\d+)-/.exec(after('-netdev')) ?? [];
    const greet = (/** @type {import('node:net').Socket} */ socket) =>
      socket.on('error', () => undefined).end('SSH-2.0-played\r\n');
    if (port !== undefined) createServer(greet).listen(Number(port), '127.0.0.1');
  },
  stops: () => {
    status = 'internal-error';
    process.stderr.write(
      'KVM internal error. Suberror: 1\nemulation failure\nRAX=0000000000000000 RBX=0000000000000000\n',
    );
    happens('STOP');
  },
  hangs: () => undefined,
  aborts: () => {
    process.stderr.write("qemu: kvm_arch_put_registers: Assertion `ret == n' failed.\n");
    process.abort();
  },
  resets: () => void setInterval(() => happens('RESET', { guest: true, reason: 'guest-reset' }), 20),
  'powers-off': () => {
    appendFileSync(console, 'reboot: Power down\r\n');
    happens('SHUTDOWN', { guest: true, reason: 'guest-shutdown' });
    setTimeout(() => process.exit(0), THEN_MS);
  },
};

for (const path of chardevs.filter((one) => one.startsWith('socket,')).map(pathOf)) {
  rmSync(path, { force: true });
  createServer((socket) =>
    speak(
      socket.on('error', () => undefined),
      socket,
    ),
  ).listen(path);
}
if (chardevs.some((one) => one.startsWith('stdio,'))) speak(process.stdin, process.stdout);
setTimeout(() => PLAYS[play]?.(), THEN_MS);
process.on('SIGUSR2', () => PLAYS['stops']?.());
// A real one does not end either when nobody speaks to it.
setInterval(() => undefined, 60_000);

/** @param {import('node:stream').Readable} input @param {import('node:stream').Writable} output */
function speak(input, output) {
  const tell = (/** @type {object} */ message) => void output.write(`${JSON.stringify(message)}\r\n`);
  tell({
    QMP: { version: { qemu: { micro: 22, minor: 2, major: 7 }, package: 'played' }, capabilities: ['oob'] },
  });
  let rest = '';
  input.on('close', () => listeners.delete(tell));
  input.on('data', (piece) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { execute, id } = JSON.parse(line);
      if (execute === 'qmp_capabilities') listeners.add(tell);
      tell({ return: answer(execute), id });
      if (execute === 'quit') process.exit(0);
    }
  });
}

/** @param {string} command */
function answer(command) {
  if (command === 'query-status') return { status, running: status === 'running' };
  if (command === 'query-rx-filter')
    return [{ promiscuous: !isUp, 'multicast-table': isUp ? ['01:00:5e:00:00:01'] : [] }];
  return command === 'query-blockstats' ? [] : {};
}

/** @param {string} chardev */
function pathOf(chardev) {
  return (/path=(.*)$/.exec(chardev)?.[1] ?? '').replaceAll(',,', ',');
}
