import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { folderForFile, serverForFile } from '../../support/ssh/for-file.js';
import { behind } from '../../support/ssh/line.js';
import { freePort } from '../../support/ssh/sshd.js';
import { startInTerminal, type Terminal } from '../../support/terminal/terminal.js';

const RUN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
const BEGIN_FRAME = '\u001b[?2026h';
const END_FRAME = '\u001b[?2026l';
const TITLE = '── guest · ';

const server = await serverForFile();
const work = await folderForFile();

async function argvOf(sshConfig: string, ...more: string[]): Promise<string[]> {
  const where = ['--ssh-config', sshConfig, '--guest-dir', join(work, 'guest')];
  const args = ['remote', 'drive', '--host', 'guest', ...where, '--port', String(await freePort())];
  return [process.execPath, RUN, ...args, ...more];
}

async function quit(terminal: Terminal): Promise<void> {
  terminal.type('quit\r');
  expect(await terminal.exitCode()).toBe(0);
}

/** The next picture that is drawn as a whole. */
async function picture(terminal: Terminal): Promise<void> {
  await terminal.shows(TITLE);
  await terminal.shows(END_FRAME);
}

async function titles(terminal: Terminal): Promise<number[]> {
  return (await terminal.screen()).flatMap((line, row) => (line.startsWith(TITLE) ? [row] : []));
}

async function requestsIn(out: string): Promise<(string | undefined)[]> {
  const [run = ''] = await readdir(out);
  const text = await readFile(join(out, run, 'guest', 'journal.ndjson'), 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; route?: string });
  return lines.filter(({ type }) => type === 'request').map(({ route }) => route);
}

it('draws the panel in place, over a slow line too, and from the journal: nobody asks the program for it', async () => {
  const { line, sshConfig } = await behind(server, 100);
  const out = join(work, 'out');
  const terminal = startInTerminal(await argvOf(sshConfig, '--out', out), work);
  await terminal.shows('gclab> ');
  terminal.type('repeat 5 { add 1MiB; wait 50ms }\r');
  await terminal.shows('· repeat 5 { add 1MiB; wait 50ms }');
  await terminal.shows(/heap 5/);
  await picture(terminal);
  expect(await titles(terminal)).toHaveLength(1);
  expect(await terminal.screen()).toContain('gclab> repeat 5 { add 1MiB; wait 50ms }');
  await quit(terminal);
  await line.stop();
  const frames = terminal.written.split(BEGIN_FRAME).filter((frame) => frame.includes(TITLE));
  const inPlace = frames.filter((frame) => {
    const up = Number(/^[^A]*\[(\d+)A/.exec(frame)?.[1] ?? 0);
    return up > 0 && up === frame.split('\n').length - 1;
  });
  expect(inPlace.length).toBeGreaterThan(5);
  expect(await requestsIn(out)).toEqual([...Array(5).fill('/add'), '/quit']);
});

it('lists what a word may become above the panel, and keeps what is typed', async () => {
  const terminal = startInTerminal(await argvOf(server.sshConfig), work);
  await terminal.shows('gclab> ');
  terminal.type('re\t');
  await terminal.shows('rel  reset  repeat');
  await picture(terminal);
  expect(await titles(terminal)).toHaveLength(1);
  // What comes in one piece was pasted: a Tab in it completes nothing.
  terminal.type('s\t');
  await terminal.has('gclab> reset');
  terminal.type('\r');
  await terminal.shows('released 0');
  await picture(terminal);
  expect(await terminal.screen()).toContain('rel  reset  repeat');
  expect(await terminal.screen()).toContain('gclab> reset');
  await quit(terminal);
});

it('draws anew at the top after Ctrl-L', async () => {
  const terminal = startInTerminal(await argvOf(server.sshConfig), work);
  await terminal.shows('gclab> ');
  await picture(terminal);
  terminal.type('sta\u000c');
  await terminal.shows('\u001b[2J');
  await picture(terminal);
  await picture(terminal);
  expect(await titles(terminal)).toEqual([0]);
  expect(await terminal.screen()).toContain('gclab> sta');
  terminal.type('ts\r');
  await terminal.shows('limit 32 MiB');
  await quit(terminal);
});

it('can be stopped with Ctrl-Z and continued by the shell, whose lines stay', async () => {
  const shell = startInTerminal(['bash', '--norc', '--noprofile', '-i'], work);
  const command = (await argvOf(server.sshConfig)).map((word) => `'${word}'`).join(' ');
  shell.type(`PS1='shell: '; ${command}\r`);
  await shell.shows('gclab> ');
  await picture(shell);
  shell.type('\u001a');
  await shell.shows('Stopped');
  shell.type('echo "so" "far"; fg\r');
  await shell.shows('so far');
  await picture(shell);
  shell.type('stats\r');
  await shell.shows('limit 32 MiB');
  await picture(shell);
  expect(await shell.screen()).toContain('so far');
  shell.type('quit\r');
  await shell.shows('survived: 0 of 1 trials');
  await shell.shows('shell: ');
  shell.type('exit\r');
  expect(await shell.exitCode()).toBe(0);
});

it('stops a command by Ctrl-C however soon after it was entered', async () => {
  const terminal = startInTerminal(await argvOf(server.sshConfig), work);
  await terminal.shows('gclab> ');
  terminal.type('until numGC > 900 within 60s\r\u0003');
  await terminal.shows('stopped: until numGC > 900 within 60s');
  terminal.type('add 1MiB\r');
  await terminal.shows('added 1 MiB');
  await quit(terminal);
});
