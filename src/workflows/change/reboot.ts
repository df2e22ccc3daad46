import { GclabError } from '../../errors.js';
import type { VmControl } from '../../fleet/vm-control.js';
import { reboot } from '../../kernel/reboot/reboot.js';
import type { Facts, Guest } from '../../model.js';
import { formatDuration } from '../../units.js';
import { readFacts } from '../facts.js';
import type { ChangeContext } from './context.js';

/** A guest as it is booted now. */
export interface Booted {
  readonly guest: Guest;
  readonly facts: Facts;
}

/** Reboots, and reads what came back over another connection. */
export async function rebootAndRead(guest: Guest, facts: Facts, context: ChangeContext): Promise<Booted> {
  const { settings, phases, request } = context;
  const { privilege } = guest;
  const password = request.sudoPasswords.get(guest.target.id);
  const vm = await request.findVm(guest.target);
  const awaitUp = vm?.awaitUp?.bind(vm);
  const back = await phases.run(
    'reboot',
    () =>
      reboot(guest, {
        ...(awaitUp === undefined ? {} : { awaitUp }),
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
        throw await withConsole(error, vm?.console ?? null);
      }),
    ({ durationMs }) => `back with another boot id after ${formatDuration(durationMs)}`,
  );
  context.replace(back.guest);
  context.rebooted(back.durationMs);
  return { guest: back.guest, facts: await readFacts(back.guest, request) };
}

/** Whoever waited in vain wants to know how far the guest got; of a VM of ours its console tells. */
async function withConsole(error: unknown, console: VmControl['console']): Promise<unknown> {
  if (!(error instanceof GclabError) || error.code !== 'reboot-timeout' || console === null) return error;
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
