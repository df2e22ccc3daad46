import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openChange } from '../../src/guest/ledger.js';
import { guestScript } from '../../src/guest/script.js';
import { shellsForFile } from '../support/shells.js';

interface Case {
  readonly name: string;
  readonly lines: readonly string[];
  /** Kind, id and path of what is open, and what of it was seen through. */
  readonly open: readonly string[];
  readonly applied: readonly string[];
  readonly unread: number;
}
const { cases } = JSON.parse(readFileSync('test/fixtures/contract/ledger.json', 'utf8')) as {
  cases: readonly Case[];
};
const folder = mkdtempSync(join(tmpdir(), 'gclab-ledger-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(shellsForFile())('the ledger in $name', ({ path }) => {
  const sh = async (body: string, dir: string): Promise<string> => {
    const parts = [
      await guestScript('answer.sh'),
      await guestScript('ledger.sh'),
      `{ ${body}\n} </dev/null; exit 0\n`,
    ];
    const env = { PATH: `${path}:/usr/bin:/bin`, LC_ALL: 'C' };
    return execFileSync('sh', ['-s', '--', dir], { input: parts.join('\n'), env, encoding: 'utf8' });
  };
  const fresh = (lines: readonly string[] = []): string => {
    const dir = mkdtempSync(join(folder, 'dir-'));
    if (lines.length > 0) writeFileSync(join(dir, 'ledger.ndjson'), lines.join('\n'));
    return dir;
  };
  const READ = `read_ledger "$1"
printf %s "$open" | while IFS= read -r entry; do [ -z "$entry" ] || echo "open \${entry%%'\t'*}"; done
printf %s "$applied" | while IFS= read -r entry; do [ -z "$entry" ] || echo "applied $entry"; done
printf %s "$unread" | grep -c . | sed 's/^/unread /'\n`;

  const told = ({ open, applied, unread }: Omit<Case, 'name' | 'lines'>): string[] => [
    ...open.map((one) => `open ${one}`),
    ...applied.map((one) => `applied ${one}`),
    `unread ${unread}`,
  ];

  describe.each(cases)('$name', ({ lines, open, applied, unread }) => {
    test('is read', async () => {
      const said = (await sh(READ, fresh(lines))).trim().split('\n');
      expect(said).toEqual(told({ open, applied, unread }));
    });

    test('is still read when a line was added', async () => {
      const said = (await sh(`record "$1" make run added; ${READ}`, fresh(lines))).trim().split('\n');
      expect(said).toEqual(told({ open: [...open, 'run added'], applied, unread }));
    });

    test('is all that a settled ledger has', async () => {
      const dir = fresh(lines);
      const said = (await sh(`settle_ledger "$1"; ${READ}`, dir)).trim().split('\n');
      expect(said).toEqual(told({ open, applied, unread }));
      const file = join(dir, 'ledger.ndjson');
      const left = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
      expect(left).toHaveLength(open.length + applied.length + unread);
      expect(existsSync(file)).toBe(left.length > 0);
    });
  });

  test('is not waited for without end where another process has its lock', async () => {
    const dir = fresh();
    const TAKEN = 'exec 8<"$1"; flock 8 8<&8; sleep() { :; }; record "$1" make run r1 2>&1 || echo refused\n';
    expect(await sh(TAKEN, dir)).toMatch(/another process has held the lock .* for 10 s\nrefused\n$/);
    expect(existsSync(join(dir, 'ledger.ndjson'))).toBe(false);
    expect(await sh('record "$1" make run r1 && echo written\n', dir)).toBe('written\n');
  });

  test('ends a line that was torn, and is gone with its folders when it names nothing', async () => {
    const dir = join(fresh(), 'a b', 'c');
    await sh(
      'record "$1" make program p1; printf \'{"schema":1,"at":"\' >>"$1/ledger.ndjson"; record "$1" make run r1\n',
      dir,
    );
    const lines = readFileSync(join(dir, 'ledger.ndjson'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => line.slice(0, 17))).toHaveLength(5);
    await sh('record "$1" removed program p1; record "$1" removed run r1; settle_ledger "$1"\n', dir);
    expect(readFileSync(join(dir, 'ledger.ndjson'), 'utf8')).toContain('{"schema":1,"at":"\n');
    const other = join(fresh(), 'd');
    await sh('record "$1" make run r1; record "$1" removed run r1; settle_ledger "$1"\n', other);
    expect(existsSync(other)).toBe(false);
    mkdirSync(other);
    await sh('record "$1" make run r1; record "$1" removed run r1; settle_ledger "$1"\n', other);
    expect(existsSync(other)).toBe(true);
  });
});

test('a change is read from its line, and one that is none is not', () => {
  const SUM = 'a'.repeat(64);
  const line = (files: readonly object[], id = 'a') =>
    JSON.stringify({
      schema: 1,
      at: '2026-11-24T06:00:00Z',
      action: 'make',
      kind: 'kernel-options',
      id,
      files,
    });
  const file = { path: '/etc/default/grub', number: 1, before: '-', after: SUM };
  expect(openChange('applied', line([file]))).toMatchObject({
    id: 'a',
    applied: true,
    files: [{ before: null }],
  });
  for (const bad of [
    '{',
    line([], '../x'),
    line([{ ...file, path: 'etc' }]),
    line([{ ...file, before: 'x' }]),
  ])
    expect(openChange('begun', bad)).toBeNull();
});
