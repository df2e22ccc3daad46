import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ExecOptions, Guest, Privilege, RemoteResult } from '../../src/model.js';

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
export function here({ env = {}, within = [], shell }: Here = {}): Guest {
  return guestOf('here', async (argv, options) => {
    const words = shell === undefined ? argv : [...shell, ...argv.slice(1)];
    return await run([...within, ...words], { ...process.env, ...env }, options);
  });
}

type Exec = (argv: readonly string[], options: ExecOptions) => Promise<RemoteResult>;

const NOTHING = { exitCode: 0, signal: null, stdout: '', stderr: '', durationMs: 1, timedOut: false };

function guestOf(name: string, exec: Exec): Guest {
  let privilege: Privilege = 'none';
  return {
    target: { name, kind: 'local' },
    address: name,
    get privilege() {
      return privilege;
    },
    setPrivilege: (given) => {
      privilege = given;
    },
    exec: async (argv, options = {}) => await exec(argv, options),
    stream: async () => await Promise.reject(new Error('not needed')),
    connectTcp: async () => await Promise.reject(new Error('not needed')),
    lost: new AbortController().signal,
    close: async () => {},
  };
}

async function run(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  options: ExecOptions,
): Promise<RemoteResult> {
  const child = spawn(argv[0] as string, argv.slice(1), { env, timeout: options.timeoutMs });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (out.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (out.stderr += chunk.toString()));
  child.stdin.end(typeof options.stdin === 'string' ? options.stdin : '');
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ ...NOTHING, argv, exitCode, signal, ...out }));
  });
}
