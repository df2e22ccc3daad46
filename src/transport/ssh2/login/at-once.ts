import type { Client, ParsedKey } from 'ssh2';

/**
 * Two waits of ssh2 1.17 in which nothing is decided, each a round trip. Both reach into it, and without what they look for leave things
 * as they are.
 */

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;
type Offer = (user: string, key: ParsedKey, algorithm: string | undefined, sign?: Sign) => void;

interface Protocol {
  authPK?: Offer;
  service?: (name: string) => void;
  _handlers?: { SERVICE_ACCEPT?: (protocol: Protocol, name: string) => void };
}

interface Inside {
  readonly _protocol?: Protocol;
  /** What the server calls itself, once that was heard. */
  readonly _remoteVer?: string;
}

/** RSA is left alone in both: its hash is agreed on in what the server says meanwhile (RFC 8308). */
function isAtHand(key: ParsedKey): boolean {
  return key.type !== 'ssh-rsa' && key.isPrivateKey();
}

/**
 * ssh2 asks a server whether it would take a key before it signs with it. For a key that is at hand, and takes no
 * person or agent to sign, that is for nothing.
 */
export function signAtOnce(client: Client): void {
  const { _protocol: protocol } = client as Inside;
  const offer = protocol?.authPK;
  if (protocol === undefined || offer === undefined) return;
  protocol.authPK = (user, key, algorithm, sign) => {
    const signed: Sign | undefined = isAtHand(key) ? (data, done) => done(key.sign(data)) : undefined;
    offer.call(protocol, user, key, algorithm, sign ?? signed);
  };
}

const AUTHENTICATION = 'ssh-userauth';

/**
 * ssh2 asks for the service of authentication, and authenticates once it is granted. OpenSSH takes what is said in its order, so
 * there the one follows the other without a wait. `first` is the key that is tried first, where it is one.
 */
export function authenticateAtOnce(client: Client, first: ParsedKey | undefined): void {
  const inside = client as Inside;
  const { _protocol: protocol } = inside;
  const ask = protocol?.service;
  const handlers = protocol?._handlers;
  const begin = handlers?.SERVICE_ACCEPT;
  if (first === undefined || !isAtHand(first)) return;
  if (protocol === undefined || ask === undefined || handlers === undefined || begin === undefined) return;
  protocol.service = (name) => {
    ask.call(protocol, name);
    if (name !== AUTHENTICATION || inside._remoteVer?.startsWith('OpenSSH') !== true) return;
    handlers.SERVICE_ACCEPT = (from, granted) => {
      if (granted !== AUTHENTICATION) begin(from, granted);
    };
    begin(protocol, name);
  };
}
