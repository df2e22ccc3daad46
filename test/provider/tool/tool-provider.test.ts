import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Provider } from '../../../src/provider/provider.js';
import { lima } from '../../../src/provider/tool/lima.js';
import { multipass } from '../../../src/provider/tool/multipass.js';
import { ToolProvider } from '../../../src/provider/tool/tool-provider.js';
import { serve, sha256 } from '../images/published/web.js';
import { listen, placesIn, scratch } from '../support.js';

const MiB = 2 ** 20;
const spec = {
  name: 'vm1',
  image: 'ubuntu:24.04',
  memoryBytes: 768 * MiB,
  cpus: 3,
  kernelOptions: '',
  accelerator: null,
};

/** Something that greets as an sshd does. */
async function fakeSshd(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-fake\r\n')).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function fakeMirror(): Promise<string> {
  const content = randomBytes(100);
  return serve((request, response) => {
    response.end(
      request.url?.endsWith('SUMS')
        ? `${sha256(content)} *ubuntu-24.04-server-cloudimg-amd64.img\n`
        : content,
    );
  });
}

async function setUp(kind: 'lima' | 'multipass') {
  const home = await scratch();
  const bin = join(home, 'bin');
  await mkdir(bin);
  const fake = resolve(import.meta.dirname, 'fake-tool.js');
  await chmod(fake, 0o755);
  for (const name of ['limactl', 'multipass']) await symlink(fake, join(bin, name));
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env['PATH']}`,
    FAKE_TOOL_FOLDER: home,
    FAKE_PORT: String(await fakeSshd()),
  };
  const controller = { architecture: 'amd64' as const, platform: 'linux', ordinaryUser: null };
  const mirror = kind === 'lima' ? await fakeMirror() : undefined;
  const places = placesIn(home, { env, controller, mirror });
  const provider: Provider = new ToolProvider(kind === 'lima' ? lima(places) : multipass(places), places);
  const calls = async () =>
    (await readFile(join(home, 'calls'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { argv: string[]; stdin: string | null });
  return { home, places, provider, calls };
}

test('lima gets our verified image, the sizes, none of the host’s folders, and a script with our keys', async () => {
  const { home, provider, calls } = await setUp('lima');
  const vm = await provider.create(spec, listen());
  expect(vm).toMatchObject({
    name: 'vm1',
    provider: 'lima',
    state: 'stopped',
    reach: null,
    memoryBytes: 768 * MiB,
  });
  const create = (await calls()).find(({ argv }) => argv.includes('create'));
  expect(create?.argv).toEqual(['--tty=false', 'create', '--name=gclab-vm1', '-']);
  const configuration = JSON.parse(create?.stdin ?? '');
  expect(configuration).toMatchObject({ arch: 'x86_64', cpus: 3, memory: '768MiB', mounts: [] });
  expect(configuration.images[0].location).toMatch(new RegExp(`^${home}/images/`));
  const publicKey = await readFile(join(home, 'lima', 'vm1', 'id_ed25519.pub'), 'utf8');
  expect(configuration.provision[0].script).toContain(publicKey);
  expect(configuration.provision[0].script).not.toContain('update-grub');
});

test('a started VM of lima is reached over the port that lima says, with our key and our host key', async () => {
  const { home, provider } = await setUp('lima');
  await provider.create(spec, listen());
  const vm = await provider.start('vm1', listen());
  expect(vm).toMatchObject({ state: 'running', reach: { alias: 'vm1', host: '127.0.0.1', user: 'lab' } });
  const folder = join(home, 'lima', 'vm1');
  const hostKey = (await readFile(join(folder, 'host_key.pub'), 'utf8')).split(' ')[1];
  expect(await readFile(join(folder, 'known_hosts'), 'utf8')).toBe(
    `[127.0.0.1]:${vm.reach?.port} ssh-ed25519 ${hostKey}\n`,
  );
  expect(await provider.list(listen())).toEqual([vm]);
});

test('kernel options for lima take a first boot', async () => {
  const { provider, calls } = await setUp('lima');
  await provider.create({ ...spec, kernelOptions: 'swapaccount=0 x="a b"' }, listen());
  const verbs = (await calls()).map(({ argv }) => argv[1]);
  expect(verbs).toEqual(['list', 'create', 'start', 'stop']);
  const script = JSON.parse((await calls())[1]?.stdin ?? '').provision[0].script;
  expect(script).toContain('GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX swapaccount=0 x=\\"a b\\""');
});

test('multipass gets the release, the sizes, and our user and keys through cloud-init', async () => {
  const { provider, calls } = await setUp('multipass');
  await provider.create({ ...spec, kernelOptions: 'quiet' }, listen());
  const launch = (await calls()).find(({ argv }) => argv.includes('launch'));
  expect(launch?.argv.slice(0, 10)).toEqual([
    'launch',
    '24.04',
    '--name',
    'gclab-vm1',
    '--cpus',
    '3',
    '--memory',
    '768M',
    '--disk',
    '10G',
  ]);
  const userData = JSON.parse(launch?.stdin?.replace('#cloud-config\n', '') ?? '');
  expect(userData.users[0]).toBe('default');
  expect(userData.users[1]).toMatchObject({ name: 'lab', sudo: 'ALL=(ALL) NOPASSWD:ALL' });
  expect(userData.runcmd).toEqual([['update-grub']]);
  // It would never be done with launching a VM that powers off.
  expect(userData).not.toHaveProperty('power_state');
  expect((await calls()).at(-1)?.argv).toEqual(['stop', 'gclab-vm1']);
});

test('multipass is not given what it cannot do', async () => {
  const { provider } = await setUp('multipass');
  const creating = provider.create({ ...spec, image: 'bootstrap:bookworm' }, listen());
  await expect(creating).rejects.toMatchObject({ code: 'image-unknown', exitCode: 2 });
});

test.each(['lima', 'multipass'] as const)(
  'a creation that %s fails leaves nothing, neither there nor here',
  async (kind) => {
    const { home, provider, calls } = await setUp(kind);
    await writeFile(join(home, 'fail'), kind === 'lima' ? 'create' : 'launch');
    await expect(provider.create(spec, listen())).rejects.toMatchObject({ code: 'tool-failed' });
    expect(await provider.list(listen())).toEqual([]);
    expect((await calls()).map(({ argv }) => argv.join(' ')).at(-1)).toContain('delete');
    expect(JSON.parse(await readFile(join(home, 'state'), 'utf8'))).toEqual({});
    expect(await readdir(join(home, kind))).toEqual([]);
  },
);

test.each(['lima', 'multipass'] as const)(
  'what a killed gclab left half-made with %s is made anew',
  async (kind) => {
    const { home, provider } = await setUp(kind);
    await writeFile(join(home, 'state'), '{"gclab-vm1":false}');
    expect(await provider.list(listen())).toEqual([]);
    await provider.create(spec, listen());
    expect((await provider.list(listen())).map(({ name }) => name)).toEqual(['vm1']);
    await expect(provider.create(spec, listen())).rejects.toMatchObject({ code: 'vm-exists' });
  },
);

test.each(['lima', 'multipass'] as const)('stop, kill and delete of %s can be said twice', async (kind) => {
  const { provider, calls } = await setUp(kind);
  await provider.create(spec, listen());
  await provider.stop('vm1', listen());
  await provider.kill('vm1', listen());
  expect((await calls()).filter(({ argv }) => argv.includes('--force'))).toEqual([]);
  await provider.delete('vm1', listen());
  await provider.delete('vm1', listen());
  expect(await provider.list(listen())).toEqual([]);
  await expect(provider.stop('vm1', listen())).rejects.toMatchObject({ code: 'vm-unknown', exitCode: 4 });
});

test.each(['lima', 'multipass'] as const)(
  'a VM of %s whose record is damaged is listed, and can be deleted',
  async (kind) => {
    const { home, provider } = await setUp(kind);
    await provider.create(spec, listen());
    await writeFile(join(home, kind, 'vm1', 'vm.json'), '{"schema":1,"name":"vm1","cpus":0}');
    const damage = expect.stringContaining('cpus');
    expect(await provider.list(listen())).toEqual([
      { name: 'vm1', provider: kind, state: 'damaged', damage },
    ]);
    await expect(provider.start('vm1', listen())).rejects.toMatchObject({ code: 'vm-damaged' });
    await provider.delete('vm1', listen());
    expect(await provider.list(listen())).toEqual([]);
  },
);

test('a tool that is not installed is said to be missing', async () => {
  const home = await scratch();
  const places = placesIn(home, { env: { PATH: home } });
  const provider = new ToolProvider(multipass(places), places);
  expect(await provider.requirements(listen())).toMatchObject([{ met: false, fatal: true }]);
  await expect(provider.create(spec, listen())).rejects.toMatchObject({ code: 'tool-missing', exitCode: 3 });
});

test.each(['lima', 'multipass'] as const)(
  'an accelerator means nothing to %s, and is refused',
  async (kind) => {
    const { home, provider } = await setUp(kind);
    const refused = { code: 'bad-flag', exitCode: 2, message: expect.stringContaining('chooses its own') };
    await expect(provider.create({ ...spec, accelerator: 'tcg' }, listen())).rejects.toMatchObject(refused);
    const places = placesIn(home, { accelerator: { flag: 'tcg', setting: undefined } });
    const forced = new ToolProvider(kind === 'lima' ? lima(places) : multipass(places), places);
    await expect(forced.start('vm1', listen())).rejects.toMatchObject(refused);
  },
);

test('a VM of multipass that runs and has no address yet is waited for', async () => {
  const { home, provider } = await setUp('multipass');
  await provider.create(spec, listen());
  await writeFile(join(home, 'addresses'), '[["N/A"],[]]');
  const work = listen();
  // Its sshd would be on port 22.
  const starting = provider.start('vm1', { ...work, signal: AbortSignal.timeout(10_000) });
  await expect(starting).rejects.toMatchObject({ code: 'interrupted' });
  expect(await readFile(join(home, 'multipass', 'vm1', 'ssh_config'), 'utf8')).toContain(
    'HostName 127.0.0.1',
  );
  expect(work.told.map(({ doing }) => doing)).toContain('waiting for the address that multipass gives it');
});

test('a VM of multipass that never has an address is given up, and is listed without one', async () => {
  const { home, places, provider } = await setUp('multipass');
  await provider.create(spec, listen());
  await writeFile(join(home, 'addresses'), JSON.stringify(Array.from({ length: 50 }, () => ['N/A'])));
  const impatient = new ToolProvider(multipass(places), places, 1_500);
  await expect(impatient.start('vm1', listen())).rejects.toMatchObject({
    code: 'vm-start',
    message: expect.stringContaining('multipass says it runs, but not where'),
  });
  expect(await provider.list(listen())).toMatchObject([{ state: 'running', reach: null }]);
});

test.each(['lima', 'multipass'] as const)(
  'a %s that is installed and does not answer is told by what it says',
  async (kind) => {
    const { home, provider } = await setUp(kind);
    expect(await provider.requirements(listen())).toMatchObject([{ met: true }]);
    await writeFile(join(home, 'fail'), 'list');
    expect(await provider.requirements(listen())).toMatchObject([
      {
        met: false,
        fatal: true,
        detail: expect.stringMatching(/^it is installed and does not answer: .*list failed/),
      },
    ]);
  },
);
