import { access, readFile } from 'node:fs/promises';
import type { Requirement } from '../../provider.js';

/** Each tool the recipe runs, and the Debian package it comes in. */
const TOOLS = [
  ['mmdebstrap', 'mmdebstrap'],
  ['mcopy', 'mtools'],
  ['mkfs.vfat', 'dosfstools'],
  ['sfdisk', 'fdisk'],
  ['mke2fs', 'e2fsprogs'],
] as const;

/** Who is not root plays it: in a user namespace while packages are installed, by fakeroot while the disk is laid out. */
const ORDINARY_USERS_TOOLS = [
  ['newuidmap', 'uidmap'],
  ['fakeroot', 'fakeroot'],
] as const;

/** What Debian's packages are signed with. Debian has it; Ubuntu has it for the asking. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

const SUBORDINATE_IDS = ['/etc/subuid', '/etc/subgid'];

/** Not fatal to any provider: published images need none of it. `ordinaryUser`: null for root. */
export async function bootstrapRequirements(
  find: (tool: string) => Promise<string | undefined>,
  ordinaryUser: string | null,
): Promise<readonly Requirement[]> {
  const tools = [...TOOLS, ...(ordinaryUser === null ? [] : ORDINARY_USERS_TOOLS)];
  return Promise.all([
    ...tools.map(async ([tool, debianPackage]) => {
      const found = await find(tool);
      return requirement(tool, found !== undefined, found ?? `apt-get install ${debianPackage}`);
    }),
    keyring(),
    ...(ordinaryUser === null ? [] : [subordinateIds(ordinaryUser)]),
  ]);
}

async function keyring(): Promise<Requirement> {
  const met = await access(KEYRING).then(
    () => true,
    () => false,
  );
  return requirement("Debian's keys", met, met ? KEYRING : 'apt-get install debian-archive-keyring');
}

/** Who owns the files of a user namespace: subuid(5). */
async function subordinateIds(user: string): Promise<Requirement> {
  const texts = await Promise.all(SUBORDINATE_IDS.map((file) => readFile(file, 'utf8').catch(() => '')));
  const met = texts.every((text) => text.split('\n').some((line) => line.startsWith(`${user}:`)));
  const range = '100000-165535';
  const how = `sudo usermod --add-subuids ${range} --add-subgids ${range} ${user}`;
  return requirement(`subordinate ids of ${user}`, met, met ? SUBORDINATE_IDS.join(', ') : how);
}

function requirement(what: string, met: boolean, detail: string): Requirement {
  return { description: `${what}, to build bootstrap images`, met, detail, fatal: false };
}
