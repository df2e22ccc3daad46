import { GclabError } from '../errors.js';
import type { ConnectSettings, Guest, Target } from '../model.js';
import type { Endpoint } from './config/endpoint.js';
import { nearbyNames } from './config/nearby-names.js';
import { type Addressed, resolveEndpoint } from './config/resolve-endpoint.js';
import { Deadline } from './deadline.js';
import { LocalGuest } from './local-guest.js';
import { NeedsSystemSsh } from './ssh2/link.js';
import { openLink } from './ssh2/route.js';
import { SshGuest } from './ssh2/ssh-guest.js';
import { loadSsh2 } from './ssh2/ssh2.js';

/** Turns a target into a guest. Rejects with a GclabError whose code says what stood in the way. */
export async function connect(target: Target, settings: ConnectSettings): Promise<Guest> {
  if (target.source.kind === 'local') return await connectLocal(target, settings);
  if (!isAddressed(target)) throw noAddress(target);
  return await connectSsh(target, settings);
}

type SshTarget = Target & Addressed;

function isAddressed(target: Target): target is SshTarget {
  return target.ssh !== null;
}

/** This machine. */
export async function connectLocal(target: Target, settings: Pick<ConnectSettings, 'env'>): Promise<Guest> {
  return new LocalGuest(target, settings.env);
}

/** As `ssh target` would: by ssh2, and by the system's ssh where ssh2 cannot. */
export async function connectSsh(target: SshTarget, settings: ConnectSettings): Promise<Guest> {
  const deadline = new Deadline(settings.connectTimeoutMs);
  const signals = settings.signal === undefined ? [deadline.signal] : [deadline.signal, settings.signal];
  const attempt = { target, settings, deadline, signal: AbortSignal.any(signals) };
  try {
    return settings.program === 'openssh' ? await byOpenssh(attempt) : await bySsh2(attempt);
  } catch (error) {
    if (settings.signal?.aborted) throw interrupted(target, error);
    if (deadline.signal.aborted) throw timedOut(target, settings, error);
    throw await withNearbyNames(error, attempt);
  } finally {
    deadline.clear();
  }
}

interface Attempt {
  readonly target: SshTarget;
  readonly settings: ConnectSettings;
  readonly deadline: Deadline;
  readonly signal: AbortSignal;
}

async function bySsh2(attempt: Attempt): Promise<Guest> {
  const { target, settings } = attempt;
  // ssh2 loads while ssh reads its configuration.
  const [ssh2, endpoint] = await Promise.all([loadSsh2(), resolveEndpoint(target, settings)]);
  try {
    return new SshGuest(
      target,
      endpoint,
      await openLink(endpoint, { ...attempt, ssh2, target: target.name }),
    );
  } catch (error) {
    if (!(error instanceof NeedsSystemSsh)) throw error;
    if (settings.program === 'ssh2' || !endpoint.options.fromSsh)
      throw error.cause instanceof GclabError ? error.cause : nothingInCommon(target, error);
    return await byOpenssh(attempt, endpoint);
  }
}

async function byOpenssh(attempt: Attempt, resolved?: Endpoint): Promise<Guest> {
  const { target, settings, deadline, signal } = attempt;
  const [{ openMaster }, { OpensshGuest }] = await Promise.all([
    import('./openssh/openssh-master.js'),
    import('./openssh/openssh-guest.js'),
  ]);
  const endpoint = resolved ?? (await resolveEndpoint(target, settings));
  return new OpensshGuest(
    target,
    endpoint,
    await openMaster(target, endpoint, settings, deadline, signal),
    settings.env,
  );
}

/** Says which names ssh_config has that were perhaps meant. */
async function withNearbyNames(error: unknown, { target }: Attempt): Promise<unknown> {
  if (!(error instanceof GclabError) || error.code !== 'unknown-host') return error;
  const names = await nearbyNames(target.ssh.host, target.ssh.configFile);
  if (names.length === 0) return error;
  const hint = `did you mean ${names.join(' or ')}? ssh_config has that`;
  const { doing, cause } = error;
  const what = error.message.slice(`${target.name}: ${doing}: `.length);
  return new GclabError({ code: error.code, doing, target: target.name, what, hint, cause });
}

function noAddress(target: Target): GclabError {
  return new GclabError({
    code: 'vm-unknown',
    doing: 'connecting',
    target: target.name,
    what: 'it is not known how this VM is reached',
    hint: 'see which VMs there are with: gclab vm list',
  });
}

function nothingInCommon(target: Target, cause: NeedsSystemSsh): GclabError {
  return new GclabError({
    code: 'handshake-failed',
    doing: 'agreeing on a connection',
    target: target.name,
    what: cause.message,
    hint: 'the system’s ssh may know what is needed here: install the OpenSSH client (openssh-client)',
    cause,
  });
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
