import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from '../measure.js';
import { GUEST_DIR, type Hosts } from './hosts.js';
import type { Job } from './job.js';

/** The first is the floor that the others are measured against. */
export const FLOOR = 'OpenSSH script';
export const OWN = 'gclab';

/** As many as gclab takes at once where nobody says otherwise. */
const PARALLEL = 50;

/** Everybody who does the job on these hosts. `work` is a folder for what they bring home. */
export function contenders(hosts: Hosts, job: Job, work: string): Command[] {
  return [
    openssh(FLOOR, hosts, job, work, ''),
    openssh('OpenSSH, curve25519', hosts, job, work, '-o KexAlgorithms=curve25519-sha256'),
    bareSsh2(hosts, job, work),
    gclab(hosts, job, work),
  ];
}

function openssh(name: string, hosts: Hosts, job: Job, work: string, options: string): Command {
  const configuration = join(work, 'configuration.json');
  writeFileSync(configuration, job.configuration);
  const names = join(work, 'names');
  writeFileSync(names, hosts.names.join('\n'));
  const script = [resolve('bench', 'fleet', 'openssh.sh'), hosts.sshConfig, options];
  const args = [...script, job.gcexp, job.sha256, configuration, join(work, 'openssh')];
  return {
    name,
    argv: ['sh', '-c', `exec xargs -P ${PARALLEL} -n 1 "$@" <"$0"`, names, ...args],
    cwd: work,
  };
}

function bareSsh2(hosts: Hosts, job: Job, work: string): Command {
  const file = join(work, 'bare-ssh2.json');
  const config = readFileSync(hosts.sshConfig, 'utf8')
    .split(/^Host /m)
    .slice(1);
  const { gcexp, sha256, configuration } = job;
  const reach = config.map((block) => ({
    name: block.slice(0, block.indexOf('\n')),
    port: Number(/Port (\d+)/.exec(block)?.[1]),
    key: /IdentityFile (.+)/.exec(block)?.[1],
  }));
  const all = {
    hosts: reach,
    gcexp,
    sha256,
    configuration,
    dir: GUEST_DIR,
    out: join(work, 'bare'),
    parallel: PARALLEL,
  };
  writeFileSync(file, JSON.stringify(all));
  return {
    name: 'bare ssh2 program',
    argv: [process.execPath, resolve('bench', 'fleet', 'bare-ssh2.js'), file],
    cwd: work,
  };
}

export function gclab(hosts: Pick<Hosts, 'names' | 'sshConfig'>, job: Job, work: string): Command {
  const where = ['--ssh-config', hosts.sshConfig, ...hosts.names.flatMap((name) => ['--host', name])];
  const run = ['remote', 'run', ...where, '--scenario', job.scenario, '--json', '--out', join(work, 'gclab')];
  return { name: OWN, argv: [process.execPath, resolve('bin', 'run.js'), ...run], cwd: work };
}
