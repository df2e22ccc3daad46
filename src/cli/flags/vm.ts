import { existsSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { type Accelerator, DEFAULT_CPUS, type VmSpec } from '../../provider/provider.js';
import { formatBytes } from '../../units.js';
import { acceleratorFlag, badFlag, sizeFlag, urlFlag } from './kinds.js';

/** The VM that is made when no host is named. */
export const EMBEDDED_VM = 'gclab';

const DEFAULT_MEMORY = 2 ** 30;
const LEAST_MEMORY = 2 ** 28;

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
  accelerator: acceleratorFlag,
  mirror: urlFlag({ description: 'where packages or published images come from' }),
};

interface VmFlags {
  readonly image: string | undefined;
  readonly memory?: number;
  readonly cpus?: number;
  readonly 'kernel-options'?: string;
  readonly accelerator?: Accelerator | undefined;
}

/** Debian's archive has the packages of the bootstrap images; elsewhere a published image is taken. */
function defaultImage(): string {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^ID="?debian"?$/m.test(release) ? 'bootstrap:bookworm' : 'ubuntu:24.04';
}

/** A VM as flags describe it. */
export function specFromFlags(name: string, flags: VmFlags): VmSpec {
  if (flags.memory !== undefined) checkMemory(flags.memory);
  return {
    name,
    image: flags.image ?? defaultImage(),
    memoryBytes: flags.memory ?? DEFAULT_MEMORY,
    cpus: flags.cpus ?? DEFAULT_CPUS,
    kernelOptions: flags['kernel-options'] ?? '',
    accelerator: flags.accelerator ?? null,
  };
}

/** With less, no distribution's kernel and initramfs start; with more, the VM would live on this controller's swap. */
function checkMemory(bytes: number): void {
  const most = totalmem();
  if (bytes >= LEAST_MEMORY && bytes <= most) return;
  badFlag(
    `a VM with ${formatBytes(bytes)} of memory cannot run here`,
    `take --memory from ${formatBytes(LEAST_MEMORY)} to this controller's ${formatBytes(most)}`,
  );
}
