import { GclabError } from '../errors.js';
import { reboot } from '../kernel/reboot.js';
import type { Facts, Guest, Target } from '../model.js';
import { formatDuration } from '../units.js';
import type { ChangeContext } from './change-context.js';
import { readFacts } from './facts.js';

/** Reboots, and reads what came back over another connection. */
export async function rebootAndRead(
  guest: Guest,
  facts: Facts,
  context: ChangeContext,
): Promise<{ readonly guest: Guest; readonly facts: Facts }> {
  const { settings, phases, request } = context;
  const { privilege } = guest;
  const password = request.sudoPasswords.get(guest.target.name);
  const back = await phases.run(
    'reboot',
    () =>
      reboot(guest, {
        reconnect: async (signal) => {
          const fresh = await context.dial(signal);
          fresh.setPrivilege(privilege, password);
          return fresh;
        },
        oldBootId: facts.kernel.bootId ?? '',
        timeoutMs: settings.rebootTimeoutMs,
        signal: request.signal,
        onPhase: (phase, elapsedMs) =>
          phases.progress(`${phase}, ${formatDuration(elapsedMs)} since the reboot began`),
      }).catch(async (error: unknown) => {
        throw await withConsole(error, guest.target);
      }),
    ({ durationMs }) => `back with another boot id after ${formatDuration(durationMs)}`,
  );
  context.rebooted(back.durationMs);
  return { guest: back.guest, facts: await readFacts(back.guest, request) };
}

/** Whoever waited in vain wants to know how far the guest got; of a VM of ours its console tells. */
async function withConsole(error: unknown, { console }: Target): Promise<unknown> {
  if (!(error instanceof GclabError) || error.code !== 'reboot-timeout' || !console) return error;
  const { code, doing, what, target = '' } = error;
  const lastLine = await console.lastLine();
  const said = lastLine === undefined ? '' : `; its console ends with: ${lastLine}`;
  return new GclabError({
    code,
    doing,
    target,
    what: what + said,
    hint: `see its console log, ${console.path}`,
    cause: error,
  });
}
