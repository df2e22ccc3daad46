import type { ClientChannel } from 'ssh2';
import { GclabError } from '../../errors.js';
import type { Link } from './link.js';

type Request = (done: (error: Error | undefined, channel: ClientChannel) => void) => void;

/**
 * Asks for a channel, raced with the loss of the connection: after that ssh2 may throw or never call back.
 * Rejects with `connection-lost`, with ssh2's error where the server refused, or with the signal's reason.
 * `adopt` gets the channel at once: its exit status and its close may be in the bytes that ssh2 reads next.
 */
export function openChannel<T>(
  link: Link,
  target: string,
  signal: AbortSignal | undefined,
  request: Request,
  adopt: (channel: ClientChannel) => T,
): Promise<T> {
  const { lost } = link;
  return new Promise((resolve, reject) => {
    const isLost = (): void => reject(connectionLost(target, lost.reason));
    const isAborted = (): void => reject(signal?.reason);
    if (lost.aborted) return isLost();
    if (signal?.aborted) return isAborted();
    lost.addEventListener('abort', isLost, { once: true });
    signal?.addEventListener('abort', isAborted, { once: true });
    const settle = (): void => {
      lost.removeEventListener('abort', isLost);
      signal?.removeEventListener('abort', isAborted);
    };
    try {
      request((error, channel) => {
        settle();
        if (error) reject(lost.aborted ? connectionLost(target, error) : error);
        else if (signal?.aborted || lost.aborted) channel.destroy();
        else resolve(adopt(channel));
      });
    } catch (error) {
      settle();
      reject(connectionLost(target, error));
    }
  });
}

function connectionLost(target: string, cause: unknown): GclabError {
  return new GclabError({
    code: 'connection-lost',
    doing: 'opening a channel',
    target,
    what: 'the connection is gone',
    hint: 'check that the host is up; what runs on it goes on, and a run can be picked up with gclab remote attach',
    cause,
  });
}
