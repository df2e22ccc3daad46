import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vm } from '../../src/provider/provider.js';
import type { RunDocument } from '../../src/results/run-folder.js';
import type { ProviderReport } from '../../src/workflows/vm/vm.js';
import { type CliOptions, type CliResult, gclab } from '../support/cli.js';
import { startInTerminal } from '../support/terminal/terminal.js';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** Short: sockets lie in it. */
const home = mkdtempSync(join(tmpdir(), 'gl-'));
const env = { GCLAB_HOME: home };
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const imageFile = `ubuntu-24.04-server-cloudimg-${architecture}.img`;
let mirror: Server;
let address: string;

/** A mirror of Ubuntu's images whose one image is an empty disk: enough for everything short of a start. */
beforeAll(async () => {
  const disk = join(home, 'empty.qcow2');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '1M']);
  const content = readFileSync(disk);
  const sums = `${createHash('sha256').update(content).digest('hex')} *${imageFile}\n`;
  mirror = createServer((request, response) => {
    response.end(request.url?.endsWith('SHA256SUMS') ? sums : content);
  }).listen(0, '127.0.0.1');
  await once(mirror, 'listening');
  address = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
});
afterAll(() => {
  mirror.close();
  rmSync(home, { recursive: true });
});

const run = (args: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
  gclab(args, { cwd: home, ...options, env: { ...env, ...options.env } });

interface Failure {
  readonly exitCode: number | null;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

async function failure(args: readonly string[], options: CliOptions = {}): Promise<Failure> {
  const [topic = '', verb = '', ...rest] = args;
  const { exitCode, stdout, stderr } = await run([topic, verb, '--json', ...rest], options);
  expect(stderr).not.toMatch(/^\s+at .*\(/m);
  return { exitCode, ...(JSON.parse(stdout) as { error: Omit<Failure, 'exitCode'> }).error };
}

const list = async (): Promise<Vm[]> => JSON.parse((await run(['vm', 'list', '--json'])).stdout) as Vm[];
const create = (name: string, ...more: string[]): Promise<CliResult> =>
  run(['vm', 'create', name, '--image', 'ubuntu:24.04', '--mirror', address, ...more]);

it('draws a bar on a terminal while an image comes', async () => {
  const content = Buffer.alloc(4_000_000, 'x');
  const sums = `${createHash('sha256').update(content).digest('hex')} *${imageFile}\n`;
  const halfway = createServer((request, response) => {
    if (request.url?.endsWith('SHA256SUMS')) return void response.end(sums);
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, content.length / 2));
  }).listen(0, '127.0.0.1');
  await once(halfway, 'listening');
  const url = `http://127.0.0.1:${(halfway.address() as AddressInfo).port}`;
  const argv = [process.execPath, RUN, 'vm', 'create', 'two', '--image', 'ubuntu:24.04', '--mirror', url];
  const folder = mkdtempSync(join(tmpdir(), 'gl-'));
  const terminal = startInTerminal(argv, folder);
  await terminal.shows(/━{10}─{10} {2}downloading ubuntu:24\.04 50 % of 3\.8 MiB/);
  terminal.type('\u0003');
  expect(await terminal.exitCode()).toBe(130);
  halfway.closeAllConnections();
  halfway.close();
  expect(readdirSync(join(folder, 'images'))).toEqual(['parts']);
  rmSync(folder, { recursive: true });
});

describe('a VM', () => {
  it('is made, shown in one line, and a second one of its name is refused', async () => {
    expect((await run(['vm', 'list'])).stdout).toContain('no VM yet: gclab vm create');
    const made = await create('one', '--memory', '300MiB', '--cpus', '3');
    expect([made.exitCode, made.stderr]).toEqual([0, expect.stringContaining('of its own over')]);
    const line = (await run(['vm', 'list'])).stdout.trim();
    expect(line).toMatch(/^one {2}stopped {2}qemu {2,}ubuntu:24\.04 {2}3 CPUs {2}300 MiB$/);
    expect(await list()).toMatchObject([{ name: 'one', state: 'stopped', reach: null, cpus: 3 }]);
    const twice = ['vm', 'create', 'one', '--image', 'ubuntu:24.04', '--mirror', address];
    expect(await failure(twice)).toMatchObject({ exitCode: 2, code: 'vm-exists' });
    expect(await list()).toHaveLength(1);
  });

  it('is shown on two lines where a terminal is narrow', async () => {
    const listed = `stty cols 40; export GCLAB_HOME=${home}; exec ${process.execPath} ${RUN} vm list`;
    const terminal = startInTerminal(['sh', '-c', listed], home);
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.written.split('\r\n').slice(0, 2)).toEqual([
      'one  stopped',
      '  qemu · ubuntu:24.04 · 3 CPUs · 300 MiB',
    ]);
  });

  it('whose record is damaged is shown beside the others, and can only be deleted', async () => {
    await create('broken');
    writeFileSync(join(home, 'vms', 'broken', 'vm.json'), '{"schema":1,"name":"\\u001b[2J');
    const { exitCode, stdout } = await run(['vm', 'list']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('broken  damaged  qemu  vm.json is damaged: it is no JSON\n');
    expect(stdout).toMatch(/^one +stopped +qemu/m);
    for (const verb of ['start', 'stop', 'ssh']) {
      expect(await failure(['vm', verb, 'broken'])).toMatchObject({
        exitCode: 4,
        code: 'vm-damaged',
        hint: expect.stringContaining('gclab vm delete broken'),
      });
    }
    expect((await run(['vm', 'delete', 'broken'])).exitCode).toBe(0);
    expect(readdirSync(join(home, 'vms'))).toEqual(['one']);
  });

  it('that is stopped may be stopped again, and says how to be started when it is to be reached', async () => {
    for (const cut of [[], ['--cut-power']])
      expect((await run(['vm', 'stop', 'one', ...cut])).exitCode).toBe(0);
    expect(await failure(['vm', 'ssh', 'one'])).toMatchObject({
      exitCode: 3,
      code: 'not-ready',
      hint: expect.stringContaining('gclab vm start one'),
    });
  });

  it('is not taken for one of another image where no host is named', async () => {
    await create('gclab');
    const other = ['remote', 'run', '--image', 'bootstrap:sid'];
    expect(await failure(other)).toMatchObject({
      exitCode: 2,
      code: 'vm-exists',
      message: expect.stringContaining('ubuntu:24.04'),
      hint: expect.stringContaining('gclab vm delete gclab'),
    });
  });

  it('goes with everything that was its own, and once only', async () => {
    expect((await run(['vm', 'delete', 'one'])).exitCode).toBe(0);
    expect((await run(['vm', 'delete', 'gclab'])).exitCode).toBe(0);
    expect(readdirSync(join(home, 'vms'))).toEqual([]);
    expect(await failure(['vm', 'delete', 'one'])).toMatchObject({ exitCode: 4, code: 'vm-unknown' });
  });

  it('that nobody made is unknown to every command, except that it may be stopped --if-there', async () => {
    for (const verb of ['start', 'stop', 'delete', 'ssh']) {
      expect(await failure(['vm', verb, 'nobody'])).toMatchObject({
        exitCode: 4,
        code: 'vm-unknown',
        hint: expect.stringContaining('gclab vm create nobody'),
      });
    }
    expect((await run(['vm', 'stop', 'nobody', '--if-there'])).exitCode).toBe(0);
  });
});

describe('wrong usage', () => {
  it.each(['../x', 'Upper', 'a b', 'x'.repeat(300), '$(id)', 'new\nline', ''])(
    '%j is no name of a VM, whatever is to be done with it',
    async (name) => {
      for (const verb of ['create', 'start', 'stop', 'delete', 'ssh'])
        expect(await failure(['vm', verb, '--', name])).toMatchObject({ exitCode: 2, code: 'vm-name' });
      expect(readdirSync(home)).not.toContain('x');
    },
  );

  it.each([
    [['-rf'], 'bad-flag'],
    [['--memory', '0'], 'bad-flag'],
    [['--memory', '16MiB'], 'bad-flag'],
    [['--memory', '900TiB'], 'bad-flag'],
    [['--cpus', '0'], 'bad-flag'],
    [['--cpus', '1000000'], 'bad-flag'],
    [['--cpus', 'many'], 'bad-flag'],
    [['--provider', 'cloud'], 'bad-flag'],
    [['--accelerator', 'warp'], 'bad-flag'],
    [['--provider', 'lima', '--accelerator', 'tcg'], 'bad-flag'],
    [['--mirror', 'no address'], 'bad-flag'],
    [['--mirror', 'deb [trusted=yes] http://x y'], 'bad-flag'],
    [['--image', 'ubuntu'], 'image-unknown'],
  ])('vm create %j is refused before anything is made', async (flags, code) => {
    expect(await failure(['vm', 'create', 'x', ...flags])).toMatchObject({ exitCode: 2, code });
    expect(await list()).toEqual([]);
  });

  it('a setting that names no accelerator is said, by every command that could need it', async () => {
    const env = { GCLAB_ACCELERATOR: 'warp' };
    const said = expect.stringContaining('GCLAB_ACCELERATOR="warp"');
    for (const args of [
      ['vm', 'start', 'x'],
      ['remote', 'run'],
    ]) {
      const failed = await failure(args, { env });
      expect(failed).toMatchObject({ exitCode: 2, code: 'bad-flag', message: said });
      expect(failed.hint).toContain('kvm, hvf, tcg');
    }
    const checked = await run(['remote', 'check', '--vm', 'x', '--json'], { env });
    expect([checked.exitCode, checked.stdout]).toEqual([2, expect.stringContaining('GCLAB_ACCELERATOR')]);
  });

  it.each(['ubuntu:23.10', 'debian:7', 'fedora:40', 'bootstrap:jessie'])(
    'an image that is not to be had is answered with those that are: %s',
    async (image) => {
      const failed = await failure(['remote', 'run', '--image', image]);
      expect(failed).toMatchObject({ exitCode: 2, code: 'image-unknown' });
      const known = image.startsWith('bootstrap')
        ? ['bullseye']
        : ['ubuntu:18.04', 'ubuntu:26.04', 'debian:12'];
      for (const one of [...known, 'trixie']) expect(failed.hint).toContain(one);
    },
  );
});

describe('what goes wrong', () => {
  it('with a mirror is said with its address, and no other host is taken for the image that was asked for', async () => {
    const asked = ['remote', 'run', '--image', 'ubuntu:24.04', '--mirror', 'http://127.0.0.1:1'];
    // Elsewhere, where no image was fetched before.
    const failed = await failure(asked, { env: { GCLAB_HOME: join(home, 'elsewhere') } });
    expect(failed).toMatchObject({
      exitCode: 5,
      code: 'download-failed',
      message: expect.stringContaining('http://127.0.0.1:1/24.04/release/SHA256SUMS'),
      hint: expect.stringContaining('--mirror'),
    });
  });

  it('with the VM that nobody asked for by name is said, and this machine is used', async () => {
    const args = ['remote', 'run', '--mirror', 'http://127.0.0.1:1', '--json'];
    const { exitCode, stdout, stderr } = await run(args, { env: { GCLAB_HOME: join(home, 'other') } });
    expect(stderr).toMatch(
      /no VM can be had here \(.*127\.0\.0\.1:1.*\): using this machine, as --host local does/,
    );
    const [target] = (JSON.parse(stdout) as RunDocument).targets;
    expect([exitCode, target]).toMatchObject([0, { id: 'local', verdict: { kind: 'oom-killed' } }]);
  });

  it('with one provider is said, beside the VMs of the others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gl-'));
    const broken = join(folder, 'multipass');
    writeFileSync(broken, '#!/bin/sh\necho "cannot connect to the multipass socket" >&2\nexit 2\n', {
      mode: 0o755,
    });
    mkdirSync(join(folder, 'home', 'multipass', 'theirs'), { recursive: true });
    const env = { PATH: `${folder}:${process.env['PATH']}`, GCLAB_HOME: join(folder, 'home') };
    const listed = await run(['vm', 'list', '--json'], { env });
    expect([listed.exitCode, JSON.parse(listed.stdout)]).toEqual([5, []]);
    expect(listed.stderr).toMatch(/not all VMs are listed: .*cannot connect to the multipass socket/);
    const { stdout } = await run(['doctor'], { env });
    expect(stdout).toMatch(/✗ multipass: it is installed and does not answer: .*cannot connect/);
    rmSync(folder, { recursive: true });
  });

  it('with the home folder is said with what to set', async () => {
    const file = join(home, 'a-file');
    writeFileSync(file, '');
    expect(await failure(['vm', 'list'], { env: { GCLAB_HOME: join(file, 'home') } })).toMatchObject({
      exitCode: 2,
      code: 'home-not-writable',
      hint: expect.stringContaining('GCLAB_HOME'),
    });
  });

  it('for want of tools names them, and ssh as well', async () => {
    const failed = await failure(['vm', 'create', 'x'], { env: { PATH: '/nowhere' } });
    expect(failed).toMatchObject({ exitCode: 3, code: 'tool-missing' });
    expect(failed.hint).toContain('gclab doctor');
    expect(await failure(['vm', 'ssh', 'x'], { env: { PATH: '/nowhere' } })).toMatchObject({
      exitCode: 3,
      code: 'tool-missing',
      hint: expect.stringContaining('openssh-client'),
    });
  });
});

