import type { RemoteResult } from './model.js';

/**
 * The exit codes (README.md). `fault` is gclab's own bug; with several targets the highest that
 * applies is the process's exit code.
 */
export const EXIT = {
  ok: 0,
  fault: 1,
  usage: 2,
  notReady: 3,
  unreachable: 4,
  noVerdict: 5,
  expectation: 6,
  /** Hosts, or parts of a series of runs, are missing. */
  incomplete: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Everything that ends in a failure someone has to read. Codes are stable: scripts branch on them. */
export const ERROR_EXITS = {
  // usage
  'bad-flag': EXIT.usage,
  'bad-step': EXIT.usage,
  'bad-scenario': EXIT.usage,
  'unknown-run': EXIT.usage,
  'run-followed': EXIT.usage,
  'results-not-writable': EXIT.usage,
  'limit-too-small': EXIT.usage,
  'image-unknown': EXIT.usage,
  'vm-name': EXIT.usage,
  'vm-exists': EXIT.usage,
  'home-not-writable': EXIT.usage,
  // not ready, and may not be changed
  'not-ready': EXIT.notReady,
  'not-linux': EXIT.notReady,
  'no-binary': EXIT.notReady,
  'no-privilege': EXIT.notReady,
  'no-space': EXIT.notReady,
  'no-exec': EXIT.notReady,
  'cgroup-read-only': EXIT.notReady,
  'limit-above-memory': EXIT.notReady,
  'guest-busy': EXIT.notReady,
  'changed-since': EXIT.notReady,
  'change-failed': EXIT.notReady,
  'options-overridden': EXIT.notReady,
  'options-not-effective': EXIT.notReady,
  'not-confirmed': EXIT.notReady,
  'tool-missing': EXIT.notReady,
  'no-firmware': EXIT.notReady,
  'no-mirror': EXIT.notReady,
  // connecting
  'unknown-host': EXIT.unreachable,
  'vm-unknown': EXIT.unreachable,
  'vm-damaged': EXIT.unreachable,
  'vm-silent': EXIT.unreachable,
  'vm-panicked': EXIT.unreachable,
  'connection-refused': EXIT.unreachable,
  'connection-timeout': EXIT.unreachable,
  'connection-failed': EXIT.unreachable,
  'handshake-failed': EXIT.unreachable,
  'host-key-unknown': EXIT.unreachable,
  'host-key-changed': EXIT.unreachable,
  'host-key-revoked': EXIT.unreachable,
  'auth-failed': EXIT.unreachable,
  'key-unreadable': EXIT.unreachable,
  'ssh-config': EXIT.unreachable,
  'jump-failed': EXIT.unreachable,
  'sudo-password': EXIT.unreachable,
  'reboot-timeout': EXIT.unreachable,
  // no verdict
  'connection-lost': EXIT.noVerdict,
  'remote-failed': EXIT.noVerdict,
  'remote-timeout': EXIT.noVerdict,
  'guest-answer': EXIT.noVerdict,
  'upload-failed': EXIT.noVerdict,
  'results-not-written': EXIT.noVerdict,
  'tunnel-refused': EXIT.noVerdict,
  'program-gone': EXIT.noVerdict,
  'request-refused': EXIT.noVerdict,
  'step-failed': EXIT.noVerdict,
  'port-in-use': EXIT.noVerdict,
  'run-failed': EXIT.noVerdict,
  'supervisor-died': EXIT.noVerdict,
  'no-run': EXIT.noVerdict,
  'run-timeout': EXIT.noVerdict,
  'guest-rebooted': EXIT.noVerdict,
  'journal-too-large': EXIT.noVerdict,
  'vm-start': EXIT.noVerdict,
  'image-build': EXIT.noVerdict,
  'download-failed': EXIT.noVerdict,
  'checksum-wrong': EXIT.noVerdict,
  'tool-failed': EXIT.noVerdict,
  'tool-answer': EXIT.noVerdict,
  interrupted: EXIT.interrupted,
  fault: EXIT.fault,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof ERROR_EXITS;

export interface GclabErrorDetail {
  /** Stable, for scripts. */
  readonly code: ErrorCode;
  /** What was being done, as a participle: `connecting`, `uploading gcexp`. */
  readonly doing: string;
  /** The target's name as the user wrote it; absent where no target is involved. */
  readonly target?: string;
  /** What happened, one sentence without a full stop. */
  readonly what: string;
  /** What to try next, one sentence without a full stop. */
  readonly hint?: string;
  readonly result?: RemoteResult;
  readonly cause?: unknown;
}

/** The one error that users see: what was being done, on which guest, what happened, what to try. */
export class GclabError extends Error {
  readonly code: ErrorCode;
  readonly doing: string;
  readonly what: string;
  readonly target: string | undefined;
  readonly hint: string | undefined;
  readonly result: RemoteResult | undefined;

  constructor(detail: GclabErrorDetail) {
    const where = detail.target === undefined ? '' : `${detail.target}: `;
    super(`${where}${detail.doing}: ${detail.what}`, { cause: detail.cause });
    this.name = 'GclabError';
    this.code = detail.code;
    this.doing = detail.doing;
    this.what = detail.what;
    this.target = detail.target;
    this.hint = detail.hint;
    this.result = detail.result;
  }

  get exitCode(): ExitCode {
    return ERROR_EXITS[this.code];
  }
}
