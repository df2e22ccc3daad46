import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Where a tool lies on PATH; undefined where it doesn't. Folders of the superuser's tools are looked at as well. */
export async function findTool(
  tool: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  for (const folder of folders.filter((name) => name !== '')) {
    const file = join(folder, tool);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
