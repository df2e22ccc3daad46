import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const PLAY_DARWIN = fileURLToPath(new URL('play-darwin.cjs', import.meta.url));

/** A user who is not root, and who needs no entry in passwd(5). */
export const ORDINARY_USER = 65_534;

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Beside PATH, HOME, TMPDIR; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whom it runs as; the checkout is that user's. */
  readonly user?: number;
  /** False where the checkout stays root's. */
  readonly isOwner?: boolean;
  readonly onStderr?: (soFar: string, child: ChildProcess) => unknown;
}

/** The repository's scripts in a folder of their own, on a machine that has the programs it is given and no others. */
export interface Checkout {
  readonly folder: string;
  readonly home: string;
  /** TMPDIR, empty. */
  readonly temporary: string;
  /** Puts a program on the PATH: a text for /bin/sh. */
  addProgram(name: string, script?: string): void;
  /** Makes a file of the checkout. */
  touch(name: string): void;
  /** Makes a folder beside the checkout. */
  makeFolder(name: string): string;
  /** Runs `node ARGV…` in the checkout. */
  node(argv: readonly string[], options?: RunOptions): Promise<Ended>;
  /** What was run, in order: programs write it with `echo … >>"$CALLS"`. */
  calls(): string[];
}

/** A name that scripts stumble over when they forget to quote. */
const NAME = "gclab é ü 'x' $HOME";

/** What builds and runs gclab is not there: in its place is what says that it was called. */
const STAND_INS = {
  'scripts/build.js': "export async function build() { console.error('BUILT'); }\n",
  'bin/run.js': "console.error('GCLAB', process.argv.slice(2).join(' '));\n",
};

export function makeCheckout(): Checkout {
  const top = mkdtempSync(join(tmpdir(), 'gclab-checkout-'));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  chmodSync(top, 0o755);
  const folder = join(top, NAME);
  const [programs, home, temporary] = ['programs', 'home', 'tmp'].map((name) => join(top, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [
    programs,
    home,
    temporary,
    join(folder, 'bin'),
    join(folder, 'provision', 'experiment'),
  ]) {
    mkdirSync(each, { recursive: true });
  }
  for (const name of ['scripts', 'package.json', 'package-lock.json']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  for (const [name, text] of Object.entries(STAND_INS)) writeFileSync(join(folder, name), text);
  const calls = join(top, 'calls');
  writeFileSync(calls, '');
  return {
    folder,
    home,
    temporary,
    calls: () => readFileSync(calls, 'utf8').split('\n').slice(0, -1),
    addProgram: (name, script = '') => {
      writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(programs, name), 0o755);
    },
    touch: (name) => writeFileSync(join(folder, name), ''),
    makeFolder: (name) => {
      mkdirSync(join(top, name));
      return join(top, name);
    },
    node: (argv, options = {}) => {
      if (options.user !== undefined && options.isOwner !== false) give(top, options.user);
      const env = { PATH: programs, HOME: home, TMPDIR: temporary, CALLS: calls, ...options.env };
      return run(argv, folder, env, options);
    },
  };
}

/** Node's program where every user reaches it, which a home of root's keeps from them. */
function nodeForOthers(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gclab-node-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const program = join(folder, 'node');
  copyFileSync(process.execPath, program, constants.COPYFILE_FICLONE);
  chmodSync(program, 0o755);
  return program;
}

function give(path: string, user: number): void {
  chownSync(path, user, user);
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' }))
    chownSync(join(path, entry), user, user);
}

function run(
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  { user, onStderr }: RunOptions,
): Promise<Ended> {
  const child = spawn(user === undefined ? process.execPath : nodeForOthers(), argv, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(user !== undefined && { uid: user, gid: user }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece;
  });
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece;
    onStderr?.(stderr, child);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
