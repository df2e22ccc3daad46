import type { KeyPair } from '../keys.js';
import type { ProviderKind, Requirement, VmSpec } from '../provider.js';
import type { Work } from '../work.js';

/** A VM as the tool itself lists it. */
export interface Instance {
  readonly running: boolean;
  /** Where its sshd is reached; null while that isn't known. */
  readonly address: { readonly host: string; readonly port: number } | null;
}

/** The user's public key and the guest's own key, to be installed in a new guest. */
export interface GuestKeys {
  readonly authorizedKey: string;
  readonly hostKey: KeyPair;
}

/** Another program that makes VMs. `instance` is the name it knows one by. */
export interface Tool {
  readonly kind: Exclude<ProviderKind, 'qemu'>;
  requirement(): Promise<Requirement>;
  /** Makes it and leaves it stopped, with our user, keys and kernel options inside. */
  create(instance: string, spec: VmSpec, keys: GuestKeys, work: Work): Promise<void>;
  start(instance: string, work: Work): Promise<void>;
  stop(instance: string, work: Work): Promise<void>;
  kill(instance: string, work: Work): Promise<void>;
  delete(instance: string, work: Work): Promise<void>;
  /** Everything the tool has, ours or not, by its name there. */
  instances(work: Work): Promise<ReadonlyMap<string, Instance>>;
}
