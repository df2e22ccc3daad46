import type { Settings } from '../../model.js';
import { parseSize } from '../../units.js';
import { badFlag } from './kinds.js';

export interface SettingsFlags {
  readonly limit: number;
  readonly trials: number;
  readonly gc: boolean;
  readonly gogc: string | undefined;
  readonly gomemlimit: string | undefined;
  readonly env: readonly (readonly [string, string])[] | undefined;
  readonly 'sample-hz': number;
  readonly interactive: boolean;
  readonly port: number;
  readonly timeout: number;
}

/** One configuration of the experiment from flags; what Go's runtime would reject is wrong usage here already. */
export function settingsFromFlags(flags: SettingsFlags): Settings {
  return {
    limitBytes: flags.limit,
    // The built-in sequence goes once without and once with a collection.
    trials: flags.interactive ? flags.trials * 2 : flags.trials,
    mode: flags.interactive ? 'interactive' : 'self',
    gc: flags.gc,
    gogc: checkGogc(flags.gogc),
    gomemlimit: checkGomemlimit(flags.gomemlimit),
    env: Object.fromEntries(flags.env ?? []),
    sampleHz: flags['sample-hz'],
    port: flags.port,
    timeoutMs: flags.timeout,
  };
}

function checkGogc(text: string | undefined): string | null {
  if (text === undefined) return null;
  return /^(off|\d{1,9})$/.test(text)
    ? text
    : badFlag(`${JSON.stringify(text)} is no GOGC`, 'a percentage such as 100, or off');
}

/** The runtime knows B, KiB, MiB, GiB, TiB and off; gclab's other spellings become plain bytes. */
function checkGomemlimit(text: string | undefined): string | null {
  if (text === undefined || text === 'off') return text ?? null;
  const bytes = parseSize(text);
  return bytes === undefined
    ? badFlag(`${JSON.stringify(text)} is no GOMEMLIMIT`, 'a size such as 28MiB, or off')
    : String(bytes);
}

/** In step each guest chooses a free port, unless one was named: two names may mean one guest. */
export function portOf(
  flags: { readonly port: number; readonly lockstep: boolean },
  given: ReadonlySet<string>,
): number {
  return flags.lockstep && !given.has('port') ? 0 : flags.port;
}
