import type { ConnectSettings } from '../../src/model.js';

/** Settings without the agent of whoever runs the tests. */
export function connectSettings(more: Partial<ConnectSettings> = {}): ConnectSettings {
  return {
    acceptNew: false,
    connectTimeoutMs: 30_000,
    keepaliveMs: 5_000,
    env: { ...process.env, SSH_AUTH_SOCK: undefined },
    ...more,
  };
}
