import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { trialRowSchema } from '../../src/journal/trial/row.js';
import type { RunDocument } from '../../src/results/run-folder.js';
import { gclab } from '../support/cli.js';
import { folderForFile } from '../support/ssh/for-file.js';

const work = await folderForFile();
const document = await readFile(fileURLToPath(new URL('../../docs/run-folder.md', import.meta.url)), 'utf8');

/** Whose keys are what somebody called something. */
const FREE = new Set(['labels', 'env', 'options']);

function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    key,
    ...(FREE.has(key) ? Object.values(inner ?? {}).flatMap(keysOf) : keysOf(inner)),
  ]);
}

const undocumented = (keys: readonly string[]): string[] =>
  [...new Set(keys)].filter((key) => !document.includes(`\`${key}\``));

test('docs/run-folder.md names each file and each key of a run, its kinds of events among them', async () => {
  const result = await gclab(['remote', 'run', '--host', 'local', '--trials', '1', '--json'], { cwd: work });
  const { run } = JSON.parse(result.stdout) as RunDocument;
  const files = (await readdir(run.dir, { recursive: true })) as string[];
  expect(files.length).toBeGreaterThanOrEqual(7);
  for (const file of files.filter((path) => path.includes('.'))) {
    expect(document).toContain(`\`${file.replace(/^local\//, '<target>/')}\``);
    if (!/\.json$|^(events|trials)\.ndjson$/.test(file)) continue;
    const text = await readFile(join(run.dir, file), 'utf8');
    const values = file.endsWith('.json') ? [text] : text.trimEnd().split('\n');
    const parsed = values.map((line) => JSON.parse(line) as { kind?: string });
    expect(undocumented(keysOf(parsed)), file).toEqual([]);
    if (file === 'events.ndjson') expect(undocumented(parsed.map(({ kind }) => String(kind)))).toEqual([]);
  }
});

test('docs/run-folder.md names each key that a line of trials.ndjson may have', () => {
  expect(undocumented(Object.keys(trialRowSchema.shape))).toEqual([]);
});
