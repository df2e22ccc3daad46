import { GclabError } from '../../errors.js';

/**
 * Why a connection to a port of the guest cannot be had.
 * - `forbidden`: the server forwards nothing, or cannot now; a bridge may help.
 * - `not-connected`: the server says that it found nothing there, which some say of what they forbid; a bridge may help.
 * - `nothing-listens`: that is certain.
 * - `no-session`: the server forwards nothing, and has no session for a bridge.
 * - `bridge-failed`: the server forwards nothing, and the bridge did not get there either.
 */
export type WhyRefused = 'forbidden' | 'not-connected' | 'nothing-listens' | 'no-session' | 'bridge-failed';

export class TunnelRefused extends GclabError {
  constructor(
    target: string,
    port: number,
    readonly why: WhyRefused,
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

const ALLOW = 'allow TCP forwarding to the loopback for this user (AllowTcpForwarding local)';

const NOTHING_LISTENS = {
  what: 'nothing listens there',
  hint: 'the program may have ended; its log says why',
};

const EXPLAIN = {
  forbidden: (said) => ({
    what: `its server forwards no TCP connection (${said || 'AllowTcpForwarding, PermitOpen or DisableForwarding'})`,
    hint: ALLOW,
  }),
  'not-connected': () => NOTHING_LISTENS,
  'nothing-listens': () => NOTHING_LISTENS,
  'no-session': (said) => ({
    what: `its server forwards no TCP connection, and has no second session for a bridge (${said})`,
    hint: `${ALLOW}, or two sessions a connection (MaxSessions 2)`,
  }),
  'bridge-failed': (said) => ({
    what: `its server forwards no TCP connection, and the bridge over a session failed (${said})`,
    hint: ALLOW,
  }),
} satisfies Record<WhyRefused, (said: string) => { what: string; hint: string }>;
