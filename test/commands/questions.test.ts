import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { folderForFile, serverForFile } from '../support/ssh/for-file.js';
import { startInTerminal, type Terminal } from '../support/terminal/terminal.js';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const PASSWORD = 'correct horse';

const server = await serverForFile({
  accounts: [{ name: 'lab', password: PASSWORD }],
  config: ['PasswordAuthentication yes', 'KbdInteractiveAuthentication no', 'PubkeyAuthentication no'],
});
const work = await folderForFile();

const ASKED = 'Password of lab on 127.0.0.1: ';

function check(...hosts: string[]): Terminal {
  const named = hosts.flatMap((host) => ['--host', host]);
  const argv = [process.execPath, RUN, 'remote', 'check', '--ssh-config', server.sshConfig, ...named];
  return startInTerminal(argv, work);
}

describe.each([[['guest']], [['guest', 'local']]])('a question at login, of %j', (hosts) => {
  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('ends the command with %s', async (_, key) => {
    const terminal = check(...hosts);
    await terminal.shows(ASKED);
    terminal.type(key);
    expect(await terminal.exitCode()).toBe(130);
    expect(terminal.written).not.toContain('auth-failed');
  });

  it('stands there until it is answered, whatever is drawn beside it', async () => {
    const terminal = check(...hosts);
    await terminal.shows(ASKED);
    // Longer than it takes to draw several pictures.
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await terminal.screen()).findLast((line) => line !== '')).toBe(ASKED.trim());
    terminal.type(`${PASSWORD}\r`);
    await terminal.exitCode();
    expect(terminal.written).not.toContain(PASSWORD);
    expect(terminal.written).not.toMatch(/unreachable|auth-failed/);
  });

  it('is asked again after a wrong answer, which is said', async () => {
    const terminal = check(...hosts);
    await terminal.shows(ASKED);
    terminal.type('wrong\r');
    await terminal.shows('Permission denied, please try again.');
    await terminal.shows(ASKED);
    terminal.type(`${PASSWORD}\r`);
    await terminal.exitCode();
    expect(terminal.written).not.toMatch(/unreachable|auth-failed/);
  });
});
