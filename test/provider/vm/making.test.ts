import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { making } from '../../../src/provider/vm/making.js';

/** More than any process's id. */
const DEAD = '.making-4194304-0';

test('what a killed process left behind is swept', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'gclab making '));
  mkdirSync(join(parent, DEAD));
  await making(parent, async () => undefined);
  expect(existsSync(join(parent, DEAD))).toBe(false);
  rmSync(parent, { recursive: true });
});

test('a folder with something mounted below it is left until nothing is', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'gclab making '));
  const mounted = join(parent, DEAD, 'proc');
  mkdirSync(mounted, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', 'none', mounted]);
  try {
    writeFileSync(join(mounted, 'of the controller'), '');
    await making(parent, async () => undefined);
    expect(existsSync(join(mounted, 'of the controller'))).toBe(true);
  } finally {
    execFileSync('umount', [mounted]);
  }
  await making(parent, async () => undefined);
  expect(existsSync(join(parent, DEAD))).toBe(false);
  rmSync(parent, { recursive: true });
});
