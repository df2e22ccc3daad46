import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { runScript, runScripts } from '../../src/guest/script.js';
import type { ExecOptions } from '../../src/model.js';
import { answering, here } from '../kernel/guests.js';
import { shellsForFile } from '../support/shells.js';

const SHELLS = shellsForFile();
const FOLDER = 'provision/guest';
const folder = mkdtempSync(join(tmpdir(), 'gclab-script-'));
afterAll(() => rmSync(folder, { recursive: true }));
const ANYTHING = z.record(z.string(), z.array(z.array(z.string())));
const OPTIONS = { doing: 'testing', timeoutMs: 60_000, runAs: 'settled' } as const;

const scripts = () => readdirSync(FOLDER).filter((name) => name.endsWith('.sh'));

/** What a guest is given on stdin. */
async function given(name: Parameters<typeof runScript>[1]['name']): Promise<string> {
  let stdin: ExecOptions['stdin'];
  const guest = {
    ...answering(''),
    exec: async (_: readonly string[], options: ExecOptions = {}) => {
      stdin = options.stdin;
      return await answering('').exec([]);
    },
  };
  await runScript(guest, { name }, OPTIONS).catch(() => undefined);
  return String(stdin);
}

describe('a script', () => {
  test.each(SHELLS)('that was cut on its way runs nothing, in $name', async ({ path }) => {
    const whole = await given('probe');
    const cuts = [...Array(60).keys()].map((part) => Math.floor((whole.length * part) / 60));
    const atTheEnd = [...Array(40).keys()].map((back) => whole.length - 2 - back);
    for (const at of [...cuts, ...atTheEnd]) {
      const said = spawnSync(join(path, 'sh'), ['-s', '--', 'as-is', 'probe', '0'], {
        input: whole.slice(0, at),
        env: { PATH: folder },
        encoding: 'utf8',
      }).stdout;
      expect(said, `cut at ${at} of ${whole.length}`).toBe('');
    }
  });

  test('has no function that another of the folder has', () => {
    const names = scripts().flatMap((file) => {
      const text = readFileSync(join(FOLDER, file), 'utf8');
      return [...text.matchAll(/^(\w+)\(\) [{(]/gm)].map(([, name]) => name);
    });
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('of the folder is functions and nothing else', () => {
    for (const file of scripts()) {
      const text = readFileSync(join(FOLDER, file), 'utf8');
      const outside = text.replace(/^\w+\(\) (\{ .* \}|[{(]\n[\s\S]*?\n[})])$/gm, '').split('\n');
      expect(
        outside.filter((line) => line !== '' && !line.startsWith('#')),
        file,
      ).toEqual([]);
    }
  });
});

describe('several scripts in one command', () => {
  const [probe, locate] = [
    { name: 'probe' },
    { name: 'locate', args: ['a'.repeat(64), "/it's here"] },
  ] as const;

  test.each(SHELLS)('answer each for itself, in $name', async ({ path }) => {
    const guest = await here({ env: { PATH: `${path}:${process.env['PATH']}` } });
    const [place, facts, again] = await runScripts(guest, [locate, probe, locate], OPTIONS);
    expect([place?.result, facts?.result, again?.result]).toEqual(['done', 'done', 'done']);
    expect(JSON.stringify(place?.read(ANYTHING))).toContain("it's here");
    expect(JSON.stringify(facts?.read(ANYTHING))).toContain('memory-kib');
    expect(facts?.question).toMatchObject({ doing: 'testing', script: 'probe', target: 'local' });
  });
});
