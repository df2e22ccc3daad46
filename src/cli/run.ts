import { fileURLToPath } from 'node:url';
import { execute } from '@oclif/core';

/** The CLI's entry: `root` is the folder of package.json. */
export async function run(root: URL): Promise<void> {
  await execute({ dir: fileURLToPath(root) });
}
