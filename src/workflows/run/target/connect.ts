import { connectPhase, dial } from '../../../fleet/connect.js';
import { Connection } from '../../../transport/connection.js';
import type { RunTarget } from './run-target.js';

/** Connects, works over a connection that comes back when it drops, and closes it. */
export async function connected(
  one: RunTarget,
  work: (connection: Connection) => Promise<void>,
): Promise<void> {
  const { target, phases, request } = one;
  const guest = await connectPhase(target, request, phases);
  const connection = new Connection(guest, {
    dial: async (before, signal) => {
      const fresh = await dial(before.target, request, signal);
      fresh.setPrivilege(before.privilege, request.sudoPasswords.get(target.id));
      return fresh;
    },
    reconnectMs: request.reconnectMs,
    onNote: (text) => phases.note(text),
    signal: request.signal,
  });
  try {
    await one.learn({ ssh: guest.target.ssh, address: guest.address });
    await work(connection);
  } finally {
    await connection.close();
  }
}
