import type { BootState } from './boot-state.js';

/** What someone should know before they say yes to a reboot. */
export function planNotes(state: BootState): readonly string[] {
  return [
    ...(state.sessions.length === 0 ? [] : [`logged in there: ${state.sessions.map(who).join(', ')}`]),
    ...(state.rebootRequired ? ['an update waits for a reboot as well: it takes effect with this one'] : []),
    ...(state.dpkgHolder === null
      ? []
      : [`packages are being installed (process ${state.dpkgHolder}): gclab waits for that`]),
    ...state.changes
      .filter(({ applied }) => !applied)
      .map(({ id, at }) => `an earlier change (${id}, ${at}) was begun and not seen through`),
  ];
}

/** `who` prints user, terminal, since when and from where. */
function who(line: string): string {
  const [user = '?', terminal = '?'] = line.split(/\s+/);
  return `${user} (${terminal})`;
}
