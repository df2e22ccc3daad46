import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readHeader, readRunState } from '../../src/journal/read.js';
import { killedTrial, written } from './lines.js';

const work = mkdtempSync(join(tmpdir(), 'gclab-journal-'));
afterAll(() => rmSync(work, { recursive: true }));

let count = 0;
function file(...pieces: readonly (string | Uint8Array)[]): string {
  count += 1;
  const path = join(work, `${count}.ndjson`);
  writeFileSync(path, Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
  return path;
}

const text = (...objects: readonly object[]): string =>
  objects.map((object) => `${JSON.stringify(object)}\n`).join('');

describe('a journal’s file', () => {
  it('is read past what nobody can read, and each such line is counted', async () => {
    const path = file(
      text(written.header(2)),
      'no JSON\n',
      'null\n[]\n"x"\n{}\n\n',
      Buffer.from([0xff, 0xfe, 10]),
      text(...killedTrial(1)),
      '[',
      '['.repeat(500_000),
      '\n',
      `{"type":"note","t":1,"message":"${'x'.repeat(2 * 1024 ** 2)}"}\n`,
      '{"type":"heap","t":1e999,"trial":2,"heap":{}}\n',
      '{"type":"toString","t":1}\n',
      '\ufeff{"type":"note","t":1,"message":"behind a byte order mark"}\n',
      text(...killedTrial(2, 100_000), written.runEnd(200_000)),
    );
    const state = await readRunState(path);
    expect(state.rows().map(({ verdict }) => verdict)).toEqual(['oom-killed', 'oom-killed']);
    expect(state.damage).toEqual({ damagedLines: 11, isTorn: false });
    expect(state.end?.reason).toBe('complete');
  });

  it('that a crash cut is read to the last whole line', async () => {
    const state = await readRunState(file(text(written.header(200), written.start(1)), '{"type":"sam'));
    expect(state.damage).toEqual({ damagedLines: 0, isTorn: true });
    expect(state.rows()).toHaveLength(1);
    expect(state.end).toBeNull();
  });

  it('that is empty, or not there, says nothing', async () => {
    for (const path of [file(''), join(work, 'not-there')]) {
      const state = await readRunState(path);
      expect([state.rows(), state.header, state.damage]).toEqual([
        [],
        null,
        { damagedLines: 0, isTorn: false },
      ]);
    }
  });

  it('names its run in its first line, and the boot it was written in', async () => {
    const header = await readHeader(file(text(written.header()), 'x'.repeat(5_000_000)));
    expect(header).toMatchObject({
      run: '20261124T060102Z-k3f9a1',
      host: { bootId: '6f3b8a52-53a4-4ad8-9a53-0d7f8ad2c1c0' },
    });
    for (const path of [file(''), file('no JSON\n', text(written.header())), join(work, 'not-there')])
      expect(await readHeader(path)).toBeNull();
  });
});
