import { z } from 'zod';
import type { Guest } from '../model.js';
import { unreadable } from './answer.js';
import { bootEntry, type GrubEntry, parseGrubConfig, parseGrubEnvironment } from './grub-config.js';
import { type KernelChange, openChanges } from './ledger.js';
import { runStep, type StepAnswer } from './step.js';

/** A file that decides how the guest boots. */
export interface BootFile {
  readonly path: string;
  /** Where a link leads; what is written to. */
  readonly realPath: string;
  /** One character per byte (latin1): what is not changed is written back as it was. */
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
}

export interface StepOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

const GRUB_CONFIGS = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'];

/** Reads it in one round trip; writes nothing. Without root some of it may stay unread (`unread`). */
export async function bootState(guest: Guest, options: StepOptions): Promise<BootState> {
  const step = await runStep(guest, { name: 'boot-state', doing: 'reading how the guest boots', ...options });
  const read = parsed(step);
  return {
    files: filesOf(step),
    unread: [...read['too-big'], ...read.unreadable],
    tools: read.tool,
    readsDropIns: read['drop-ins'].includes('read'),
    bootFs: read['boot-fs'][0] || null,
    bootAbstraction: read['boot-abstraction'][0] || null,
    sessions: read.session,
    rebootRequired: read['reboot-required'][0]?.split(' ').filter((name) => name !== '') ?? null,
    dpkgHolder: read['dpkg-holder'][0] === undefined ? null : Number(read['dpkg-holder'][0]),
    encrypted: read.encrypted,
    changes: openChanges(read.ledger),
  };
}

const lines = (max: number) => z.array(z.string().max(5_000)).max(max).default([]);
const bootStateAnswer = z.strictObject({
  result: lines(1),
  file: z.array(z.string()).max(60).default([]),
  'too-big': lines(60),
  unreadable: lines(5),
  tool: lines(10),
  'drop-ins': lines(1),
  'boot-fs': lines(1),
  'boot-abstraction': lines(1),
  'boot-free-kib': lines(1),
  session: lines(20),
  'reboot-required': lines(1),
  'dpkg-holder': z
    .array(z.string().regex(/^\d{1,10}$/))
    .max(1)
    .default([]),
  encrypted: lines(10),
  ledger: lines(200),
});

function parsed({ answer, remote, exchange }: StepAnswer): z.output<typeof bootStateAnswer> {
  const read = bootStateAnswer.safeParse(Object.fromEntries(answer));
  if (!read.success) throw unreadable(remote, exchange, 'the answer is not of gclab', read.error);
  return read.data;
}

/** Files as a step tells them, by the path they were asked for. */
export function filesOf({ answer, remote, exchange }: StepAnswer): ReadonlyMap<string, BootFile> {
  const files = (answer.get('file') ?? []).map(fileOf);
  if (files.includes(null)) throw unreadable(remote, exchange, 'the answer has a file that cannot be read');
  return new Map(files.filter((file) => file !== null).map((file) => [file.path, file]));
}

/** `BASE64 |REAL PATH|PATH` */
function fileOf(line: string): BootFile | null {
  const match = /^([A-Za-z0-9+/=]*) ?\|(\/[^|]*)\|(\/[^|]*)$/.exec(line);
  if (match === null) return null;
  const [, encoded = '', realPath = '', path = ''] = match;
  return { path, realPath, content: Buffer.from(encoded, 'base64').toString('latin1') };
}

/** The one grub.cfg of the guest. */
export function grubConfigFile(files: BootState['files']): BootFile | null {
  return GRUB_CONFIGS.map((path) => files.get(path)).find((file) => file !== undefined) ?? null;
}

/** The entry that boots next; null where it cannot be told. */
export function nextEntry(files: BootState['files'], grubenv: BootState['files'] = files): GrubEntry | null {
  const config = grubConfigFile(files);
  return config === null ? null : bootEntry(parseGrubConfig(config.content), environment(grubenv));
}

/** What grubenv says; empty where there is none. */
export function environment(files: BootState['files']): ReadonlyMap<string, string> {
  const file = [...files.values()].find(({ path }) => path.endsWith('/grubenv'));
  return parseGrubEnvironment(file?.content ?? '');
}
