import type { KeyPair } from '../vm/reach.js';
import { iso9660 } from './iso9660.js';

/** What a new guest is told about itself on its first boot. */
export interface Seed {
  readonly name: string;
  /** Another id makes the guest take the seed again. */
  readonly instanceId: string;
  readonly user: string;
  /** The public key that gets in. */
  readonly authorizedKey: string;
  readonly hostKey: KeyPair;
  /** Options to add to the guest's kernel command line; empty for none. Bootstrapped images have them already. */
  readonly kernelOptions: string;
}

export type UserDataSeed = Omit<Seed, 'instanceId'>;

/**
 * The NoCloud disk: cloud-init of published images reads `user-data` and `meta-data`, bootstrapped images read the plain
 * files under `gclab/`. Both install the same user, key and host key.
 */
export function noCloudDisk(seed: Seed): Buffer {
  return iso9660(
    'cidata',
    new Map([
      ['meta-data', `${JSON.stringify({ 'instance-id': seed.instanceId, 'local-hostname': seed.name })}\n`],
      ['user-data', userData(seed, 'power-off')],
      ['gclab/authorized_keys', seed.authorizedKey],
      ['gclab/host_key', seed.hostKey.privateKey],
      ['gclab/host_key.pub', seed.hostKey.publicKey],
      ['gclab/hostname', `${seed.name}\n`],
      ['gclab/instance-id', `${seed.instanceId}\n`],
    ]),
  );
}

/**
 * cloud-init's user-data. JSON is YAML, and quotes whatever comes. With kernel options the guest may have to be told to
 * power off after its first boot, which is how it says that it is done.
 */
export function userData(seed: UserDataSeed, whenDone: 'power-off' | 'stay'): string {
  const options = kernelOptions(seed.kernelOptions);
  const power =
    seed.kernelOptions !== '' && whenDone === 'power-off' ? { power_state: { mode: 'poweroff' } } : {};
  return `#cloud-config\n${JSON.stringify({ ...identity(seed), ...options, ...power }, null, 2)}\n`;
}

function identity(seed: UserDataSeed) {
  return {
    hostname: seed.name,
    // sudo complains about a name that cannot be resolved.
    manage_etc_hosts: true,
    // The image's own user stays: multipass gets in as that one.
    users: [
      'default',
      {
        name: seed.user,
        shell: '/bin/bash',
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        lock_passwd: true,
        ssh_authorized_keys: [seed.authorizedKey.trim()],
      },
    ],
    ssh_deletekeys: true,
    ssh_genkeytypes: ['ed25519'],
    ssh_keys: { ed25519_private: seed.hostKey.privateKey, ed25519_public: seed.hostKey.publicKey.trim() },
    ssh_pwauth: false,
  };
}

/** `zz` sorts after what the images bring. */
function kernelOptions(options: string) {
  if (options === '') return {};
  return {
    write_files: [{ path: '/etc/default/grub.d/zz-gclab-image.cfg', content: grubDropIn(options) }],
    runcmd: [['update-grub']],
  };
}

/** Sourced as shell by grub-mkconfig, so what would end or change the double quotes is escaped. */
export function grubDropIn(options: string): string {
  return `GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX ${options.replace(/[\\"$`]/g, '\\$&')}"\n`;
}
