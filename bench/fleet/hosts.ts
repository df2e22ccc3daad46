import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { asHost, behind } from '../../test/support/ssh/line.js';
import { type Sshd, startSshd } from '../../test/support/ssh/sshd.js';

/** Real sshds on loopback, each with processes and a /var/lib of its own, so that each is a host to whoever logs in. */
export interface Hosts {
  readonly names: readonly string[];
  /** One file for all of them, and one known_hosts. */
  readonly sshConfig: string;
  /** Forgets what was deployed to them. */
  makeCold(): void;
  /** User and system time of everything that ever ran on them and has ended. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** Where gclab puts itself as root; a folder of each host's own lies there. */
export const GUEST_DIR = '/var/lib/gclab';

const MS_PER_TICK = 10;

/** A home of its own, too: start-up files of this machine's shells may take long, or wait for each other. */
const MOUNTS = 'mount --bind "$1" "$2" && mount --bind "$0" /var/lib && shift 2 && exec "$@"';

/** Needs root, for the namespaces. `delayMs` each way; 0 is no line between. */
export async function startHosts(count: number, delayMs: number): Promise<Hosts> {
  const folder = mkdtempSync(join(tmpdir(), 'gclab-bench-hosts-'));
  const hosts: Host[] = [];
  const endAll = (): void => {
    for (const { end } of hosts) end();
  };
  process.once('exit', endAll);
  for (let index = 1; index <= count; index += 1) {
    hosts.push(await startHost(`h${String(index).padStart(3, '0')}`, folder, delayMs));
  }
  const knownHosts = join(folder, 'known_hosts');
  const configs = hosts.map(({ sshConfig }) => readFileSync(sshConfig, 'utf8'));
  const ofEach = configs.map((config) => /UserKnownHostsFile (.+)/.exec(config)?.[1] ?? '');
  writeFileSync(knownHosts, ofEach.map((file) => readFileSync(file, 'utf8')).join(''));
  const sshConfig = join(folder, 'ssh_config');
  writeFileSync(
    sshConfig,
    configs
      .map((config) => config.replace(/UserKnownHostsFile .+/, `UserKnownHostsFile ${knownHosts}`))
      .join(''),
  );
  return {
    names: hosts.map(({ name }) => name),
    sshConfig,
    makeCold: () => {
      for (const { name } of hosts) rmSync(join(folder, name, 'gclab'), { recursive: true, force: true });
    },
    cpuMs: () => hosts.reduce((sum, { sshd }) => sum + cpuMsOf(sshd), 0),
    stop: async () => {
      process.off('exit', endAll);
      await Promise.all(hosts.map(({ stop }) => stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Host {
  readonly name: string;
  readonly sshd: Sshd;
  readonly sshConfig: string;
  /** At once, with all that runs on it. */
  readonly end: () => void;
  readonly stop: () => Promise<void>;
}

async function startHost(name: string, folder: string, delayMs: number): Promise<Host> {
  const varLib = join(folder, name);
  const home = join(varLib, 'home');
  mkdirSync(home, { recursive: true });
  // As process 1 of its namespace sshd inherits what outlives its session, such as a supervisor, and the time it took.
  const namespaces = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const startedBy = [...namespaces, 'sh', '-c', MOUNTS, varLib, home, homedir()];
  const sshd = await startSshd({ startedBy });
  // `unshare` waits for it, whatever it is told; and with its process 1 the namespace ends.
  const end = (): void => {
    process.kill(insidePid(sshd), 'SIGKILL');
  };
  const { line, sshConfig } =
    delayMs === 0
      ? { line: undefined, sshConfig: await asHost(sshd, name) }
      : await behind(sshd, delayMs, name);
  const stop = async (): Promise<void> => {
    await line?.stop();
    end();
    await sshd.stop();
  };
  return { name, sshd, sshConfig, end, stop };
}

function insidePid({ pid }: Sshd): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
}

/** proc(5): user and system time, its own and that of the children that were waited for. */
function cpuMsOf(sshd: Sshd): number {
  const fields = readFileSync(`/proc/${insidePid(sshd)}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * MS_PER_TICK;
}
