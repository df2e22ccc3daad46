import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDocument, TargetRecord } from '../../src/results/run-folder.js';
import { type CliOptions, gclab } from '../support/cli.js';
import { behind } from '../support/line.js';
import { type Sshd, startSshd } from '../support/sshd.js';
import type { TcpProxy } from '../support/tcp-proxy.js';

/** Long enough to be cut in the middle, and each of its additions can be counted. */
const SCENARIO = `
steps:
  - add 1MiB
  - repeat 40 { add 64KiB; wait 20ms }
expect: { verdict: survived }
`;
const ADDITIONS = 41;

let server: Sshd;
let work: string;
let scenario: string;
beforeAll(async () => {
  server = await startSshd();
  work = await mkdtemp(join(tmpdir(), 'gclab-lockstep-'));
  scenario = join(work, 'scenario.yaml');
  await writeFile(scenario, SCENARIO);
});
afterAll(async () => {
  await server.stop();
  await rm(work, { recursive: true });
});

interface Pair {
  readonly line: TcpProxy;
  readonly document: RunDocument;
  readonly exitCode: number | null;
  readonly near: TargetRecord;
  readonly far: TargetRecord;
}

/** Two names of one guest, in step: `near`, and `far` behind a line; `act` once `far` is in the middle of it. */
async function together(act: (line: TcpProxy) => unknown, ...args: string[]): Promise<Pair> {
  const far = await behind(server, 0, 'far');
  const config = join(work, `ssh_config-${far.line.port}`);
  const near = (await readFile(server.sshConfig, 'utf8')).replace('Host guest', 'Host near');
  await writeFile(config, near + (await readFile(far.sshConfig, 'utf8')));
  let acted = false;
  const onStderr: CliOptions['onStderr'] = (soFar) => {
    if (acted || !soFar.includes('far: follow: trial 1, step 2: wait')) return;
    acted = true;
    void act(far.line);
  };
  const where = [
    '--ssh-config',
    config,
    '--host',
    'near',
    '--host',
    'far',
    '--guest-dir',
    join(work, 'guest'),
  ];
  const all = ['remote', 'run', ...where, '--scenario', scenario, '--lockstep', '--json', ...args];
  const { stdout, exitCode } = await gclab(all, { cwd: work, onStderr });
  await far.line.stop();
  const document = JSON.parse(stdout) as RunDocument;
  const [first, other] = document.targets;
  if (first === undefined || other === undefined) throw new Error(stdout);
  return { line: far.line, document, exitCode, near: first, far: other };
}

interface Line {
  readonly type: string;
  readonly route?: string;
  readonly status?: number;
}

async function additions({ document }: Pair, record: TargetRecord): Promise<number> {
  const journal = await readFile(join(document.run.dir, record.folder, 'journal.ndjson'), 'utf8');
  const lines = journal
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
  return lines.filter(({ type, route, status }) => type === 'request' && route === '/add' && status === 200)
    .length;
}

const WHOLE = { outcome: 'completed', verdict: { kind: 'survived' }, expectationHeld: true };

describe('gclab remote run --lockstep', () => {
  it('drives two names of one guest, each with a program, a port and a journal of its own', async () => {
    const pair = await together(() => {});
    expect(pair.near).toMatchObject(WHOLE);
    expect(pair.far).toMatchObject(WHOLE);
    expect(await additions(pair, pair.near)).toBe(ADDITIONS);
    expect(await additions(pair, pair.far)).toBe(ADDITIONS);
    expect(pair.exitCode).toBe(0);
  });

  it.each([
    ['drops in the middle', (line: TcpProxy) => line.cut()],
    [
      'loses what was sent, then drops',
      async (line: TcpProxy) => {
        line.silence();
        await sleep(200);
        line.cut();
      },
    ],
  ])('does every step once where the line %s', async (_, act) => {
    const pair = await together(act);
    expect(pair.line.connections).toBeGreaterThan(1);
    expect(pair.near).toMatchObject(WHOLE);
    expect(pair.far).toMatchObject(WHOLE);
    expect(await additions(pair, pair.far)).toBe(ADDITIONS);
    expect(pair.exitCode).toBe(0);
  });

  it('holds nobody up for one that is gone for good, and says what is left there', async () => {
    const pair = await together((line) => line.stop(), '--reconnect', '2s');
    expect(pair.near).toMatchObject(WHOLE);
    expect(await additions(pair, pair.near)).toBe(ADDITIONS);
    expect(pair.far).toMatchObject({ expectationHeld: null, guest: { left: true } });
    expect(pair.far.outcome).not.toBe('completed');
    expect(pair.exitCode).toBe(5);
    const where = ['--ssh-config', server.sshConfig, '--host', 'guest', '--guest-dir', join(work, 'guest')];
    expect((await gclab(['remote', 'clean', ...where], { cwd: work })).exitCode).toBe(0);
  });
});
