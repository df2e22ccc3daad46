import { GclabError } from '../../../errors.js';
import type { Facts, Obstacle } from '../../../model.js';
import { commandLineRemedy } from '../../readiness/remedy.js';
import type { BootState } from '../boot-state.js';

/** Why gclab does not change how this guest boots; null where it may. */
export function refusal(facts: Facts, state: BootState, force: boolean): Obstacle | null {
  const { remedy, hint } = commandLineRemedy(facts);
  if (facts.container !== null) return { what: `this is a container (${facts.container})`, remedy, hint };
  if (remedy !== 'prepare') return { what: `it is booted by ${loaderName(facts)}`, remedy, hint };
  if (facts.privilege === 'none') return noRoot(facts);
  if (state.unread.length > 0) return unread(state.unread);
  return state.encrypted.length > 0 && !force ? encrypted(state.encrypted) : null;
}

/** As the error of the target that it is about. */
export function refused(target: string, { what, hint }: Obstacle): GclabError {
  return new GclabError({ code: 'not-ready', doing: 'planning the kernel options', target, what, hint });
}

function loaderName({ bootLoader }: Facts): string {
  if (bootLoader === 'none') return 'something outside it';
  return bootLoader === 'unknown' ? 'a boot loader that gclab does not know' : bootLoader;
}

export function noRoot({ user }: Facts): Obstacle {
  return {
    what: `${user.name} may not become root there`,
    remedy: 'user',
    hint: 'Log in as root, or as someone with sudo',
  };
}

function unread(paths: readonly string[]): Obstacle {
  return {
    what: `${paths.join(', ')} could not be read`,
    remedy: 'user',
    hint: 'Log in as root, or let gclab ask for the password of sudo (`--ask-sudo-pass`)',
  };
}

/** A key sealed to the measured boot (PCR 8 holds the command line) no longer opens; a passphrase waits for a person. */
function encrypted(disks: readonly string[]): Obstacle {
  const names = new Set(disks.map((line) => line.split(/\s/)[0]));
  return {
    what: `disks are unlocked at boot (${[...names].join(', ')}): after a changed command line it may wait for a passphrase`,
    remedy: 'user',
    hint: 'Make sure that someone can unlock it, then use `--force`',
  };
}
