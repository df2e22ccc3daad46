import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Guest } from '../model.js';
import { type Answer, readAnswer } from './answer.js';

/** Each script of provision/guest, and what of that folder it needs before it. */
const SCRIPTS = {
  probe: [],
  locate: [],
  clean: ['ledger'],
  upload: ['ledger'],
  'boot-state': ['ledger', 'boot'],
  'ledger-state': ['ledger', 'boot'],
  change: ['ledger', 'boot'],
  commit: ['ledger', 'boot'],
  restore: ['ledger', 'boot'],
  trial: ['ledger', 'boot'],
  reboot: ['ledger', 'boot'],
  'reboot-answer': [],
} as const;

export type ScriptName = keyof typeof SCRIPTS;

/** A script and its arguments. */
export interface Script {
  readonly name: ScriptName;
  readonly args?: readonly string[];
}

export interface ScriptOptions {
  /** For errors, as a participle: `reading the guest`. */
  readonly doing: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /**
   * `settled`: as root where the guest's privilege says how. `root-if-possible`: where nothing is settled yet, as root by `sudo -n`
   * if that asks for nothing, else as the login's user.
   */
  readonly runAs: 'settled' | 'root-if-possible';
  /** What the script reads on its stdin. */
  readonly input?: string | Uint8Array;
  /** More than this is no answer (default 256 KiB). */
  readonly maxAnswerBytes?: number;
}

/**
 * Runs one script on a guest. Rejects with `guest-answer` where what comes back is no answer, `remote-timeout`, and what
 * `guest.exec` rejects with; what the script says of how it went is in the answer.
 */
export async function runScript(guest: Guest, script: Script, options: ScriptOptions): Promise<Answer> {
  const [answer] = await runScripts(guest, [script], options);
  return answer as Answer;
}

/** Runs several, one after the other in one command, each in a shell of its own; their answers in that order. */
export async function runScripts(
  guest: Guest,
  scripts: readonly Script[],
  options: ScriptOptions,
): Promise<readonly Answer[]> {
  const { doing, timeoutMs, signal, input, maxAnswerBytes: maxBytes = 256 * 1024 } = options;
  const byLauncher = options.runAs === 'root-if-possible' && ['none', 'sudo'].includes(guest.privilege);
  const args = scripts.flatMap(({ name, args = [] }) => [functionOf(name), String(args.length), ...args]);
  const remote = await guest.exec([...launcher(byLauncher, input !== undefined), ...args], {
    stdin: await stdinOf(scripts, input),
    timeoutMs,
    maxOutputBytes: maxBytes,
    asRoot: !byLauncher && guest.privilege !== 'none',
    ...(signal === undefined ? {} : { signal }),
  });
  const question = { doing, target: guest.target.name, maxBytes };
  return scripts.map(({ name }) => readAnswer(remote, { ...question, script: functionOf(name) }));
}

/** Every name of a function is a word; that of a file has a hyphen. */
function functionOf(name: ScriptName): string {
  return name.replaceAll('-', '_');
}

/** sudo, where it refuses, has read nothing of stdin. */
const AS_ROOT_IF_POSSIBLE =
  '[ -n "$PATH" ] || PATH=/usr/bin:/bin; if [ ! -O / ] && command -v sudo >/dev/null && sudo -n sh -s -- sudo "$@"; then exit; fi; exec sh -s -- as-is "$@"';

/** A shell that reads its script from stdin may read on, into the script's own input: so this takes it line by line. */
const BEFORE_INPUT =
  'script=; while IFS= read -r line; do [ "$line" != "#end" ] || { eval "$script"; exit; }; script="$script$line\n"; done';

function launcher(byLauncher: boolean, hasInput: boolean): readonly string[] {
  if (byLauncher) return ['sh', '-c', AS_ROOT_IF_POSSIBLE, 'sh'];
  return hasInput ? ['sh', '-c', BEFORE_INPUT, 'sh', 'as-is'] : ['sh', '-s', '--', 'as-is'];
}

/** Functions alone, and their call at the very end: of a part of it nothing runs. */
async function stdinOf(
  scripts: readonly Script[],
  input: ScriptOptions['input'],
): Promise<string | Uint8Array> {
  const parts = new Set(['answer', ...scripts.flatMap(({ name }) => [...SCRIPTS[name], name])]);
  const text = (await Promise.all([...parts].map((part) => guestScript(`${part}.sh`)))).join('');
  if (input === undefined) return `${text}{ gclab "$@" </dev/null; exit; }\n`;
  return Buffer.concat([Buffer.from(`${text}gclab "$@"\n#end\n`), Buffer.from(input)]);
}

const read = new Map<string, Promise<string>>();

/** A file of provision/guest, read once, however many guests get it. */
export function guestScript(file: string): Promise<string> {
  const known =
    read.get(file) ?? readFile(join(provisionFolder(dirname(fileURLToPath(import.meta.url))), file), 'utf8');
  read.set(file, known);
  return known;
}

/** Looked for upwards from this module, so that it is found from the sources, from a bundle in dist, and in an installed package alike. */
function provisionFolder(from: string): string {
  const folder = join(from, 'provision', 'guest');
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) return folder;
  const parent = dirname(from);
  if (parent === from) throw new Error('provision/guest is missing from this installation of gclab');
  return provisionFolder(parent);
}
