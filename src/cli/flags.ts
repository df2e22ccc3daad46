import { posix } from 'node:path';
import { Flags } from '@oclif/core';
import { GclabError } from '../errors.js';
import { parseDuration, parseSize } from '../units.js';

/** A size in bytes: `32MiB`, `32M` (binary), `32MB` (decimal), plain bytes. */
export const sizeFlag = Flags.custom<number>({
  parse: async (text) => parseSize(text) ?? badSize(text),
  helpValue: 'SIZE',
});

/** A duration in milliseconds: `250ms`, `10s`, `5m`, `1h`. */
export const durationFlag = Flags.custom<number>({
  parse: async (text) => parseDuration(text) ?? badDuration(text),
  helpValue: 'TIME',
});

/** An address that packages or images can come from. */
export const urlFlag = Flags.custom<string>({
  parse: async (text) =>
    URL.canParse(text) && /^(https?|file):$/.test(new URL(text).protocol)
      ? text
      : badFlag(`${JSON.stringify(text)} is no address`, 'write it like http://mirror.example/debian'),
  helpValue: 'URL',
});

/** `KEY=VALUE`; the value is anything, the key a name that every environment takes. */
export const envFlag = Flags.custom<readonly [string, string]>({
  parse: async (text) => {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text);
    return match === null
      ? badFlag(`${JSON.stringify(text)} is no KEY=VALUE`, 'for example --env GODEBUG=madvdontneed=1')
      : [match[1] ?? '', match[2] ?? ''];
  },
  helpValue: 'KEY=VALUE',
});

/**
 * A folder on a guest; whose working folder a relative one would be below is anybody's guess, and where `..` leads,
 * past a link, is the guest's to say. gcexp takes no other spelling than the shortest.
 */
export const guestDirFlag = Flags.custom<string>({
  parse: async (text) => {
    const dir = posix.normalize(text).replace(/\/$/, '');
    return dir.startsWith('/') && !text.split('/').includes('..')
      ? dir
      : badFlag(
          `${JSON.stringify(text)} is no absolute path of a folder`,
          'name it from the root, as in /opt/gclab',
        );
  },
  helpValue: 'DIR',
});

/** How a host is reached; shared by everything that connects. */
export const connectFlags = {
  host: Flags.string({
    description: 'an ssh alias, user@host, host:port, or local (this machine); may be given many times',
    multiple: true,
    helpValue: 'HOST',
  }),
  vm: Flags.string({
    description: 'a VM of gclab vm; started where it is not running; may be given many times',
    multiple: true,
    helpValue: 'NAME',
  }),
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

/** What everything shares that follows a run on a guest and keeps it here. */
export const followFlags = {
  reconnect: durationFlag({
    description: 'for how long a dropped connection is tried again',
    default: 120_000,
    defaultHelp: async () => '2m',
  }),
  out: Flags.string({ description: 'folder for results', default: 'gclab-results', helpValue: 'DIR' }),
};

/** What `remote prepare` and `remote revert` share. */
export const changeFlags = {
  ...connectFlags,
  'dry-run': Flags.boolean({ description: 'show what would be done, and do nothing' }),
  yes: Flags.boolean({ char: 'y', description: 'go on without asking' }),
  reboot: Flags.boolean({ description: 'reboot where that is needed', default: true, allowNo: true }),
  'reboot-timeout': durationFlag({
    description: 'how long a reboot may take',
    default: 600_000,
    defaultHelp: async () => '10m',
  }),
  parallel: Flags.integer({ description: 'at most so many hosts at once', default: 10, min: 1, max: 1_000 }),
  out: Flags.string({ description: 'folder for what was done', default: 'gclab-results', helpValue: 'DIR' }),
};

export function badFlag(what: string, hint: string): never {
  throw new GclabError({ code: 'bad-flag', doing: 'reading the command line', what, hint });
}

function badSize(text: string): never {
  return badFlag(
    `${JSON.stringify(text)} is no size`,
    'write it like 32MiB, 32M (binary), 32MB (decimal) or in bytes',
  );
}

function badDuration(text: string): never {
  return badFlag(`${JSON.stringify(text)} is no duration`, 'write it like 250ms, 10s, 5m or 1h');
}
