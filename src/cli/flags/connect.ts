import * as Flags from '@oclif/core/flags';
import { acceleratorFlag, durationFlag } from './kinds.js';

/** How a host is reached; shared by everything that connects. */
export const connectFlags = {
  host: Flags.string({
    description: 'an ssh alias, user@host, host:port, or local (this machine); may be given many times',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'HOST',
  }),
  vm: Flags.string({
    description: 'a VM of gclab vm; started where it is not running; may be given many times',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'NAME',
  }),
  accelerator: acceleratorFlag,
  'ssh-config': Flags.string({
    description: 'read this file in place of ~/.ssh/config, like ssh -F',
    env: 'GCLAB_SSH_CONFIG',
    helpValue: 'FILE',
  }),
  'accept-new': Flags.boolean({
    description: 'accept and remember host keys never seen before (a changed key is refused all the same)',
  }),
  'ask-sudo-pass': Flags.boolean({ description: "ask for sudo's password where sudo wants one" }),
  'connect-timeout': durationFlag({
    description: 'deadline for TCP, handshake and authentication',
    default: 20_000,
    defaultHelp: async () => '20s',
  }),
  'probe-timeout': durationFlag({
    description: "deadline for reading the guest's facts",
    default: 60_000,
    defaultHelp: async () => '60s',
  }),
};

/** At most so many hosts at once. */
export const parallelFlag = Flags.integer({
  description: 'at most so many hosts at once',
  default: 50,
  min: 1,
  max: 1_000,
});
