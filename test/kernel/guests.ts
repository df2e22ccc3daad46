import { readFileSync } from 'node:fs';
import { LOCAL } from '../../src/inventory/targets.js';
import type { ExecOptions, Guest, Privilege, RemoteResult } from '../../src/model.js';
import { connectLocal } from '../../src/transport/connect.js';

/** What a probe.sh printed on a guest; the first line says whether it was recorded or constructed. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/kernel/${name}.txt`, import.meta.url), 'utf8');
}

/** A guest on which every command prints the same. */
export function answering(stdout: string, ended: Partial<RemoteResult> = {}): Guest {
  return guestOf('answering', async (argv) => ({ ...NOTHING, argv, stdout, ...ended }));
}

export interface Here {
  readonly env?: Readonly<Record<string, string>>;
  /** Put before the command's own words: `unshare --mount`, `setpriv …`. */
  readonly within?: readonly string[];
  /** Instead of `sh`. */
  readonly shell?: readonly string[];
}

/** This host, with the command run in odd surroundings. */
export async function here({ env = {}, within = [], shell }: Here = {}): Promise<Guest> {
  const guest = await connectLocal(LOCAL, { env: { ...process.env, ...env } });
  return guestOf('local', async (argv, options) => {
    const words = shell === undefined ? argv : [...shell, ...argv.slice(1)];
    return await guest.exec([...within, ...words], options);
  });
}

type Exec = (argv: readonly string[], options: ExecOptions) => Promise<RemoteResult>;

const NOTHING = { exitCode: 0, signal: null, stdout: '', stderr: '', durationMs: 1, timedOut: false };

function guestOf(name: string, exec: Exec): Guest {
  let privilege: Privilege = 'none';
  return {
    target: { ...LOCAL, id: name, name },
    address: name,
    get privilege() {
      return privilege;
    },
    setPrivilege: (given) => {
      privilege = given;
    },
    exec: async (argv, options = {}) => await exec(argv, options),
    stream: async () => await Promise.reject(new Error('not needed')),
    openAhead: () => {},
    connectTcp: async () => await Promise.reject(new Error('not needed')),
    lost: new AbortController().signal,
    isShortOfSessions: false,
    close: async () => {},
  };
}
