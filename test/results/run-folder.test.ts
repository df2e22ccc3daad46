import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { controllerFacts } from '../../src/cli/frame/controller.js';
import { GclabError } from '../../src/errors.js';
import type { Settings, Target } from '../../src/model.js';
import { ownerHere } from '../../src/results/owner.js';
import { readLatestRun, readRun } from '../../src/results/read-run.js';
import { newRunId } from '../../src/results/record-folder.js';
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
const controller = controllerFacts([]);
const now = new Date('2026-11-24T06:01:02.345Z');
let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'gclab-results-'));
});
afterEach(() => rm(out, { recursive: true }));

function host(id: string): Target {
  const ssh = { host: id, user: null, port: null, configFile: null };
  return { id, name: id, source: { kind: 'host' }, labels: {}, ssh };
}

function create(...targets: string[]): Promise<RunFolder> {
  return createIn(out, ...targets);
}

function createIn(place: string, ...targets: string[]): Promise<RunFolder> {
  const records = targets.map((id) => freshRecord(host(id), settings.trials));
  const document = { schema: 1, gclab: '0', controller, settings, expect: null, targets: records } as const;
  return createRunFolder({ out: place, id: newRunId(now), now }, document);
}

async function json(folder: RunFolder, ...path: string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder.document.run.dir, ...path), 'utf8'));
}

describe('a run folder', () => {
  it('is named by its time, in UTC', () => {
    expect(newRunId(now)).toMatch(/^20261124T060102Z-[0-9a-f]{6}$/);
  });

  it('says how far each target got, in a record of its own', async () => {
    const folder = await create('vm1', 'vm2');
    await folder.update('vm1', { phase: 'deploy' });
    expect(await json(folder, 'vm1', 'record.json')).toMatchObject({ id: 'vm1', phase: 'deploy' });
    const read = await readRun(folder.document.run.dir, out);
    expect(read.targets.map(({ phase }) => phase)).toEqual(['deploy', null]);
    expect(read.run.finishedAt).toBeNull();
  });

  it('has its targets from the first moment on, and the records too once it is finished', async () => {
    const folder = await create('vm1');
    expect((await json(folder, 'run.json'))['targets']).toEqual([host('vm1')]);
    await folder.update('vm1', { phase: 'deploy', outcome: 'failed' });
    const document = await folder.finish(now);
    const targets = document.targets.map(({ trials: _, ...record }) => record);
    expect(await json(folder, 'run.json')).toEqual({ ...document, targets });
    expect(document.targets).toMatchObject([{ id: 'vm1', phase: 'deploy', outcome: 'failed' }]);
  });

  it.each(['/proc/gclab/results', '/dev/null/results'])(
    'that cannot be made is an error: %s',
    async (place) => {
      await expect(createIn(place, 'vm1')).rejects.toMatchObject({ code: 'results-not-writable' });
    },
  );

  it('has one owner at a time, and any once that is gone', async () => {
    const none = new Set<string>();
    const { document } = await create('vm1');
    await expect(resumeRunFolder(document, none)).rejects.toMatchObject({
      code: 'run-followed',
      exitCode: 2,
    });
    const owner = { ...(await ownerHere()), began: 'long ago' };
    const resumed = await resumeRunFolder({ ...document, run: { ...document.run, owner } }, none);
    expect((await readRun(document.run.dir, out)).run.owner).toEqual(await ownerHere());
    expect((await resumed.finish(now)).run.owner).toBeNull();
    await resumeRunFolder(await readRun(document.run.dir, out), none);
  });

  it('keeps the last of many updates at once', async () => {
    const folder = await create('vm1');
    const phases = Array.from({ length: 50 }, (_, index) => `phase ${index}`);
    await Promise.all(phases.map((phase) => folder.update('vm1', { phase })));
    expect(await json(folder, 'vm1', 'record.json')).toMatchObject({ phase: 'phase 49' });
  });

  it('is for its user alone, whatever the umask', async () => {
    const before = process.umask(0);
    const place = join(out, 'a', 'b');
    const folder = await createIn(place, 'vm1').finally(() => process.umask(before));
    await folder.update('vm1', { phase: 'deploy' });
    await folder.append('events.ndjson', { kind: 'note' });
    const { dir } = folder.document.run;
    const paths = await readdir(dir, { recursive: true });
    expect(paths.sort()).toEqual(['events.ndjson', 'run.json', 'vm1', join('vm1', 'record.json')]);
    for (const path of [join(out, 'a'), place, dir, ...paths.map((path) => join(dir, path))]) {
      const { mode } = await stat(path);
      expect([path, mode & 0o777]).toEqual([path, path.endsWith('json') ? 0o600 : 0o700]);
    }
  });

  it('is wrong usage where it cannot be made', async () => {
    await writeFile(join(out, 'file'), '');
    const inFile = createIn(join(out, 'file'), 'a');
    await expect(inFile).rejects.toMatchObject({ code: 'results-not-writable', exitCode: 2 });
  });
});

