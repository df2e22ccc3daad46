import type { Guest } from '../../model.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** A guest that has just let us in may be busy with its own start for a while. */
const ASK_MS = 20_000;

/** Which boot the guest is in; null where it does not say. Rejects as `guest.exec` does. */
export async function readBootId(guest: Guest, signal?: AbortSignal): Promise<string | null> {
  const { stdout, exitCode } = await guest.exec(['cat', '/proc/sys/kernel/random/boot_id'], {
    timeoutMs: ASK_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  const bootId = stdout.trim().split('\n').at(-1) ?? '';
  return exitCode === 0 && UUID.test(bootId) ? bootId : null;
}
