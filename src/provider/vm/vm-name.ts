import { GclabError } from '../../errors.js';

/** A VM's name is a host name, a folder's name and an ssh alias, so it is the narrowest of the three. */
export function checkVmName(name: string): string {
  if (/^[a-z](?:[a-z0-9-]{0,29}[a-z0-9])?$/.test(name)) return name;
  throw new GclabError({
    code: 'vm-name',
    doing: 'naming a VM',
    what: `${JSON.stringify(name)} is no name for a VM`,
    hint: 'take lower-case letters, digits and inner hyphens, at most 31, a letter first',
  });
}
