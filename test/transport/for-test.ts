import { onTestFinished } from 'vitest';
import type { ConnectSettings, Guest } from '../../src/model.js';
import { connect } from '../../src/transport/connect.js';
import { type Sshd, type SshdOptions, startSshd } from '../support/sshd.js';
import { settingsFor } from './settings.js';

/** A server that stops when the test under way has finished. */
export async function start(options: SshdOptions = {}): Promise<Sshd> {
  const sshd = await startSshd(options);
  onTestFinished(() => sshd.stop());
  return sshd;
}

/** A connection to it that is closed when the test under way has finished. */
export async function open(
  sshd: Pick<Sshd, 'sshConfig'>,
  more: Partial<ConnectSettings> = {},
): Promise<Guest> {
  const guest = await connect({ name: 'guest', kind: 'ssh' }, settingsFor(sshd, more));
  onTestFinished(() => guest.close());
  return guest;
}
