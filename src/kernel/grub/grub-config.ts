import { forKernel, grubCommand, unquoted } from './grub-words.js';

/** A menu entry of grub.cfg; `path` is where it hangs, from the top. */
export interface GrubEntry {
  readonly title: string;
  readonly id: string | null;
  /** The words of its `linux` line behind the kernel's path; null where it loads no Linux. */
  readonly words: readonly string[] | null;
  /** The lines between its braces, as they stand. */
  readonly body: readonly string[];
}

interface Menu {
  readonly title: string;
  readonly id: string | null;
  readonly items: (Menu | GrubEntry)[];
}

export interface GrubConfig {
  readonly items: readonly (Menu | GrubEntry)[];
  /** What `set default=` says where nothing was chosen for one boot; may name a variable of grubenv. */
  readonly defaultEntry: string;
  /** A one-time entry (`grub-reboot`) is heeded, and custom.cfg read. */
  readonly readsNextEntry: boolean;
  readonly readsCustom: boolean;
  /** It goes on in files that are not known here, so that neither its entries nor its default are all. */
  readonly readsMore: boolean;
  /** Entries may ask for a password. */
  readonly hasSuperusers: boolean;
}

/**
 * Reads what grub-mkconfig writes; entries made by hand are read as far as they keep to its shape. `custom` is what custom.cfg says,
 * which is read behind all else; null where there is none.
 */
export function parseGrubConfig(own: string, custom: string | null = null): GrubConfig {
  const readsCustom = /custom\.cfg/.test(own);
  const text = readsCustom && custom !== null ? `${own}\n${custom}` : own;
  const root: Menu = { title: '', id: null, items: [] };
  const open: Menu[] = [root];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] as string).trim();
    const menu = open.at(-1) as Menu;
    if (/^submenu\s/.test(line)) {
      const inner = { ...heading(line), items: [] };
      menu.items.push(inner);
      open.push(inner);
    } else if (/^menuentry\s/.test(line)) {
      const end = endOfBlock(lines, at);
      menu.items.push(entry(line, lines.slice(at + 1, end)));
      at = end;
    } else if (line === '}' && open.length > 1) open.pop();
  }
  return {
    items: root.items,
    defaultEntry: defaultEntry(lines),
    readsNextEntry: text.includes('next_entry') && text.includes('load_env'),
    readsCustom,
    readsMore: lines.some(readsAnotherFile),
    hasSuperusers: /^\s*set superusers=/m.test(text),
  };
}

/** The entry that boots next, by grub.cfg and grubenv; null where it cannot be told or loads no Linux. */
export function bootEntry(config: GrubConfig, environment: ReadonlyMap<string, string>): GrubEntry | null {
  if (config.readsMore) return null;
  const once = config.readsNextEntry ? environment.get('next_entry') : undefined;
  const chosen =
    once || config.defaultEntry.replace(/^\$\{?(\w+)\}?$/, (_, name: string) => environment.get(name) ?? '');
  const found = follow(config.items, chosen.split('>'));
  return found?.words == null ? null : found;
}

/** grubenv: `name=value` lines between a heading and padding. */
export function parseGrubEnvironment(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .split('\n')
      .filter((line) => !line.startsWith('#') && line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** As GRUB does it: a number, an id or a title for each level; what is not found is the first. */
function follow(items: GrubConfig['items'], [step = '', ...rest]: readonly string[]): GrubEntry | null {
  const item = pick(items, step) ?? items[0];
  if (item === undefined) return null;
  return 'items' in item ? follow(item.items, rest) : item;
}

function pick(items: GrubConfig['items'], step: string): Menu | GrubEntry | undefined {
  if (/^\d+$/.test(step)) return items[Number(step)];
  return items.find(({ title, id }) => step !== '' && (id === step || title === step));
}

function entry(line: string, body: readonly string[]): GrubEntry {
  const linux = body.map((one) => grubCommand(one).words).find(loadsLinux);
  return { ...heading(line), body, words: linux === undefined ? null : linux.slice(2).map(forKernel) };
}

/** Whether a command, by its words, is one that loads a kernel. */
export function loadsLinux([command = '']: readonly string[]): boolean {
  return /^linux(?:16|efi)?$/.test(command);
}

/** `menuentry 'title' --class x $menuentry_id_option 'id' {` */
function heading(line: string): { title: string; id: string | null } {
  const [, title = '', ...rest] = grubCommand(line).words.map(unquoted);
  const at = rest.findIndex((word) => word === '$menuentry_id_option' || word === '--id');
  return { title, id: rest[at + 1] !== undefined && at !== -1 ? (rest[at + 1] as string) : null };
}

/** The line of the brace that closes the block whose heading is at `from`. */
function endOfBlock(lines: readonly string[], from: number): number {
  const indent = /^\s*/.exec(lines[from] as string)?.[0] ?? '';
  const end = lines.findIndex((line, index) => index > from && line.trimEnd() === `${indent}}`);
  return end === -1 ? lines.length : end;
}

/** Whether a line has GRUB go on in a file other than custom.cfg. */
function readsAnotherFile(line: string): boolean {
  const [command = '', file = ''] = grubCommand(line).words.map(unquoted);
  return ['source', '.', 'configfile', 'blscfg'].includes(command) && !file.endsWith('/custom.cfg');
}

/** The header sets `default` in branches; the one-time choice aside, the last one counts. */
function defaultEntry(lines: readonly string[]): string {
  const set = lines
    .map((line) => /^\s*set default=(?:"([^"]*)"|'([^']*)'|(\S*))\s*$/.exec(line))
    .map((match) => match?.[1] ?? match?.[2] ?? match?.[3])
    .filter((value) => value !== undefined && !value.includes('next_entry'));
  return set.at(-1) ?? '0';
}
