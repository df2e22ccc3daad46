import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scratch } from '../support.js';

/** A program that does as this shell text says. */
export async function fakeQemu(script: string): Promise<string> {
  const file = join(await scratch(), 'qemu');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}
