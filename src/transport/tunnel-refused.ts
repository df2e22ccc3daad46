import { GclabError } from '../errors.js';

/** Why a connection to a port of the guest cannot be had. `forbidden`: no forwarding at all, so a bridge may help. */
export class TunnelRefused extends GclabError {
  constructor(
    target: string,
    port: number,
    readonly why: 'forbidden' | 'nothing-listens' | 'bridge-failed',
    cause: unknown,
  ) {
    const said = cause instanceof Error ? cause.message : '';
    super({
      code: 'tunnel-refused',
      doing: `connecting to port ${port} of its loopback`,
      target,
      ...EXPLAIN[why](said),
      cause,
    });
  }
}

const EXPLAIN = {
  forbidden: () => ({
    what: 'its sshd forbids TCP forwarding (AllowTcpForwarding, PermitOpen or DisableForwarding)',
    hint: 'allow forwarding to the loopback for this user; gclab uses a bridge over a session where it can',
  }),
  'nothing-listens': () => ({
    what: 'nothing listens there',
    hint: 'the program may have ended; its log says why',
  }),
  'bridge-failed': (said: string) => ({
    what: `its sshd forbids TCP forwarding, and the bridge over a session failed (${said})`,
    hint: 'allow forwarding to the loopback for this user (AllowTcpForwarding local)',
  }),
} satisfies Record<TunnelRefused['why'], (said: string) => { what: string; hint: string }>;
