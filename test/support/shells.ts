import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Where `sh` is this shell. */
export interface Shell {
  readonly name: string;
  /** To be put first in PATH. */
  readonly path: string;
}

/** The shells of this machine that guests have as `sh`, each in a folder that goes after the last test of the file. */
export function shellsForFile(): readonly Shell[] {
  const folder = mkdtempSync(join(tmpdir(), 'gclab-shells-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return ['dash', 'bash', 'busybox', 'mksh', 'zsh'].flatMap((name) => {
    const program = ['/bin', '/usr/bin', '/usr/local/bin']
      .map((at) => join(at, name))
      .find((at) => existsSync(at));
    if (program === undefined) return [];
    const path = join(folder, name);
    mkdirSync(path);
    symlinkSync(program, join(path, 'sh'));
    return [{ name, path }];
  });
}
