import type { BaseAgent, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2';
import type { Ssh2 } from '../ssh2.js';

/** Signs like an agent; rejects where it can't. */
export type Sign = (data: Buffer, options: SigningRequestOptions) => Promise<Buffer>;

/**
 * An agent that holds one key. ssh2 asks it to sign only once the server said it would take the key, so nobody
 * is asked for the passphrase of a key that opens nothing.
 */
export function oneKeyAgent(ssh2: Ssh2, key: ParsedKey, sign: Sign): BaseAgent {
  class OneKeyAgent extends ssh2.BaseAgent<ParsedKey> {
    getIdentities(done: (error: Error | undefined, keys: ParsedKey[]) => void): void {
      done(undefined, [key]);
    }

    sign(
      _key: ParsedKey,
      data: Buffer,
      options: SigningRequestOptions | SignCallback,
      done?: SignCallback,
    ): void {
      const callback = typeof options === 'function' ? options : done;
      sign(data, typeof options === 'function' ? {} : options).then(
        (signature) => callback?.(undefined, signature),
        (error: Error) => callback?.(error),
      );
    }
  }
  return new OneKeyAgent();
}

/** A key of a real agent, alone. */
export function signWithAgent(agent: BaseAgent, key: ParsedKey): Sign {
  return (data, options) =>
    new Promise((resolve, reject) => {
      agent.sign(key, data, options, (error, signature) => {
        if (signature === undefined) reject(error ?? new Error('the agent did not sign'));
        else resolve(signature);
      });
    });
}
