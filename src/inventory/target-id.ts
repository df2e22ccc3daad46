import { createHash } from 'node:crypto';

/** Nothing that a shell, a URL or a file system reads in another way; no upper case, since file names may ignore case. */
const PLAIN = /^[a-z0-9_][a-z0-9._@-]*(:\d{1,5})?$/;
const LONGEST = 100;

/**
 * The id of what is called so: the name itself where that is plain (a port behind `+`), else what is plain of it and, behind `~`, a hash
 * that tells it from others. Neither mark can be in a plain name, so two names never share an id.
 */
export function targetId(name: string): string {
  if (PLAIN.test(name) && name.length <= LONGEST) return name.replace(':', '+');
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9._@-]/g, '_')
    .replace(/^[.-]/, '_')
    .slice(0, LONGEST);
  return `${plain}~${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** The id of a VM: behind a mark that no host's id begins with. */
export function vmTargetId(name: string): string {
  return `vm+${targetId(name)}`;
}
