import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sshd } from './sshd.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

/** An ssh_config in which that host is the sshd. */
export async function asHost(sshd: Sshd, name: string): Promise<string> {
  const file = join(sshd.folder, `ssh_config-${name}`);
  await writeFile(file, (await readFile(sshd.sshConfig, 'utf8')).replace('Host guest', `Host ${name}`));
  return file;
}

/** A line, slow or to be cut, in front of an sshd, and the ssh_config whose host of that name lies behind it. */
export async function behind(
  sshd: Sshd,
  delayMs: number,
  name = 'guest',
): Promise<{ readonly line: TcpProxy; readonly sshConfig: string }> {
  const line = await startTcpProxy(sshd, { delayMs });
  const knownHosts = join(sshd.folder, `known_hosts-${line.port}`);
  const keys = await readFile(sshd.knownHosts, 'utf8');
  await writeFile(knownHosts, keys.replaceAll(`:${sshd.port} `, `:${line.port} `));
  const config = (await readFile(sshd.sshConfig, 'utf8'))
    .replace('Host guest', `Host ${name}`)
    .replace(`Port ${sshd.port}`, `Port ${line.port}`)
    .replace(sshd.knownHosts, knownHosts);
  const sshConfig = join(sshd.folder, `ssh_config-${line.port}`);
  await writeFile(sshConfig, config);
  return { line, sshConfig };
}
