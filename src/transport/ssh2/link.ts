import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { sharedAbort } from '../../concurrency/shared-abort.js';
import { GclabError } from '../../errors.js';
import type { ConnectSettings } from '../../model.js';
import type { Endpoint } from '../config/endpoint.js';
import type { Deadline } from '../deadline.js';
import { checkHostKey } from '../host-keys/host-key-check.js';
import { hostKeyAlgorithms, type KnownKeys, readKnownKeys } from '../host-keys/host-keys.js';
import { fingerprint, keyType, shortKeyType } from '../host-keys/known-hosts.js';
import { watchHeartbeat } from './heartbeat.js';
import { authenticateAtOnce, signAtOnce } from './login/at-once.js';
import { Authenticator } from './login/authenticate.js';
import { loadIdentities } from './login/identities.js';
import type { Ssh2 } from './ssh2.js';

/** An authenticated SSH connection. */
export interface Link {
  readonly client: Client;
  /** What carries it: destroying this ends a connection whose other side no longer answers. */
  readonly sock: Duplex;
  /** `ed25519 SHA256:…`: the key the server showed. */
  readonly hostKey: string;
  /** Aborts when the connection is gone; the reason is the error, if there was one. */
  readonly lost: AbortSignal;
}

export interface LinkContext {
  readonly ssh2: Ssh2;
  readonly target: string;
  readonly settings: ConnectSettings;
  readonly deadline: Deadline;
  /** The deadline's and the user's. */
  readonly signal: AbortSignal;
}

/** ssh2 could not agree with the server before a host key was seen, or lacks what the configuration asks for. */
export class NeedsSystemSsh extends Error {}

/** Makes an SSH connection out of a dialled one: key exchange, host key, authentication. */
export async function handshake(
  endpoint: Endpoint,
  dialled: Duplex | Promise<Duplex>,
  context: LinkContext,
): Promise<Link> {
  const { ssh2, target, settings, deadline, signal } = context;
  // All at once: reading keys and known_hosts costs no time while the TCP connection is made.
  const [sock, known, identities] = await Promise.all([
    dialled,
    readKnownKeys(endpoint),
    loadIdentities(ssh2, endpoint),
  ]);
  // It may have been cut meanwhile, and ssh2 would wait for an event that is past.
  if (sock.destroyed) throw handshakeFailed(target, new Error('the connection was cut'));
  const foreign = identities.foreign ?? certifiedOnly(known);
  if (foreign !== null) {
    sock.destroy();
    throw new NeedsSystemSsh(`ssh2 cannot use ${foreign}`);
  }
  const authenticator = new Authenticator(ssh2, endpoint, identities, target, settings, deadline);
  const client = new ssh2.Client();
  const gone = sharedAbort();
  let hostKey: string | undefined;
  return new Promise<Link>((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(error);
      client.destroy();
      sock.destroy();
    };
    const abandon = (): void => fail(signal.reason);
    signal.addEventListener('abort', abandon, { once: true });
    if (signal.aborted) return abandon();
    client.on('ready', () => {
      signal.removeEventListener('abort', abandon);
      watchHeartbeat(sock, settings.keepaliveMs, () => {
        gone.abort(new Error('no sign of life from the server'));
        // Not by the client: it leaves a socket alone that it has ended.
        sock.destroy();
      });
      resolve({ client, sock, hostKey: hostKey ?? '', lost: gone.signal });
    });
    // One failure can emit two errors, and one that nobody listens to ends the process.
    client.on('error', (error: Error & { level?: string }) => {
      if (error.level === 'agent') return;
      fail(handshakeError(error, hostKey !== undefined, authenticator, context));
      gone.abort(error);
    });
    client.on('close', () => {
      fail(
        handshakeError(
          new Error('the server closed the connection'),
          hostKey !== undefined,
          authenticator,
          context,
        ),
      );
      gone.abort();
    });
    client.connect({
      sock,
      username: endpoint.user,
      readyTimeout: 0,
      keepaliveInterval: settings.keepaliveMs,
      // Judged by watchHeartbeat.
      keepaliveCountMax: Number.MAX_SAFE_INTEGER,
      algorithms: { serverHostKey: hostKeyAlgorithms(known) },
      // Undefined, never a promise: ssh2 takes whatever is not false for a yes.
      hostVerifier: (key: Buffer, verify: (isGood: boolean) => void): undefined => {
        const shown = `${shortKeyType(keyType(key) ?? '')} ${fingerprint(key)}`;
        // Keys are exchanged again after some time; nobody is asked twice, and no other key gets in then.
        if (hostKey !== undefined) return void verify(shown === hostKey);
        hostKey = shown;
        checkHostKey(endpoint, known, key, target, settings, deadline).then(
          () => verify(true),
          (error: unknown) => {
            reject(error);
            verify(false);
          },
        );
      },
      authHandler: (accepts, _partial, next) => {
        authenticator.next(accepts).then((method) => next(method as Parameters<typeof next>[0]), fail);
      },
    });
    signAtOnce(client);
    authenticateAtOnce(client, authenticator.firstKey);
  });
}

/** Where known_hosts trusts a certificate authority for a host and knows no key of it. */
function certifiedOnly(known: KnownKeys): string | null {
  const plain = [...known.exact, ...known.withoutPort].some((entry) => entry.marker === null);
  const authority = known.exact.find((entry) => entry.marker === 'cert-authority');
  return plain || authority === undefined
    ? null
    : `the certificate authority of ${authority.file}:${authority.line}`;
}

function handshakeError(
  error: Error & { level?: string },
  sawKey: boolean,
  authenticator: Authenticator,
  context: LinkContext,
): Error {
  if (error.level === 'client-socket') return handshakeFailed(context.target, error);
  if (sawKey && (error.level === 'client-authentication' || authenticator.hasStarted))
    return authenticator.error(error);
  if (!sawKey && error.level === 'handshake') return new NeedsSystemSsh(error.message, { cause: error });
  return handshakeFailed(context.target, error);
}

function handshakeFailed(target: string, cause: Error): GclabError {
  return new GclabError({
    code: 'handshake-failed',
    doing: 'agreeing on a connection',
    target,
    what: cause.message,
    hint: 'is it an SSH server? A busy one refuses some of many connections at once (MaxStartups): try again',
    cause,
  });
}
