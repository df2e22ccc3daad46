import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostTarget } from '../../../src/inventory/targets.js';
import type { ConnectSettings } from '../../../src/model.js';
import type { Endpoint } from '../../../src/transport/config/endpoint.js';
import { type Addressed, resolveEndpoint } from '../../../src/transport/config/resolve-endpoint.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gclab-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function addressed(name: string, configFile?: string): Addressed {
  const { ssh } = hostTarget(name, configFile);
  if (ssh === null) throw new Error(`${name} has no address`);
  return { name, ssh };
}

function resolve(name: string, config: string, env: ConnectSettings['env'] = process.env): Promise<Endpoint> {
  const configFile = join(folder, 'config');
  writeFileSync(configFile, config);
  return resolveEndpoint(addressed(name, configFile), {
    acceptNew: false,
    connectTimeoutMs: 1_000,
    keepaliveMs: 0,
    env,
  });
}

describe('an alias of ssh_config', () => {
  it('has its HostName, Port and User', async () => {
    const endpoint = await resolve('vm1', 'Host vm1\n HostName 192.0.2.7\n Port 2222\n User lab\n');
    expect(endpoint).toMatchObject({
      host: '192.0.2.7',
      port: 2222,
      user: 'lab',
      keyName: '[192.0.2.7]:2222',
      route: { kind: 'direct' },
    });
  });

  it('gives way to user and port of the command line, also in Match', async () => {
    const config = 'Host vm1\n Port 2222\n User lab\nMatch user other\n HostName 192.0.2.9\n';
    expect(await resolve('other@vm1:23', config)).toMatchObject({
      host: '192.0.2.9',
      port: 23,
      user: 'other',
    });
  });

  it('may come from an included file and from Match exec', async () => {
    writeFileSync(join(folder, 'more'), 'Host vm2\n HostName 192.0.2.8\n');
    const config = `Include ${folder}/more\nMatch host 192.0.2.8 exec "true"\n Port 2200\n`;
    expect(await resolve('vm2', config)).toMatchObject({ host: '192.0.2.8', port: 2200 });
  });

  it('has its tokens, ~ and variables expanded in IdentityFile and IdentityAgent', async () => {
    const config =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of ssh_config
      'Host vm1\n HostName h.example\n Port 22\n User lab\n IdentityFile ~/a_%h_%r_%p_%n_%u_%%\n IdentityFile "%d/b c_%l_%i"\n IdentityFile ${KEYS}/d\n IdentityAgent ~/agent_%n\n';
    const me = userInfo();
    const home = me.homedir;
    const endpoint = await resolve('vm1', config, { ...process.env, KEYS: '/keys' });
    expect(endpoint.identityFiles).toEqual([
      `${home}/a_h.example_lab_22_vm1_${me.username}_%`,
      `${home}/b c_${hostname()}_${me.uid}`,
      '/keys/d',
    ]);
    expect(endpoint.agentSocket).toBe(`${home}/agent_vm1`);
  });

  it.each([
    ['', '/from/env'],
    ['IdentityAgent none', undefined],
    ['IdentityAgent $MY_AGENT', '/mine'],
    ['IdentityAgent SSH_AUTH_SOCK', '/from/env'],
  ])('finds the agent by %j', async (line, socket) => {
    const env = { ...process.env, SSH_AUTH_SOCK: '/from/env', MY_AGENT: '/mine' };
    expect((await resolve('vm1', `Host vm1\n ${line}\n`, env)).agentSocket).toBe(socket);
  });

  it('has all its known_hosts files, user files first, also with spaces', async () => {
    const config = 'Host vm1\n UserKnownHostsFile "/a b/one" /two\n GlobalKnownHostsFile /three\n';
    expect((await resolve('vm1', config)).knownHostsFiles).toEqual(['/a b/one', '/two', '/three']);
  });

  it('is known to known_hosts by HostKeyAlias, without a port', async () => {
    expect((await resolve('vm1', 'Host vm1\n Port 2222\n HostKeyAlias the-vm\n')).keyName).toBe('the-vm');
  });

  it.each([
    ['yes', 'yes'],
    ['ask', 'ask'],
    ['accept-new', 'accept-new'],
    ['no', 'no'],
    ['off', 'no'],
  ])('says StrictHostKeyChecking %s', async (value, strict) => {
    expect((await resolve('vm1', `Host vm1\n StrictHostKeyChecking ${value}\n`)).strict).toBe(strict);
  });

  it('is reached through its jump hosts, each with its own settings', async () => {
    const config =
      'Host vm1\n ProxyJump j1,lab@j2:2200,[::1]:2201\nHost j1\n HostName 192.0.2.1\n User jumper\nHost j2\n Port 99\n';
    const { route } = await resolve('vm1', config);
    expect(route).toMatchObject({
      kind: 'jump',
      hops: [
        { host: '192.0.2.1', user: 'jumper', port: 22 },
        { host: 'j2', user: 'lab', port: 2200 },
        { host: '::1', port: 2201 },
      ],
    });
  });

  it('is reached through the jump host of its jump host', async () => {
    const { route } = await resolve('vm1', 'Host vm1\n ProxyJump j1\nHost j1\n ProxyJump j0\n');
    expect(route).toMatchObject({ kind: 'jump', hops: [{ host: 'j0' }, { host: 'j1' }] });
  });

  it('is an error where it jumps through itself', async () => {
    await expect(resolve('vm1', 'Host vm1\n ProxyJump j1\nHost j1\n ProxyJump vm1\n')).rejects.toMatchObject({
      code: 'ssh-config',
      exitCode: 4,
    });
  });

  it('has the tokens of its ProxyCommand expanded', async () => {
    const { route } = await resolve(
      'vm1',
      'Host vm1\n HostName h.example\n Port 2222\n ProxyCommand nc %h %p\n',
    );
    expect(route).toEqual({ kind: 'command', command: 'nc h.example 2222' });
  });
});

