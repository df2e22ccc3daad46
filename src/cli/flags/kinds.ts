import { posix } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { GclabError } from '../../errors.js';
import { ACCELERATORS } from '../../provider/provider.js';
import { parseDuration, parseSize } from '../../units.js';

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
 * past a link, is the guest's to say. gcexp takes no other spelling than the shortest, and the ledger's lines hold no quotes,
 * backslashes or control characters.
 */
export const guestDirFlag = Flags.custom<string>({
  parse: async (text) => {
    const dir = posix.normalize(text).replace(/\/$/, '');
    return dir.startsWith('/') && !text.split('/').includes('..') && !/[\p{Cc}"\\]/u.test(text)
      ? dir
      : badFlag(
          `${JSON.stringify(text)} is no absolute path of a folder without quotes, backslashes and control characters`,
          'name it from the root, as in /opt/gclab',
        );
  },
  helpValue: 'DIR',
});

/** For where a VM may be started. What `GCLAB_ACCELERATOR` says for all commands is read with what else providers use. */
export const acceleratorFlag = Flags.option({
  options: ACCELERATORS,
  description: 'run VMs with this accelerator and no other (or set GCLAB_ACCELERATOR)',
})();

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
