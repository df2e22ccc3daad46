import type { ConnectSettings } from '../../src/model.js';
import type { Sshd } from '../support/sshd.js';

/** Settings that reach the host `guest` of an sshd's ssh_config, without the agent of whoever runs the tests. */
export function settingsFor(
  sshd: Pick<Sshd, 'sshConfig'>,
  more: Partial<ConnectSettings> = {},
): ConnectSettings {
  return {
    sshConfigFile: sshd.sshConfig,
    acceptNew: false,
    connectTimeoutMs: 30_000,
    keepaliveMs: 5_000,
    env: { ...process.env, SSH_AUTH_SOCK: undefined },
    ...more,
  };
}
