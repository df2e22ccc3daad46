import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/registry.js';
import { gclab } from '../support/cli.js';
import { endingOf } from '../support/ending.js';
import { folderForFile, serverForFile } from '../support/ssh/for-file.js';
import { freePort } from '../support/ssh/sshd.js';

const server = await serverForFile();
const work = await folderForFile();
const refused = await freePort();

/** What is served as an image of Ubuntu. */
const IMAGE = 'no disk at all';
const images = createServer((request, response) => {
  const file = `ubuntu-24.04-server-cloudimg-${process.arch === 'arm64' ? 'arm64' : 'amd64'}.img`;
  const sums = `${createHash('sha256').update(IMAGE).digest('hex')} *${file}\n`;
  response.end(request.url?.endsWith('SUMS') ? sums : IMAGE);
});
const greeter = createTcpServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-fake\r\n'));
await Promise.all([images, greeter].map((one) => once(one.listen(0, '127.0.0.1'), 'listening')));
afterAll(() => {
  images.close();
  greeter.close();
});

function portOf(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
}

interface Way {
  readonly args: readonly string[];
  /** Those that machines differ in are named all. */
  readonly exits: readonly number[];
  /** Done first, each time. */
  readonly before?: readonly (readonly string[])[];
  readonly answers?: readonly (readonly [string | RegExp, string])[];
}

interface Ways {
  readonly good: readonly Way[];
  readonly bad: readonly Way[];
}

const file = join(work, 'a-file');
const TWO = ['--host', 'guest', '--host', 'local'];
const ELSEWHERE = ['--guest-dir', join(work, 'guest')];
const NOWHERE = ['--host', `root@127.0.0.1:${refused}`];
const UNWRITABLE = ['--out', join(file, 'results')];
const MIRROR = ['--mirror', `http://127.0.0.1:${portOf(images)}`];
const CREATE = ['vm', 'create', '--provider', 'lima', '--image', 'ubuntu:24.04', ...MIRROR];
const DELETE = ['vm', 'delete'];

const way = (exits: number | readonly number[], ...args: string[]): Way => ({ args, exits: [exits].flat() });

/** Of every command one way that ends well at least, and one that does not. */
const WAYS: Readonly<Record<keyof typeof COMMANDS, Ways>> = {
  doctor: { good: [way(0)], bad: [way(2, '--nope')] },
  'remote:attach': {
    good: [
      {
        ...way(0, '--out', join(work, 'ended')),
        before: [['remote', 'run', '--host', 'local', '--out', join(work, 'ended')]],
      },
    ],
    bad: [way(2, 'no-such-run'), way(2, '--out', work, 'no-such-run')],
  },
  'remote:check': {
    good: [way(0, ...TWO), way(0, '--host', 'guest')],
    bad: [way(4, ...NOWHERE, '--host', 'local')],
  },
  'remote:clean': { good: [way(0, ...TWO, ...ELSEWHERE)], bad: [way(4, ...NOWHERE), way(2)] },
  'remote:drive': {
    good: [
      {
        ...way(0, '--host', 'guest', '--port', String(await freePort()), ...ELSEWHERE),
        answers: [['Ctrl-C', 'quit\r']],
      },
    ],
    bad: [
      { ...way(4, ...NOWHERE), answers: [['quit ends the session', 'quit\r']] },
      way(2, ...TWO),
      way(2, '--host', 'local', ...UNWRITABLE),
    ],
  },
  'remote:prepare': {
    good: [way([0, 3], '--dry-run', ...TWO)],
    bad: [way(2, '--yes', ...TWO, ...UNWRITABLE), way(4, '--dry-run', ...NOWHERE)],
  },
  'remote:revert': {
    good: [way(0, '--dry-run', ...TWO)],
    bad: [way(2, '--yes', ...TWO, ...UNWRITABLE), way(4, '--dry-run', ...NOWHERE)],
  },
  'remote:run': {
    good: [way(0, ...TWO, ...ELSEWHERE), way(0, '--host', 'guest', ...ELSEWHERE)],
    bad: [
      way(2, ...TWO, ...UNWRITABLE),
      way(2, '--host', 'guest', ...UNWRITABLE),
      way(4, ...TWO, ...NOWHERE, ...ELSEWHERE),
      way(2, '--host', 'local', '--scenario', 'no-such'),
      way(4, '--vm', 'nobody'),
    ],
  },
  'scenario:check': { good: [way(0, 'spike')], bad: [way(2, 'no-such')] },
  'scenario:list': { good: [way(0)], bad: [way(2, '--nope')] },
  'scenario:schema': { good: [way(0)], bad: [way(2, '--nope')] },
  'vm:create': {
    good: [{ ...way(0, ...CREATE.slice(2)), before: [DELETE] }],
    bad: [{ ...way(2, ...CREATE.slice(2)), before: [CREATE] }],
  },
  'vm:delete': { good: [{ ...way(0), before: [CREATE] }], bad: [way(4, 'nobody')] },
  'vm:list': { good: [{ ...way(0), before: [CREATE] }], bad: [way(2, '--nope')] },
  'vm:ssh': { good: [{ ...way([0, 255]), before: [CREATE, ['vm', 'start']] }], bad: [way(4, 'nobody')] },
  'vm:start': { good: [{ ...way(0), before: [CREATE] }], bad: [way(4, 'nobody')] },
  'vm:stop': { good: [{ ...way(0), before: [CREATE] }], bad: [way(4, 'nobody')] },
};

