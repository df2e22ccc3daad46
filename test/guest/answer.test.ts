import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bytes, many, readAnswer, single, text } from '../../src/guest/answer.js';
import { guestScript } from '../../src/guest/script.js';
import type { RemoteResult } from '../../src/model.js';
import { shellsForFile } from '../support/shells.js';

const folder = mkdtempSync(join(tmpdir(), 'gclab-answer-'));
afterAll(() => rmSync(folder, { recursive: true }));
const SHELLS = shellsForFile();

const QUESTION = { script: 'said', doing: 'asking', target: 'vm1', maxBytes: 1024 * 1024 };
const remote = (stdout: string, more: Partial<RemoteResult> = {}): RemoteResult => ({
  argv: ['sh'],
  exitCode: 0,
  signal: null,
  stdout,
  stderr: '',
  durationMs: 1,
  timedOut: false,
  ...more,
});
const answerOf = (...lines: string[]) =>
  ['', 'gclab-answer\tsaid', ...lines, 'gclab-end\tdone', ''].join('\n');
const fieldsIn = (stdout: string): readonly (readonly string[])[] =>
  readAnswer(remote(stdout), QUESTION).read(z.object({ key: many(z.array(bytes(20_000_000)), 6_000) })).key;

/** What a shell makes of a script of these tests. */
async function say(path: string, body: string, args: readonly string[] = []): Promise<string> {
  const script = `${await guestScript('answer.sh')}said() {\n${body}\n}\n{ gclab "$@" </dev/null; exit; }\n`;
  return execFileSync('sh', ['-s', '--', 'as-is', 'said', String(args.length), ...args], {
    input: script,
    env: { PATH: `${path}:/usr/bin:/bin` },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
}

const HOSTILE = [
  '',
  ' ',
  'plain',
  '\\x41',
  '\\',
  '-n',
  '%s\\n',
  '*',
  'a\tb',
  'a\nb',
  'a\r',
  '\r\n',
  '"',
  "'",
  '`id`$(id)',
  '\u001b[2J\u0007',
  '\x80\xff\xc3',
  'gclab-end\tdone',
  '\ngclab-end\tdone\n',
  '\ngclab-answer\tsaid\nkey\tforged\n',
  '\x7f',
];

describe.each(SHELLS)('what $name says comes back', ({ path }) => {
  test('whatever bytes are in its fields', async () => {
    const args = HOSTILE.map((field) => Buffer.from(field, 'latin1').toString('latin1'));
    const octal = (field: string) =>
      [...Buffer.from(field, 'latin1')].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`);
    const made = args.map((field) => `"$(printf '${octal(field).join('')}x')"`).join(' ');
    const body = `set -- ${made}\nfor value; do say key "\${value%x}" end; done`;
    expect(fieldsIn(await say(path, body))).toEqual(HOSTILE.map((field) => [field, 'end']));
  });

  test('whatever is in its arguments', async () => {
    const args = ['a b', '', "it's", '\\', 'é', '*', 'two\nlines'];
    const expected = args.map((word) => [Buffer.from(word).toString('latin1')]);
    expect(fieldsIn(await say(path, 'for value; do say key "$value"; done', args))).toEqual(expected);
  });

  test('whatever is in a file, with base64 and without', async () => {
    const file = join(folder, 'bytes');
    const content = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7) % 256));
    writeFileSync(file, content);
    for (const base64 of ['true', 'false']) {
      const body = `have() { ${base64}; }\nsay_file "$1" key "$1"`;
      expect(fieldsIn(await say(path, body, [file]))).toEqual([[file, content.toString('latin1')]]);
    }
  });

  test('with the word of its end, and with what it is about', async () => {
    const answer = readAnswer(remote(await say(path, 'say key 1; ends busy "a\tb" c; say key 2')), QUESTION);
    expect([answer.result, answer.about]).toEqual(['busy', ['a\tb', 'c']]);
    expect(answer.read(z.strictObject({ key: many(single(text(9)), 9) })).key).toEqual(['1']);
  });
});

test('any bytes come back from any field', async () => {
  const field = fc.uint8Array({ maxLength: 60 }).map((byte) => Buffer.from(byte).toString('latin1'));
  fc.assert(
    fc.property(fc.array(fc.array(field, { maxLength: 4 }), { maxLength: 9 }), (records) => {
      const encode = (value: string) =>
        value === '' ? '' : `\\x${Buffer.from(value, 'latin1').toString('hex')}`;
      const lines = records.map((fields) => ['key', ...fields.map(encode)].join('\t'));
      expect(fieldsIn(answerOf(...lines))).toEqual(records);
    }),
  );
});

describe('an answer', () => {
  const refused = (stdout: string, more: Partial<RemoteResult> = {}): unknown => {
    try {
      keysIn(stdout, more);
    } catch (error) {
      return error;
    }
    throw new Error('it was taken');
  };
  const keysIn = (stdout: string, more: Partial<RemoteResult>) => {
    const answer = readAnswer(remote(stdout, more), QUESTION);
    return answer.read(z.strictObject({ key: many(single(text(5)), 3) })).key;
  };

  test('stands in the noise of a login shell, before and behind', () => {
    const noise = 'Welcome!\ngclab-answer\tother\nkey\tno\ngclab-end\tdone\nlast login: ';
    expect(keysIn(`${noise}${answerOf('key\tyes')}logout\n`, {})).toEqual(['yes']);
  });

  test.each([
    ['nothing', ''],
    ['no end', '\ngclab-answer\tsaid\nkey\tyes\n'],
    ['an end that may be cut', '\ngclab-answer\tsaid\nkey\tyes\ngclab-end\tdon'],
    ['a line that is none', answerOf('key\tyes', 'Broadcast message from root')],
    ['a key that is none', answerOf('Key\tyes')],
    ['another key', answerOf('other\tyes')],
    ['a field with a control character', answerOf('key\ta\rb')],
    ['a field with letters that are not ASCII', answerOf('key\té')],
    ['an odd number of hexadecimal digits', answerOf('key\t\\x4')],
    ['hexadecimal that is empty: the guest has no od', answerOf('key\t\\x')],
    ['base64 that is cut', answerOf('key\t\\bYWJ')],
    ['a field of no known kind', answerOf('key\t\\y41')],
    ['too long a field', answerOf('key\tsixsix')],
    ['too many records', answerOf(...Array<string>(4).fill('key\ta'))],
    ['5,001 lines', answerOf(...Array<string>(5_001).fill('key\ta'))],
  ])('with %s is refused', (_, stdout) => {
    expect(refused(stdout)).toMatchObject({ code: 'guest-answer', target: 'vm1', doing: 'asking' });
  });

  test('that is none says what the guest said, or that it was too much', () => {
    expect(refused('', { exitCode: 127, stderr: 'x\nsh: od: not found\n' })).toMatchObject({
      what: 'no whole answer (exit 127): sh: od: not found',
    });
    expect(refused('y\n'.repeat(600_000))).toMatchObject({ what: 'what it prints is longer than 1 MiB' });
    expect(refused('', { timedOut: true, exitCode: null })).toMatchObject({ code: 'remote-timeout' });
  });
});