describe('an ssh_config that cannot be used', () => {
  it('is an error that repeats what ssh says of it', async () => {
    const failing = resolve('vm1', 'Host vm1\n Prot 22\n');
    await expect(failing).rejects.toMatchObject({ code: 'ssh-config', exitCode: 4 });
    await expect(failing).rejects.toThrow(/config.*line 2: Bad configuration option: prot/);
  });

  it('is an error where it is missing', async () => {
    const settings = { acceptNew: false, connectTimeoutMs: 1_000, keepaliveMs: 0, env: process.env };
    await expect(resolveEndpoint(addressed('vm1', '/nonexistent'), settings)).rejects.toThrow(
      /\/nonexistent/,
    );
  });
});

describe('without an ssh program', () => {
  const env = { PATH: '/nonexistent', HOME: '/elsewhere' };
  const ssh = `${userInfo().homedir}/.ssh`;
  const settings = { acceptNew: false, connectTimeoutMs: 1_000, keepaliveMs: 0, env };

  it('the defaults of OpenSSH hold', async () => {
    expect(await resolveEndpoint(addressed('lab@h:2222'), settings)).toMatchObject({
      host: 'h',
      port: 2222,
      user: 'lab',
      knownHostsFiles: [
        `${ssh}/known_hosts`,
        `${ssh}/known_hosts2`,
        '/etc/ssh/ssh_known_hosts',
        '/etc/ssh/ssh_known_hosts2',
      ],
      identityFiles: ['rsa', 'ecdsa', 'ed25519'].map((type) => `${ssh}/id_${type}`),
      strict: 'ask',
    });
  });

  it('a file that was asked for is an error, since nobody reads it', async () => {
    await expect(resolveEndpoint(addressed('h', '/x'), settings)).rejects.toMatchObject({
      code: 'ssh-config',
      hint: expect.stringContaining('openssh-client'),
    });
  });
});
