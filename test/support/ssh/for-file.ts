import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type Sshd, type SshdOptions, startSshd } from './sshd.js';

/** A server that stops after the last test of the file that asks for it, at its top. */
export async function serverForFile(options?: SshdOptions): Promise<Sshd> {
  const server = await startSshd(options);
  afterAll(() => server.stop());
  return server;
}

/** A folder that goes after the last test of the file that asks for it, at its top. */
export async function folderForFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gclab-test-'));
  afterAll(() => rm(folder, { recursive: true }));
  return folder;
}
