import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Collection } from '../../../src/experiment/following/collection.js';
import { folderForFile } from '../../support/ssh/for-file.js';

const folder = await folderForFile();

function pathsOf(name: string) {
  const path = (file: string): string => join(folder, `${name}-${file}`);
  return { journal: path('journal'), log: path('log'), kernel: path('kernel') };
}

const bytes = (text: string): Buffer => Buffer.from(text);

describe('the copies of what is on a guest', () => {
  it('go on from what is there already', async () => {
    const paths = pathsOf('again');
    const first = await Collection.open('vm1', paths);
    await first.append('journal', 0, bytes('one\n'));
    await first.close();
    const second = await Collection.open('vm1', paths);
    expect(second.offsetOf('journal')).toBe(4);
    await second.append('journal', 4, bytes('two\n'));
    await second.close();
    expect(await readFile(paths.journal, 'utf8')).toBe('one\ntwo\n');
  });

  it('have each byte once where two follow the same run at once', async () => {
    const paths = pathsOf('twice');
    const [one, other] = [await Collection.open('vm1', paths), await Collection.open('vm1', paths)];
    await one.append('journal', 0, bytes('one\n'));
    await other.append('journal', 0, bytes('one\ntwo\n'));
    await one.append('journal', 4, bytes('two\nthree\n'));
    await Promise.all([one.close(), other.close()]);
    expect(await readFile(paths.journal, 'utf8')).toBe('one\ntwo\nthree\n');
  });

  it('refuse a gap', async () => {
    const collection = await Collection.open('vm1', pathsOf('gap'));
    await expect(collection.append('log', 5, bytes('x'))).rejects.toMatchObject({ code: 'guest-answer' });
    await collection.close();
  });

  it('have no more of a journal than a run may write, and say so', async () => {
    const paths = pathsOf('endless');
    // A sparse file: nothing of it is on the disk.
    await writeFile(paths.journal, '');
    await truncate(paths.journal, 1024 ** 3 - 2);
    const collection = await Collection.open('vm1', paths);
    const at = collection.offsetOf('journal');
    await expect(collection.append('journal', at, bytes('more'))).rejects.toMatchObject({
      code: 'journal-too-large',
      target: 'vm1',
      message: expect.stringContaining('longer than the 1 GiB that a run may write'),
    });
    await collection.append('journal', at, bytes('x\n'));
    expect((await stat(paths.journal)).size).toBe(1024 ** 3);
    await collection.close();
  });

  it('are for their user alone, whatever the umask', async () => {
    const paths = pathsOf('mode');
    const before = process.umask(0);
    await (await Collection.open('vm1', paths).finally(() => process.umask(before))).close();
    for (const path of Object.values(paths)) expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('that cannot be written are told with what the system says', async () => {
    await writeFile(join(folder, 'file'), '');
    const opening = Collection.open('vm1', pathsOf('file/inside'));
    await expect(opening).rejects.toMatchObject({ code: 'results-not-written', exitCode: 5, target: 'vm1' });
  });
});