describe('doctor', () => {
  const examine = async (PATH: string): Promise<readonly ProviderReport[]> => {
    const { exitCode, stdout } = await run(['doctor', '--json'], { env: { PATH } });
    expect(exitCode).toBe(0);
    return (JSON.parse(stdout) as { providers: ProviderReport[] }).providers;
  };

  it('says of each provider what is there and what to install, to people and as JSON', async () => {
    const providers = await examine('/nowhere');
    expect(providers.map(({ provider, usable }) => [provider, usable])).toEqual([
      ['qemu', false],
      ['lima', false],
      ['multipass', false],
    ]);
    const all = providers.flatMap(({ requirements }) => requirements);
    for (const { met, detail } of all.filter(({ description }) => description !== 'hardware virtualisation'))
      expect(met || /install/.test(detail), detail).toBe(true);
    const { stdout } = await run(['doctor'], { env: { PATH: '/nowhere' } });
    expect(stdout).toContain('qemu: cannot make VMs here');
    expect(stdout).toMatch(/✗ mmdebstrap, to build bootstrap images: apt-get install mmdebstrap/);
  });

  it('says that the home folder is none, and tries nothing in it', async () => {
    const file = join(home, 'no-folder');
    writeFileSync(file, '');
    const { exitCode, stdout } = await run(['doctor'], { env: { GCLAB_HOME: join(file, 'home') } });
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(
        /cannot make VMs here[\s\S]*✗ a home folder with room for VMs: .*no-folder cannot be .* set GCLAB_HOME/,
      ),
    ]);
    expect(stdout).toContain('✗ hardware virtualisation: not tried');
  });

  it('finds here what the tests of VMs need', async () => {
    const [qemu] = await examine(process.env['PATH'] ?? '');
    expect(qemu).toMatchObject({ provider: 'qemu', usable: true });
    expect(qemu?.requirements.filter(({ met, fatal }) => fatal && !met)).toEqual([]);
  });
});
