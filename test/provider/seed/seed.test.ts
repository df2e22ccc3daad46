import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { iso9660 } from '../../../src/provider/seed/iso9660.js';
import { grubDropIn, noCloudDisk, userData } from '../../../src/provider/seed/no-cloud.js';
import { makeKeyPair } from '../../../src/provider/vm/reach.js';
import { scratch } from '../support.js';

const SECTOR = 2048;

/** Reads an image back as ECMA-119 says, not as it was written here. */
function readBack(image: Buffer): Map<string, string> {
  const descriptor = image.subarray(16 * SECTOR, 17 * SECTOR);
  expect(descriptor.toString('latin1', 1, 6)).toBe('CD001');
  expect(descriptor.readUInt32LE(80) * SECTOR).toBe(image.length);
  const files = new Map<string, string>();
  const walk = (at: number, bytes: number, prefix: string) => {
    for (
      let offset = at * SECTOR;
      offset < at * SECTOR + bytes && image[offset] !== 0;
      offset += image[offset] ?? 1
    ) {
      const [sector, size] = [image.readUInt32LE(offset + 2), image.readUInt32LE(offset + 10)];
      expect([image.readUInt32BE(offset + 6), image.readUInt32BE(offset + 14)]).toEqual([sector, size]);
      const name = image.toString('latin1', offset + 33, offset + 33 + (image[offset + 32] ?? 0));
      if (name === '\0' || name === '\x01') continue;
      if (image[offset + 25] === 2) walk(sector, size, `${name}/`);
      else files.set(prefix + name, image.toString('utf8', sector * SECTOR, sector * SECTOR + size));
    }
  };
  walk(descriptor.readUInt32LE(158), descriptor.readUInt32LE(166), '');
  return files;
}

test('what goes into an image comes out, whatever the content', () => {
  const path = fc.stringMatching(/^([a-z]{1,8}\/)?[a-z.-]{1,12}$/).filter((name) => !name.endsWith('/'));
  const content = fc.string({ unit: 'grapheme', maxLength: 6_000 });
  fc.assert(
    fc.property(fc.dictionary(path, content, { maxKeys: 8 }), (files) => {
      const folders = Object.keys(files)
        .filter((name) => name.includes('/'))
        .map((name) => name.split('/')[0] ?? '');
      fc.pre(!folders.some((folder) => folder in files));
      expect(readBack(iso9660('cidata', new Map(Object.entries(files))))).toEqual(
        new Map(Object.entries(files)),
      );
    }),
    { numRuns: 60 },
  );
});

test('the same content gives the same image', () => {
  const files = new Map([['user-data', 'x']]);
  expect(iso9660('cidata', files).equals(iso9660('cidata', files))).toBe(true);
});

test('the label is where blkid and cloud-init look for it', () => {
  expect(
    iso9660('cidata', new Map())
      .toString('latin1', 16 * SECTOR + 40, 16 * SECTOR + 72)
      .trimEnd(),
  ).toBe('cidata');
});

const hostKey = makeKeyPair('vm1');
const seed = {
  name: 'vm1',
  instanceId: 'id-1',
  user: 'lab',
  authorizedKey: makeKeyPair('me').publicKey,
  hostKey,
  kernelOptions: '',
};

test('the seed disk tells cloud-init and our own images the same', () => {
  const files = readBack(noCloudDisk(seed));
  expect(JSON.parse(files.get('meta-data') ?? '')).toEqual({
    'instance-id': 'id-1',
    'local-hostname': 'vm1',
  });
  const told = JSON.parse((files.get('user-data') ?? '').replace(/^#cloud-config\n/, ''));
  expect(told.users[1].ssh_authorized_keys).toEqual([files.get('gclab/authorized_keys')?.trim()]);
  expect(told.ssh_keys.ed25519_private).toBe(files.get('gclab/host_key'));
  expect(told).not.toHaveProperty('power_state');
});

test('kernel options in a published image end its first boot where somebody waits for that', () => {
  const withOptions = { ...seed, kernelOptions: 'swapaccount=0' };
  expect(userData(withOptions, 'power-off')).toContain('poweroff');
  expect(userData(withOptions, 'stay')).not.toContain('poweroff');
});

test.each(['a=1 b=2', 'x="a b"', "y='c d'", 'z=$HOME`id`\\', 'tail\\'])(
  'the shell reads the drop-in as %s',
  async (options) => {
    const file = join(await scratch(), 'drop-in.cfg');
    await writeFile(file, grubDropIn(options));
    const script = 'GRUB_CMDLINE_LINUX=before; . "$0"; printf %s "$GRUB_CMDLINE_LINUX"';
    const { stdout } = await promisify(execFile)('sh', ['-c', script, file]);
    expect(stdout).toBe(`before ${options}`);
  },
);

test('a made key is one that OpenSSH reads', async () => {
  const file = join(await scratch(), 'key');
  const pair = makeKeyPair('someone');
  await writeFile(file, pair.privateKey, { mode: 0o600 });
  const { stdout } = await promisify(execFile)('ssh-keygen', ['-y', '-f', file]);
  expect(stdout.split(' ').slice(0, 2)).toEqual(pair.publicKey.split(' ').slice(0, 2));
});
