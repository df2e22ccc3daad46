import { GclabError } from '../errors.js';
import type { ConnectSettings, Guest, Target } from '../model.js';
import { Deadline } from './deadline.js';
import { resolveEndpoint } from './endpoint.js';
import { openLink } from './link.js';
import { LocalGuest } from './local-guest.js';
import { SshGuest } from './ssh-guest.js';
import { loadSsh2 } from './ssh2.js';

/** Turns a target into a guest. Rejects with a GclabError whose code says what stood in the way. */
export function connect(target: Target, settings: ConnectSettings): Promise<Guest> {
  return target.kind === 'local' ? connectLocal(target, settings) : connectSsh(target, settings);
}

/** This machine. */
export async function connectLocal(target: Target, settings: Pick<ConnectSettings, 'env'>): Promise<Guest> {
  return new LocalGuest(target, settings.env);
}

/** As `ssh target` would. */
export async function connectSsh(target: Target, settings: ConnectSettings): Promise<Guest> {
  const deadline = new Deadline(settings.connectTimeoutMs);
  const signals = settings.signal === undefined ? [deadline.signal] : [deadline.signal, settings.signal];
  const signal = AbortSignal.any(signals);
  try {
    // ssh2 loads while ssh reads its configuration.
    const [ssh2, endpoint] = await Promise.all([loadSsh2(), resolveEndpoint(target, settings)]);
    const link = await openLink(endpoint, { ssh2, target: target.name, settings, deadline, signal });
    return new SshGuest(target, endpoint, link);
  } catch (error) {
    if (settings.signal?.aborted) throw interrupted(target, error);
    if (deadline.signal.aborted) throw timedOut(target, settings, error);
    throw error;
  } finally {
    deadline.clear();
  }
}

function interrupted(target: Target, cause: unknown): GclabError {
  return new GclabError({
    code: 'interrupted',
    doing: 'connecting',
    target: target.name,
    what: 'interrupted',
    cause,
  });
}

function timedOut(target: Target, settings: ConnectSettings, cause: unknown): GclabError {
  return new GclabError({
    code: 'connection-timeout',
    doing: 'connecting',
    target: target.name,
    what: `no connection within ${settings.connectTimeoutMs / 1000} s`,
    hint: 'check that the host is up and that no firewall drops the connection, or allow more time with --connect-timeout',
    cause,
  });
}
