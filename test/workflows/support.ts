import type { TargetsRequest } from '../../src/fleet/request.js';
import type { Target } from '../../src/model.js';

/** A request for these targets as a command would make it without a terminal, one target after another. */
export function requestFor(
  targets: readonly Target[],
  changes: Partial<TargetsRequest> = {},
): TargetsRequest {
  return {
    targets,
    parallel: 1,
    listener: () => undefined,
    now: () => new Date(),
    askSudoPassword: false,
    sudoPasswords: new Map(),
    probeTimeoutMs: 20_000,
    findVm: async () => null,
    connect: { acceptNew: false, connectTimeoutMs: 5_000, keepaliveMs: 5_000, env: process.env },
    signal: new AbortController().signal,
    ...changes,
  };
}