const env: Record<string, string> = {};
/** A limactl that only plays, so that the commands of VMs end well in seconds; ssh is greeted there, and no more. */
beforeAll(async () => {
  writeFileSync(file, '');
  const bin = join(work, 'bin');
  mkdirSync(bin);
  const tool = resolve(import.meta.dirname, '../provider/tool/fake-tool.js');
  chmodSync(tool, 0o755);
  symlinkSync(tool, join(bin, 'limactl'));
  Object.assign(env, {
    GCLAB_HOME: work,
    GCLAB_SSH_CONFIG: server.sshConfig,
    PATH: `${bin}:${process.env['PATH']}`,
    FAKE_TOOL_FOLDER: work,
    FAKE_PORT: String(portOf(greeter)),
  });
});
const EVERY = Object.keys(COMMANDS).flatMap((id) => {
  const ways = (WAYS as Readonly<Record<string, Ways>>)[id] ?? { good: [], bad: [] };
  return [...ways.good, ...ways.bad].flatMap((one) =>
    [true, false].flatMap((terminal) => [true, false].map((json) => ({ id, one, terminal, json }))),
  );
});

describe('every command', () => {
  it('has a way here that ends well, and one that does not', () => {
    expect(Object.keys(WAYS)).toEqual(Object.keys(COMMANDS));
    for (const { good, bad } of Object.values(WAYS))
      expect(Math.min(good.length, bad.length)).toBeGreaterThan(0);
  });

  const cases = EVERY.map((each) => {
    const args = [...each.id.split(':'), ...each.one.args, ...(each.json ? ['--json'] : [])];
    const title = args.join(' ').replaceAll(work, '…').replaceAll(String(refused), 'PORT');
    return { ...each, args, title: `${title} ${each.terminal ? 'on a terminal' : 'through pipes'}` };
  });

  it.each(cases)('leaves nothing open: $title', async ({ one, args, terminal, json }) => {
    for (const before of one.before ?? []) await gclab(before, { cwd: work, env });
    const place = { cwd: work, env, terminal, answers: one.answers ?? [] };
    const { exitCode, output, ...ending } = await endingOf(args, place);
    expect({
      ...ending,
      exitCode: one.exits.includes(exitCode ?? -1) ? one.exits : exitCode,
      output: '',
    }).toEqual({
      how: 'by itself',
      timers: 0,
      open: [],
      exitCode: one.exits,
      output: '',
    });
    if (json && !terminal) expect(() => JSON.parse(output)).not.toThrow();
  });
});
