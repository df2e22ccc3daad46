import { type BootState, environment } from '../boot-state.js';

/** What someone should know before they say yes to a reboot. */
export function planNotes(state: BootState): readonly string[] {
  const people = loggedIn(state);
  const oneTime = environment(state.files).get('next_entry') ?? '';
  return [
    ...(people.length === 0 ? [] : [`logged in there: ${people.join(', ')}`]),
    ...(state.rebootRequired === null ? [] : [waits(state.rebootRequired)]),
    ...(oneTime === ''
      ? []
      : [`another entry (${oneTime}) was chosen for the next boot, and would boot instead`]),
    ...(state.dpkgHolder === null
      ? []
      : [`packages are being installed (process ${state.dpkgHolder}): gclab waits for that`]),
  ];
}

/** Changes of the guest that were cut before their end. */
export function unfinished({ changes }: BootState): readonly string[] {
  return changes
    .filter(({ applied }) => !applied)
    .map(({ id, at }) => `an earlier change (${id}, ${at}) was begun and not seen through`);
}

/** `ada (pts/0)` for each session; `who` prints user, terminal, since when and from where. */
export function loggedIn({ sessions }: BootState): readonly string[] {
  return sessions.map((line) => {
    const [user = '?', terminal = '?'] = line.split(/\s+/);
    return `${user} (${terminal})`;
  });
}

function waits(packages: readonly string[]): string {
  const what = packages.length === 0 ? 'an update waits' : `updates (${packages.join(', ')}) wait`;
  return `${what} for a reboot as well: ${packages.length === 0 ? 'it takes' : 'they take'} effect with this one`;
}
