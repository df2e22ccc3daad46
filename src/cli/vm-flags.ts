import { existsSync, readFileSync } from 'node:fs';
import { Args, Flags } from '@oclif/core';
import type { VmSpec } from '../provider/provider.js';
import { sizeFlag } from './flags.js';

/** The VM that is made when no host is named. */
export const EMBEDDED_VM = 'gclab';

const DEFAULT_MEMORY = 2 ** 30;
const DEFAULT_CPUS = 2;

export const vmNameArg = { name: Args.string({ description: "the VM's name", default: EMBEDDED_VM }) };

/** What a new VM shall be. */
export const vmFlags = {
  image: Flags.string({
    description: 'bootstrap:bookworm (built here from Debian packages), ubuntu:24.04, debian:12, …',
    helpValue: 'IMAGE',
  }),
  provider: Flags.option({
    options: ['qemu', 'lima', 'multipass'] as const,
    description: 'what makes the VM',
  })(),
  memory: sizeFlag({
    description: "the VM's memory",
    default: DEFAULT_MEMORY,
    defaultHelp: async () => '1GiB',
  }),
  cpus: Flags.integer({ description: "the VM's CPUs", default: DEFAULT_CPUS, min: 1, max: 64 }),
  'kernel-options': Flags.string({
    description: 'more options in its GRUB configuration',
    default: '',
    helpValue: '"…"',
  }),
  mirror: Flags.string({ description: 'where packages or published images come from', helpValue: 'URL' }),
};

interface VmFlags {
  readonly image: string | undefined;
  readonly memory?: number;
  readonly cpus?: number;
  readonly 'kernel-options'?: string;
}

/** Debian's archive has the packages of the bootstrap images; elsewhere a published image is taken. */
function defaultImage(): string {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^ID="?debian"?$/m.test(release) ? 'bootstrap:bookworm' : 'ubuntu:24.04';
}

/** A VM as flags describe it. */
export function specFromFlags(name: string, flags: VmFlags): VmSpec {
  return {
    name,
    image: flags.image ?? defaultImage(),
    memoryBytes: flags.memory ?? DEFAULT_MEMORY,
    cpus: flags.cpus ?? DEFAULT_CPUS,
    kernelOptions: flags['kernel-options'] ?? '',
  };
}
