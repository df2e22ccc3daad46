import ssh2 from 'ssh2';

/** An ed25519 key pair as OpenSSH writes it. */
export interface KeyPair {
  /** A whole file. */
  readonly privateKey: string;
  /** One line with its newline. */
  readonly publicKey: string;
}

export function makeKeyPair(comment: string): KeyPair {
  const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
  return { privateKey: pair.private.trimEnd().concat('\n'), publicKey: pair.public.trimEnd().concat('\n') };
}
