import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GclabError } from '../../src/errors.js';
import type { Settings } from '../../src/model.js';
import { folderNameOf, newRunId } from '../../src/results/document-folder.js';
import { keeperHere } from '../../src/results/keeper.js';
import { readLatestRun, readRun } from '../../src/results/read-run.js';
import {
  createRunFolder,
  freshRecord,
  type RunFolder,
  resumeRunFolder,
} from '../../src/results/run-folder.js';

const settings: Settings = {
  limitBytes: 33_554_432,
  trials: 1,
  mode: 'self',
  gc: false,
  gogc: null,
  gomemlimit: null,
  env: {},
  sampleHz: 1_000,
  port: 1_112,
  timeoutMs: 1_000,
};
const now = new Date('2026-11-24T06:01:02.345Z');
let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'gclab-results-'));
});
afterEach(() => rm(out, { recursive: true }));

function create(...targets: string[]): Promise<RunFolder> {
  const document = {
    schema: 1,
    gclab: '0',
    settings,
    targets: targets.map((name) => freshRecord({ name, kind: 'ssh' })),
  } as const;
  return createRunFolder({ out, id: newRunId(now), now }, document);
}

describe('a run folder', () => {
  it('is named by its time, in UTC', () => {
    expect(newRunId(now)).toMatch(/^20261124T060102Z-[0-9a-f]{6}$/);
  });

  it('says in run.json how far it got, from the first moment on', async () => {
    const folder = await create('vm1', 'vm2');
    await folder.update('vm1', { phase: 'deploy' });
    const written = JSON.parse(await readFile(join(folder.document.run.dir, 'run.json'), 'utf8'));
    expect(written.targets.map((one: { phase: string | null }) => one.phase)).toEqual(['deploy', null]);
    expect(written.run.finishedAt).toBeNull();
  });

  it.each(['/proc/gclab/results', '/dev/null/results'])(
    'that cannot be made is an error: %s',
    async (place) => {
      const made = createRunFolder(
        { out: place, id: newRunId(now), now },
        { schema: 1, gclab: '0', settings, targets: [freshRecord({ name: 'vm1', kind: 'ssh' })] },
      );
      await expect(made).rejects.toMatchObject({ code: 'results-not-writable' });
    },
  );

  it('has one keeper at a time, and any once that is gone', async () => {
    const { document } = await create('vm1');
    await expect(resumeRunFolder(document)).rejects.toMatchObject({ code: 'run-followed', exitCode: 2 });
    const keeper = { ...keeperHere(), since: 'long ago' };
    const resumed = await resumeRunFolder({ ...document, run: { ...document.run, keeper } });
    expect((await readRun(document.run.dir, out)).run.keeper).toEqual(keeperHere());
    expect((await resumed.finish(now)).run.keeper).toBeNull();
    await resumeRunFolder(await readRun(document.run.dir, out));
  });

  it('keeps the last of many updates at once', async () => {
    const folder = await create('vm1');
    const phases = Array.from({ length: 50 }, (_, index) => `phase ${index}`);
    await Promise.all(phases.map((phase) => folder.update('vm1', { phase })));
    const written = JSON.parse(await readFile(join(folder.document.run.dir, 'run.json'), 'utf8'));
    expect(written.targets[0].phase).toBe('phase 49');
  });

  it.each(['..', '.', '../../etc', '/etc/passwd', 'a/b', 'a\nb', '$(id)', 'x'.repeat(300), '', '.hidden'])(
    'never lets %j be a path',
    (target) => {
      expect(folderNameOf(target)).toMatch(/^[A-Za-z0-9_@:-][A-Za-z0-9._@:-]*$/);
    },
  );

  it('tells targets apart whose harmless names are the same', () => {
    expect(folderNameOf('a b')).not.toBe(folderNameOf('a/b'));
    expect(folderNameOf('lab@vm1:22')).toBe('lab@vm1:22');
  });

  it('is wrong usage where it cannot be made', async () => {
    await writeFile(join(out, 'file'), '');
    const where = { out: join(out, 'file'), id: 'id', now };
    const inFile = createRunFolder(where, {
      schema: 1,
      gclab: '0',
      settings,
      targets: [freshRecord({ name: 'a', kind: 'ssh' })],
    });
    await expect(inFile).rejects.toMatchObject({ code: 'results-not-writable', exitCode: 2 });
  });
});

describe('reading a run', () => {
  it('finds it by folder, by id, and as the latest', async () => {
    const folder = await create('vm1');
    const { id } = folder.document.run;
    for (const found of [
      await readRun(folder.document.run.dir, 'x'),
      await readRun(id, out),
      await readLatestRun(out),
    ]) {
      expect(found.run.id).toBe(id);
    }
  });

  it('refuses what is none, by name', async () => {
    await expect(readRun('nothing', out)).rejects.toMatchObject({ code: 'unknown-run' });
    await expect(readLatestRun(out)).rejects.toBeInstanceOf(GclabError);
  });

  it('takes a run that was made before VMs were told from hosts', async () => {
    const folder = await create('vm1');
    const file = join(folder.document.run.dir, 'run.json');
    const text = await readFile(file, 'utf8');
    await chmod(file, 0o600);
    await writeFile(file, text.replace('"vm": false,', ''));
    const [record] = (await readLatestRun(out)).targets;
    expect(record).toMatchObject({ target: 'vm1', vm: false });
  });

  it('refuses a run whose target folder would lead out of it', async () => {
    const folder = await create('vm1');
    const file = join(folder.document.run.dir, 'run.json');
    const text = await readFile(file, 'utf8');
    await chmod(file, 0o600);
    await writeFile(file, text.replace('"folder": "vm1"', '"folder": "../../vm1"'));
    await expect(readRun(folder.document.run.dir, out)).rejects.toMatchObject({ code: 'unknown-run' });
  });
});
