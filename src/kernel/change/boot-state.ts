import { type Answer, bytes, many, perhaps, single, text } from '../../guest/answer.js';
import { type KernelChange, openLedgerLine } from '../../guest/ledger.js';
import type { Guest } from '../../model.js';
import * as z from '../../zod.js';
import { bootEntry, type GrubEntry, parseGrubConfig, parseGrubEnvironment } from '../grub/grub-config.js';
import { runStep } from './step.js';

/** A file that decides how the guest boots. */
export interface BootFile {
  readonly path: string;
  /** Where a link leads; what is written to. */
  readonly realPath: string;
  /** One character per byte (latin1): what is not changed is written back as it was. */
  readonly content: string;
}

/** What a file was before a change. */
export interface Backup {
  /** Of the change. */
  readonly kind: string;
  readonly id: string;
  /** Of the file, in the change. */
  readonly number: number;
  /** One character per byte (latin1). */
  readonly content: string;
}

/** What decides how the guest boots next. Read, never guessed. */
export interface BootState {
  readonly files: ReadonlyMap<string, BootFile>;
  /** Files too large, or not to be read by this user. */
  readonly unread: readonly string[];
  readonly tools: readonly string[];
  /** grub-mkconfig reads /etc/default/grub.d/*.cfg (Debian's and Ubuntu's do). */
  readonly readsDropIns: boolean;
  /** The file system of /boot/grub, and what it lies on, as grub-probe names them: `ext2`, `lvm`. */
  readonly bootFs: string | null;
  readonly bootAbstraction: string | null;
  readonly sessions: readonly string[];
  /** The packages whose update waits for a reboot, where they are named; null where none waits. */
  readonly rebootRequired: readonly string[] | null;
  readonly dpkgHolder: number | null;
  /** Disks opened at boot: a measured command line may keep them closed. */
  readonly encrypted: readonly string[];
  /** What gclab changed and did not undo, the first first. */
  readonly changes: readonly KernelChange[];
  /** What files were before these changes, as far as this user may read that. */
  readonly backups: readonly Backup[];
}

export interface StepOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

const GRUB_CONFIGS = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'];

/** Reads it in one round trip; writes nothing. Without root some of it may stay unread (`unread`). */
export async function bootState(guest: Guest, options: StepOptions): Promise<BootState> {
  const answer = await runStep(guest, {
    name: 'boot-state',
    doing: 'reading how the guest boots',
    ...options,
  });
  const read = answer.read(bootStateAnswer);
  return {
    files: filesOf(answer),
    unread: [...read['too-big'], ...read.unreadable],
    tools: read.tool,
    readsDropIns: read['drop-ins'] === 'read',
    bootFs: read['boot-fs'] || null,
    bootAbstraction: read['boot-abstraction']?.trim() || null,
    sessions: read.session,
    rebootRequired: read['reboot-required']?.split(' ').filter((name) => name !== '') ?? null,
    dpkgHolder: read['dpkg-holder'],
    encrypted: read.encrypted,
    changes: read.ledger.filter((change) => change !== null),
    backups: read.backup,
  };
}

const line = single(text(5_000));
const file = z
  .tuple([bytes(400), bytes(400), bytes(2 * 1024 * 1024)])
  .transform(([path, realPath, content]): BootFile => ({ path, realPath, content }));
const number = z
  .string()
  .regex(/^\d{1,10}$/)
  .transform(Number);
const backup = z
  .tuple([text(40), text(80), number, bytes(1024 * 1024)])
  .transform(([kind, id, number, content]): Backup => ({ kind, id, number, content }));
const bootStateAnswer = z.strictObject({
  file: many(file, 60),
  'too-big': many(line, 60),
  unreadable: many(line, 5),
  tool: many(line, 10),
  'drop-ins': perhaps(line),
  'boot-fs': perhaps(line),
  'boot-abstraction': perhaps(line),
  session: many(line, 20),
  'reboot-required': perhaps(line),
  'dpkg-holder': perhaps(single(number)),
  encrypted: many(line, 10),
  ledger: many(openLedgerLine, 200),
  backup: many(backup, 600),
});

/** Files as a step tells them, by the path they were asked for. */
export function filesOf(answer: Answer): ReadonlyMap<string, BootFile> {
  const { file: files } = answer.read(z.looseObject({ file: many(file, 60) }));
  return new Map(files.map((one) => [one.path, one]));
}

/** The one grub.cfg of the guest. */
export function grubConfigFile(files: BootState['files']): BootFile | null {
  return GRUB_CONFIGS.map((path) => files.get(path)).find((file) => file !== undefined) ?? null;
}

/** The entry that boots next; null where it cannot be told. */
export function nextEntry(files: BootState['files'], grubenv: BootState['files'] = files): GrubEntry | null {
  const config = grubConfigFile(files);
  if (config === null) return null;
  const custom = files.get(config.path.replace(/[^/]+$/, 'custom.cfg'))?.content ?? null;
  return bootEntry(parseGrubConfig(config.content, custom), environment(grubenv));
}

/** What grubenv says; empty where there is none. */
export function environment(files: BootState['files']): ReadonlyMap<string, string> {
  const file = [...files.values()].find(({ path }) => path.endsWith('/grubenv'));
  return parseGrubEnvironment(file?.content ?? '');
}
