import { reboot } from '../kernel/reboot.js';
import type { Facts, Guest } from '../model.js';
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
      }),
    ({ durationMs }) => `back with another boot id after ${formatDuration(durationMs)}`,
  );
  context.rebooted(back.durationMs);
  return { guest: back.guest, facts: await readFacts(back.guest, request) };
}
