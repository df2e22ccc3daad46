import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NdjsonFile, readNdjson } from '../../../src/results/files/ndjson-file.js';
import { folderForFile } from '../../support/ssh/for-file.js';

const folder = await folderForFile();

describe('lines of JSON', () => {
  it('are appended in their order, many at once too', async () => {
    const file = new NdjsonFile(join(folder, 'many'));
    const values = Array.from({ length: 500 }, (_, index) => ({ index }));
    await Promise.all(values.map((value) => file.append(value)));
    expect(await readNdjson(file.path)).toEqual(values);
  });

  it('are there once the append has resolved', async () => {
    const file = new NdjsonFile(join(folder, 'one'));
    await file.append({ a: 1 }, { b: 2 });
    expect(await readFile(file.path, 'utf8')).toBe('{"a":1}\n{"b":2}\n');
  });

  it('begin anew behind one that a crash has cut, which is passed over', async () => {
    const path = join(folder, 'cut');
    await writeFile(path, '{"a":1}\n{"b":');
    const file = new NdjsonFile(path);
    await file.append({ c: 3 });
    expect(await readNdjson(path)).toEqual([{ a: 1 }, { c: 3 }]);
  });

  it('that cannot be written are told to each who gave one, and hold up no later ones', async () => {
    const place = join(folder, 'place');
    const file = new NdjsonFile(join(place, 'file'));
    const failed = await Promise.allSettled([file.append({ a: 1 }), file.append({ b: 2 })]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await mkdir(place);
    await file.append({ c: 3 });
    expect(await readNdjson(file.path)).toEqual([{ c: 3 }]);
  });

  it('are none where there is no file', async () => {
    expect(await readNdjson(join(folder, 'none'))).toEqual([]);
  });
});
