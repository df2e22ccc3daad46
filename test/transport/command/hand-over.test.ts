import { expect, test } from 'vitest';
import type { Account } from '../../support/ssh/accounts.js';
import { open, start } from '../for-test.js';

const isRoot = process.getuid?.() === 0;
const BYTES = Buffer.from(Array.from({ length: 20_000 }, (_, index) => index % 256));

/** Start-up files that read what is meant for the command. */
const GREEDY = {
  'a line': 'read -r choice\n',
  'a line, twice, and talks': 'echo "Which one?"; read -r one; echo "really?" >&2; read -r two\n',
  'three thousand bytes': 'head -c 3000 >/dev/null\n',
  'a character': 'read -r -n 1 key\n',
  'nothing, slowly': 'sleep 1.2; echo "at last"\n',
};

function ada(bashrc: string, more: Partial<Account> = {}): Account {
  return { name: 'ada', password: 'secret', home: { '.bashrc': bashrc }, ...more };
}

test.skipIf(!isRoot).each(['ssh2', 'openssh'] as const)(
  'by %s a command gets its stdin whole, whatever the start-up file of its shell reads',
  async (program) => {
    await Promise.all(
      Object.values(GREEDY).map(async (bashrc) => {
        const guest = await open(await start({ accounts: [ada(bashrc)] }), { program });
        const { stdout, exitCode } = await guest.exec(['sh', '-c', 'cat | od -An -v -tx1 | tr -d " \n"'], {
          stdin: BYTES,
        });
        expect([exitCode, stdout.trim().split('\n').at(-1)], bashrc).toEqual([0, BYTES.toString('hex')]);
        const stream = await guest.stream(['cat']);
        stream.stdin.end('{"a":1}\n');
        const chunks: Buffer[] = [];
        for await (const chunk of stream.stdout) chunks.push(chunk as Buffer);
        expect(Buffer.concat(chunks).toString(), bashrc).toMatch(/(^|\n|\?)\{"a":1\}\n$/);
      }),
    );
  },
);

test.skipIf(!isRoot)('sudo is not given the blank lines for a password', async () => {
  const account = ada('read -r choice; head -c 100 >/dev/null\n', { sudo: 'password' });
  const guest = await open(await start({ accounts: [account] }));
  guest.setPrivilege('sudo-password', 'secret');
  expect(await guest.exec(['sh', '-c', 'id -u; cat'], { asRoot: true, stdin: 'in\n' })).toMatchObject({
    exitCode: 0,
    stdout: '0\nin\n',
  });
});

test.skipIf(!isRoot)('a start-up file that never has enough is told, in time', async () => {
  const guest = await open(await start({ accounts: [ada('cat >/dev/null\n')] }));
  const waiting = guest.exec(['cat'], { stdin: 'x', timeoutMs: 3_000 });
  await expect(waiting).rejects.toMatchObject({
    code: 'remote-timeout',
    hint: expect.stringContaining('start-up file'),
  });
  // The connection is as good as before.
  expect(await guest.exec(['true'])).toMatchObject({ exitCode: 0 });
});