describe('a run of 500 targets', () => {
  /** Of each file, which it is and how long. */
  async function files(dir: string): Promise<Map<string, { readonly ino: number; readonly size: number }>> {
    const paths = await readdir(dir, { recursive: true });
    const found = await Promise.all(paths.map(async (path) => [path, await stat(join(dir, path))] as const));
    return new Map(
      found.filter(([, one]) => one.isFile()).map(([path, { ino, size }]) => [path, { ino, size }]),
    );
  }

  it('writes what changed of one target, and nothing of the others', async () => {
    const folder = await create(...Array.from({ length: 500 }, (_, index) => `vm${index}`));
    const { dir } = folder.document.run;
    await folder.update('vm7', { phase: 'connect' });
    const before = await files(dir);
    await folder.update('vm7', { phase: 'deploy' });
    const after = await files(dir);
    const changed = [...after].filter(([path, { ino }]) => before.get(path)?.ino !== ino);
    expect(changed.map(([path]) => path)).toEqual([join('vm7', 'record.json')]);
    expect(changed[0]?.[1].size).toBeLessThan(2_000);
  });

  it('is read whole where its controller was killed at any time', async () => {
    const folder = await create(...Array.from({ length: 500 }, (_, index) => `vm${index}`));
    const { dir } = folder.document.run;
    await folder.update('vm7', { phase: 'deploy', outcome: 'failed' });
    await writeFile(join(dir, 'vm8', 'record.json.new'), '{"id":"vm8","pha');
    await writeFile(join(dir, 'vm9', 'record.json'), '{"id":"vm9","pha');
    await writeFile(join(dir, 'trials.ndjson'), '{"run":"x","targ');
    const read = await readRun(dir, out);
    expect(read.targets).toHaveLength(500);
    expect(read.targets[7]).toMatchObject({ id: 'vm7', phase: 'deploy', outcome: 'failed' });
    expect(read.targets[9]).toMatchObject({ id: 'vm9', outcome: null, trials: [] });
  });

  it('takes no record that is of another run', async () => {
    const folder = await create('vm1');
    const { dir } = folder.document.run;
    await folder.update('vm1', { phase: 'deploy' });
    const file = join(dir, 'vm1', 'record.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/"run": "[^"]*"/, '"run": "another"'));
    expect((await readRun(dir, out)).targets[0]?.phase).toBeNull();
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

  it('refuses a run whose target folder would lead out of it', async () => {
    const folder = await create('vm1');
    const file = join(folder.document.run.dir, 'run.json');
    const text = await readFile(file, 'utf8');
    await chmod(file, 0o600);
    await writeFile(file, text.replace('"id": "vm1"', '"id": "../../vm1"'));
    await expect(readRun(folder.document.run.dir, out)).rejects.toMatchObject({ code: 'unknown-run' });
  });
});
