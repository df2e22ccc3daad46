import type { Plan } from '../../kernel/change/plan/plan.js';
import { verifyEffect } from '../../kernel/change/verify.js';
import type { ChangeContext } from './context.js';
import type { Booted } from './reboot.js';

/** What a guest is like once the options are written, and not booted. */
export const WRITTEN = 'the entry that boots next has the options';

/** The phase that ends a change: what is written counts for nothing, the effect does. */
export async function seeEffect(
  { guest, facts }: Booted,
  { aim }: Plan,
  said: string,
  { phases }: ChangeContext,
): Promise<void> {
  await phases.run(
    'verify',
    async () => verifyEffect(guest.target.name, facts, aim),
    () => said,
  );
}
