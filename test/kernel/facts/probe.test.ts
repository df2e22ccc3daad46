import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { GclabError } from '../../../src/errors.js';
import { probe } from '../../../src/kernel/facts/probe.js';
import { OWN_MOUNTS } from '../../support/mounts.js';
import { shellsForFile } from '../../support/shells.js';
import { answering, fixture, here } from '../guests.js';

const SHELLS = shellsForFile();
const TIMEOUT = { timeoutMs: 20_000 };
const folder = mkdtempSync(join(tmpdir(), 'gclab-probe-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('facts of recorded guests', () => {
  test('Debian 12 as root', async () => {
    expect(await probe(answering(fixture('debian12-6.1-v2-root')), TIMEOUT)).toMatchObject({
      os: { kind: 'linux', name: 'Debian GNU/Linux 12 (bookworm)', id: 'debian', version: '12' },
      kernel: { release: '6.1.0-50-cloud-amd64', bootId: 'd1182dca-5899-4f8a-9df5-1b78559c0aa3' },
      architecture: { machine: 'x86_64', go: 'amd64' },
      cpus: 2,
      memoryBytes: 989248 * 1024,
      thp: 'always',
      psi: true,
      cgroup: {
        hierarchy: 'v2',
        memoryMount: '/sys/fs/cgroup',
        memory: true,
        swap: true,
        proof: 'probe',
        delegated: false,
      },
      container: null,
      virtualisation: 'qemu',
      privilege: 'root',
    });
  });

  test('Debian 12 without root: by files, with delegation', async () => {
    const facts = await probe(answering(fixture('debian12-6.1-v2-plain')), TIMEOUT);
    expect(facts.cgroup).toMatchObject({ memory: true, swap: true, proof: 'files', delegated: true });
    expect(facts).toMatchObject({ user: { name: 'plain', uid: 1001 }, privilege: 'sudo-password' });
  });

  test('Debian 11 with swapaccount=0: memory limited, swap not', async () => {
    const facts = await probe(answering(fixture('debian11-5.10-hybrid-swapaccount0-sudo')), TIMEOUT);
    expect(facts.cgroup).toMatchObject({ hierarchy: 'hybrid', memory: true, swap: false, proof: 'probe' });
  });
});

describe('an answer', () => {
  const good = fixture('debian12-6.1-v2-root');
  const read = async (stdout: string, ended = {}) => await probe(answering(stdout, ended), TIMEOUT);
  const refused = async (stdout: string, ended = {}) => {
    const error = await read(stdout, ended).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(GclabError);
    return error as GclabError;
  };

  test('that is none is refused with guest-answer', async () => {
    expect((await refused('', { exitCode: 127 })).message).toContain('exit 127');
  });

  test.each([
    ['an unknown key', 'gclab-end', 'evil\tyes\ngclab-end'],
    ['a number that is none', 'uid\t0', 'uid\t-1'],
    ['two of what there is one of', 'uid\t0', 'uid\t0\nuid\t0'],
    ['a word too long', 'machine\tx86_64', `machine\t${'x'.repeat(100)}`],
    ['a mount without its options', '\trw,nosuid', '\trw\trw,nosuid'],
  ])('with %s is refused', async (_, what, instead) => {
    expect((await refused(good.replace(what, instead))).code).toBe('guest-answer');
  });

  test('gives names as they are, whoever wrote them', async () => {
    const hostile = Buffer.from('ro\u001b[31mot\u202e é');
    const facts = await read(good.replace('user\troot', `user\t\\x${hostile.toString('hex')}`));
    expect(facts.user.name).toBe(hostile.toString());
  });

  test('may have a system that is called a book', async () => {
    const facts = await read(good.replace(/PRETTY_NAME=.*/, `PRETTY_NAME="${'x'.repeat(9_000)}"`));
    expect(facts.os.name).toMatch(/^"?x{900,1000}$/);
  });

  test.each(['cpus', 'memory-kib', 'swap-kib', 'page-bytes'])('may leave out %s', async (key) => {
    const without = new RegExp(`^${key}\t.*`, 'm');
    expect((await read(good.replace(without, `${key}\t`))).os.id).toBe('debian');
    expect((await read(good.replace(without, 'psi\tyes').replace('psi\tyes\n', ''))).os.id).toBe('debian');
  });

  test('mutilated anywhere gives facts or guest-answer, never another error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length), fc.nat(20), fc.string(), async (at, cut, put) => {
        const outcome = await read(good.slice(0, at) + put + good.slice(at + cut)).catch(
          (reason: unknown) => reason,
        );
        expect(outcome instanceof GclabError ? outcome.code : 'guest-answer').toBe('guest-answer');
      }),
      { numRuns: 300 },
    );
  });
});

