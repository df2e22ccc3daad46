import type { Client, ParsedKey } from 'ssh2';

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;
type Offer = (user: string, key: ParsedKey, algorithm: string | undefined, sign?: Sign) => void;

/**
 * ssh2 asks a server whether it would take a key before it signs with it. For a key that is at hand, and takes no
 * person or agent to sign, that is a round trip for nothing. Reaches into ssh2 1.17, and without what it looks
 * for there leaves things as they are. RSA is left alone: its hash is agreed on elsewhere.
 */
export function signAtOnce(client: Client): void {
  const { _protocol: protocol } = client as { _protocol?: { authPK?: Offer } };
  const offer = protocol?.authPK;
  if (protocol === undefined || offer === undefined) return;
  protocol.authPK = (user, key, algorithm, sign) => {
    const isAtHand = key.type !== 'ssh-rsa' && key.isPrivateKey();
    offer.call(
      protocol,
      user,
      key,
      algorithm,
      sign ?? (isAtHand ? (data, done) => done(key.sign(data)) : undefined),
    );
  };
}
