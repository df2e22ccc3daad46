import { onTestFinished } from 'vitest';
import { hostTarget } from '../../src/inventory/targets.js';
import type { ConnectSettings, Guest } from '../../src/model.js';
import { connect } from '../../src/transport/connect.js';
import { type Sshd, type SshdOptions, startSshd } from '../support/ssh/sshd.js';
import { connectSettings } from './settings.js';

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
  const guest = await connect(hostTarget('guest', sshd.sshConfig), connectSettings(more));
  onTestFinished(() => guest.close());
  return guest;
}