describe('on this host, for real', () => {
  /** Root, or as much of it as a user namespace gives. */
  /** A new mount namespace where every cgroup file system is read-only. */
  const READ_ONLY_TREE = [
    ...OWN_MOUNTS,
    'sh',
    '-c',
    `grep -E ' - cgroup2? ' /proc/self/mountinfo | cut -d' ' -f5 | while read -r at; do mount -o remount,bind,ro "$at"; done
     exec "$@"`,
    'sh',
  ];

  test.each(SHELLS)('$name', async ({ path }) => {
    const facts = await probe(await here({ env: { PATH: `${path}:${process.env['PATH']}` } }), TIMEOUT);
    expect(facts.os.kind).toBe('linux');
    expect(facts.kernel.release).toBe(execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim());
    expect(facts.hostName).toBe(execFileSync('uname', ['-n'], { encoding: 'utf8' }).trim());
    expect(facts.cgroup.hierarchy).not.toBe('none');
    expect(facts.pageBytes).toBe(Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })));
    expect(facts.memoryBytes).toBeGreaterThan(2 ** 28);
    expect(facts.cpus).toBeGreaterThan(0);
  });

  test.each([
    ['carriage returns', 'NAME="Deb"\r\nID=deb\r\nPRETTY_NAME="Deb 1"\r\nVERSION_ID="1"\r\n', 'Deb 1'],
    [
      'tabs, quotes and bytes that are no text',
      'ID=deb\nPRETTY_NAME="D\t\'e\' \xff\u001b[2J\x07"\n',
      "D\t'e' \ufffd\u001b[2J\x07",
    ],
    ['a NUL and no last line end', 'ID=deb\nPRETTY_NAME="De\0b"', 'Deb'],
    ["the answer's own marks", 'ID=deb\nPRETTY_NAME="x"\ngclab-end\tdone\ngclab-answer\tprobe\n', 'x'],
    ['5,000 lines', `${'ID_LIKE=x\n'.repeat(5_000)}`, undefined],
    ['200 names', `${'ID=deb\n'.repeat(150)}PRETTY_NAME=Deb\n`, 'Deb'],
    ['a line of 10 MB', `ID=deb\nPRETTY_NAME="${'y'.repeat(10_000_000)}"\n`, undefined],
  ])('where os-release has %s', async (_, text, name) => {
    writeFileSync(join(folder, 'os-release'), text, 'latin1');
    const within = [
      ...OWN_MOUNTS,
      'sh',
      '-c',
      'mount --bind "$0" /etc/os-release && exec "$@"',
      join(folder, 'os-release'),
    ];
    const facts = await probe(await here({ within }), TIMEOUT);
    expect(facts.kernel.release).not.toBe('');
    if (name !== undefined) expect(facts.os).toMatchObject({ id: 'deb', name });
  });

  test('nothing is left behind', async () => {
    const { cgroup } = await probe(await here(), TIMEOUT);
    expect(
      readdirSync(cgroup.memoryMount as string).filter((name) => name.startsWith('gclab-probe')),
    ).toEqual([]);
  });

  test('in a read-only cgroup tree', async () => {
    const facts = await probe(await here({ within: READ_ONLY_TREE }), TIMEOUT);
    expect(facts.cgroup).toMatchObject({ readOnly: true, proof: 'files' });
  });

  test('in a tree that is mounted over a read-only one', async () => {
    const { cgroup } = await probe(await here(), TIMEOUT);
    const mount = cgroup.memoryMount as string;
    const twice =
      'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && mount --bind "$1" "$0" && shift && exec "$@"';
    const within = [...OWN_MOUNTS, 'sh', '-c', `mount --bind "$0" /mnt && ${twice}`, mount, '/mnt'];
    const facts = await probe(await here({ within }), TIMEOUT);
    expect(facts.cgroup).toMatchObject({ readOnly: false, refused: null, proof: 'probe' });
  });

  test('where a writable tree lets no cgroup be made', async () => {
    const tools = mkdtempSync(join(folder, 'tools-'));
    const said = "mkdir: cannot create directory 'x': Resource temporarily unavailable";
    writeFileSync(join(tools, 'mkdir'), `#!/bin/sh\necho "${said}" >&2\nexit 1\n`, { mode: 0o755 });
    const facts = await probe(await here({ env: { PATH: `${tools}:${process.env['PATH']}` } }), TIMEOUT);
    expect(facts.cgroup).toMatchObject({ readOnly: false, refused: said, proof: 'files' });
  });

  test('as someone without any right', async () => {
    const within =
      process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const facts = await probe(await here({ within }), TIMEOUT);
    expect(facts.user.uid).toBe(within.length > 0 ? 65534 : process.getuid?.());
    expect(facts.privilege).not.toBe('root');
  });

  test.each([
    ['Darwin', 'darwin'],
    ['FreeBSD', 'bsd'],
    ['SunOS', 'other'],
  ])('where uname says %s', async (system, kind) => {
    writeFileSync(join(folder, 'uname'), `#!/bin/sh\necho ${system} 1.2 x86_64\n`, {
      mode: 0o755,
    });
    const facts = await probe(await here({ env: { PATH: `${folder}:${process.env['PATH']}` } }), TIMEOUT);
    expect(facts).toMatchObject({ os: { kind }, cgroup: { hierarchy: 'none', memory: false } });
  });

  test('with an empty PATH', async () => {
    expect((await probe(await here({ shell: ['/bin/sh'], env: { PATH: '' } }), TIMEOUT)).os.kind).toBe(
      'linux',
    );
  });
});
