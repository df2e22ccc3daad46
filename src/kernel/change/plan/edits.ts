import type { Facts } from '../../../model.js';
import { words } from '../../command-line.js';
import { editCommandLine } from '../../grub/command-line-edit.js';
import { editDefaultGrub, literalWords, type TokenEdit } from '../../grub/default-grub.js';
import { DROP_IN, dropIn } from '../../grub/drop-in.js';
import type { BootFile, BootState } from '../boot-state.js';
import { type Aim, contradictions, leftovers, type Wanted } from './aim.js';

/** Text is one character per byte (latin1); null: there is no such file. */
export interface FileEdit {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly why: string;
}

const DEFAULT_GRUB = '/etc/default/grub';
const PI_FILES = ['/boot/firmware/cmdline.txt', '/boot/cmdline.txt'];

/** The files to write so that the next boot has what `aim` says; null where a file cannot be read without running it. */
export function planEdits(
  facts: Facts,
  state: BootState,
  next: readonly string[],
  aim: Aim,
  wanted: Wanted,
): readonly FileEdit[] | null {
  if (facts.bootLoader === 'raspberry-pi') return [piEdit(state, aim)];
  const edit = tokenEdit(facts, state, next, aim);
  return wanted.editDefaultGrub || !state.readsDropIns
    ? defaultGrubEdits(state, edit)
    : [dropInEdit(state, edit)];
}

/** The words of a Raspberry Pi's own part of the command line; the firmware adds more. */
export function piWords(state: BootState): readonly string[] | null {
  const file = piFile(state);
  return file === null ? null : words(file.content.split(/\r?\n/, 1)[0] as string);
}

function piFile(state: BootState): BootFile | null {
  return PI_FILES.map((path) => state.files.get(path)).find((file) => file !== undefined) ?? null;
}

function piEdit(state: BootState, aim: Aim): FileEdit {
  const { realPath, content } = piFile(state) as BootFile;
  const drop = contradictions(piWords(state) ?? [], aim);
  const after = editCommandLine(content, { add: [...aim.add, ...leftovers(drop)], drop });
  return { path: realPath, before: content, after, why: 'the firmware hands this line to the kernel' };
}

/** What contradicts is looked for wherever it may come from: the running line, the next entry, the files. */
function tokenEdit(facts: Facts, state: BootState, next: readonly string[], aim: Aim): TokenEdit {
  const inFiles = settings(state).flatMap(({ content }) => literalWords(content) ?? []);
  const drop = contradictions([...words(facts.kernel.commandLine), ...next, ...inFiles], aim);
  return { drop, add: [...aim.add, ...leftovers(drop)] };
}

/** GRUB's settings in the order in which they are read, our own file left out. */
export function settings(state: BootState): readonly BootFile[] {
  const dropIns = [...state.files.values()].filter(
    ({ path }) => path.startsWith(`${DEFAULT_GRUB}.d/`) && path !== DROP_IN,
  );
  const own = state.files.get(DEFAULT_GRUB);
  return [...(own === undefined ? [] : [own]), ...(state.readsDropIns ? dropIns : [])];
}

function dropInEdit(state: BootState, { add, drop }: TokenEdit): FileEdit {
  const before = state.files.get(DROP_IN)?.content ?? null;
  // What an earlier change of ours added stays.
  const earlier = (literalWords(before ?? '') ?? []).filter(
    (word) => !add.includes(word) && !drop.includes(word),
  );
  const dropped = drop.length === 0 ? '' : ` and takes out ${drop.join(' ')}`;
  return {
    path: DROP_IN,
    before,
    after: dropIn([...earlier, ...add], drop),
    why: `read last of GRUB's settings: adds ${add.join(' ') || 'nothing'}${dropped}`,
  };
}

/** Added to /etc/default/grub; what contradicts goes from every file that sets it. */
function defaultGrubEdits(state: BootState, edit: TokenEdit): readonly FileEdit[] | null {
  const edits = settings(state).map((file) => settingsEdit(file, edit));
  if (edits.includes(null)) return null;
  return edits.filter((one) => one !== null).filter(({ before, after }) => before !== after);
}

function settingsEdit({ path, realPath, content }: BootFile, { add, drop }: TokenEdit): FileEdit | null {
  const isMain = path === DEFAULT_GRUB;
  const after = editDefaultGrub(content, { drop, add: isMain ? add : [] });
  const why = isMain ? 'the settings that update-grub reads' : `it sets ${drop.join(' ')}`;
  return after === null ? null : { path: realPath, before: content, after, why };
}
