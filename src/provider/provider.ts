export type ProviderKind = 'qemu' | 'lima' | 'multipass';

/** What runs a guest's instructions, as QEMU names it: the processor itself (Linux, macOS), or a translation of them. */
export const ACCELERATORS = ['kvm', 'hvf', 'tcg'] as const;

export type Accelerator = (typeof ACCELERATORS)[number];

/** What became of an accelerator when it was given something to run. */
export interface Tried {
  readonly accelerator: Accelerator;
  readonly works: boolean;
  /** How many virtual CPUs the guest had. */
  readonly cpus: number;
  /** Null: QEMU refused it before anything ran. */
  readonly ran: 'firmware' | 'guest' | null;
  /** What was seen, for people. */
  readonly what: string;
}

/** A VM's CPUs where nobody says how many. */
export const DEFAULT_CPUS = 2;

/** What a new VM shall be. Nothing in it has a default here: the border that read the flags decides. */
export interface VmSpec {
  /** Lower-case letters, digits and `-`, at most 31; becomes the guest's host name. */
  readonly name: string;
  /** `bootstrap:SUITE`, `ubuntu:RELEASE`, `debian:RELEASE`. */
  readonly image: string;
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Kept in the guest's GRUB configuration beside what the image has; empty for none. */
  readonly kernelOptions: string;
  /** The one that this VM is always run with; null takes the fastest that works. */
  readonly accelerator: Accelerator | null;
}

/** How a VM is reached by ssh, with nothing left to trust on first use. */
export interface Reach {
  /** `ssh -F sshConfigFile alias` gets in; the file names port, user, key and pinned host key. */
  readonly alias: string;
  readonly sshConfigFile: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

export interface Vm {
  readonly name: string;
  readonly provider: ProviderKind;
  /** `stalled`: it has its power and cannot go on by itself; starting it cuts the power first. */
  readonly state: 'running' | 'stalled' | 'stopped';
  readonly image: string;
  readonly memoryBytes: number;
  readonly cpus: number;
  /** `kvm`, `hvf`, `tcg` …; null where the provider does not say or the VM never ran. */
  readonly accelerator: string | null;
  /** Null unless the VM runs. */
  readonly reach: Reach | null;
  /** What the guest wrote to its console, kept over restarts; null where the provider keeps none. */
  readonly consoleLog: string | null;
}

/** A VM whose record cannot be read any more. It can only be deleted. */
export interface DamagedVm {
  readonly name: string;
  readonly provider: ProviderKind;
  readonly state: 'damaged';
  /** What is wrong with its record. */
  readonly damage: string;
}

/** One thing a provider needs of this controller; `gclab doctor` shows them all. */
export interface Requirement {
  readonly description: string;
  readonly met: boolean;
  /** What was found, or what to install. */
  readonly detail: string;
  /** Without it the provider cannot work at all; else only something is slower or missing. */
  readonly fatal: boolean;
  /** Where the requirement is an accelerator: what became of each, fastest first. */
  readonly tried?: readonly Tried[];
}

/**
 * What makes VMs. Every method is safe to call again after it was cut off at any point, and rejects with a
 * GclabError; `interrupted` when `work.signal` aborts. A VM outlives the controller and is found by `list`.
 */
export interface Provider {
  readonly kind: ProviderKind;

  /** Looks and tries; changes nothing but what is remembered of what was tried. Never rejects for something missing. */
  requirements(work: Work): Promise<readonly Requirement[]>;

  /** Makes a stopped VM, or nothing: `list` never shows a half-made one. Rejects with `vm-exists` for a taken name. */
  create(spec: VmSpec, work: Work): Promise<Vm>;

  /** Resolves once the guest's sshd answers; at once when it does already. A guest that never answers is left off. */
  start(name: string, work: Work): Promise<Vm>;

  /**
   * Resolves once the sshd of a running VM greets, also while the guest reboots. Only where the provider can tell better
   * than by connecting again and again, which a starting guest feels.
   */
  awaitUp?(name: string, work: Work): Promise<void>;

  /** Asks the guest to power off, and cuts the power when it has not after a while. Fine when already stopped. */
  stop(name: string, work: Work): Promise<void>;

  /** Cuts the power: what the guest has not synced is lost. Fine when already stopped. */
  kill(name: string, work: Work): Promise<void>;

  /** Stops, then starts. */
  restart(name: string, work: Work): Promise<Vm>;

  /** Cuts the power and removes everything that `create` made. Fine when there is no such VM. */
  delete(name: string, work: Work): Promise<void>;

  /** Every VM of this provider that gclab made, by name. */
  list(work: Work): Promise<readonly (Vm | DamagedVm)[]>;
}

/** What a provider tells while it works; whoever draws decides how. */
export interface Progress {
  /** What is going on, as a participle: `downloading ubuntu:24.04`, `waiting for sshd`. */
  readonly doing: string;
  /** A detail for people: the choice that was made, the size, the time it took. */
  readonly detail?: string;
  /** Both are there where the end is known, in bytes. */
  readonly doneBytes?: number;
  readonly totalBytes?: number;
}

/** What comes with everything that takes time: how to give it up, and whom to tell how far it is. */
export interface Work {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Something that people have to know later as well: that an accelerator was given up, for instance. */
  readonly onNote: (text: string) => void;
}

/** Work that nobody watches. */
export function untold(signal: AbortSignal): Work {
  return { signal, onProgress: () => undefined, onNote: () => undefined };
}
