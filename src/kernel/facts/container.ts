import type { ProbeAnswer } from './probe-answer.js';

/** What contains the guest, as systemd names it (`docker`, `lxc`, `wsl`, …); null on a host or a VM. */
export function container(answer: ProbeAnswer): string | null {
  if (/microsoft|wsl/i.test(answer.release)) return 'wsl';
  return named(answer.container) ?? named(answer['container-sign'][0] ?? null);
}

/** What virtualises the guest; null on bare metal, or where it does not say. */
export function virtualisation(answer: ProbeAnswer): string | null {
  if (answer.vm !== null) return named(answer.vm);
  const hardware = `${answer['dmi-vendor'] ?? ''} ${answer['dmi-product'] ?? ''}`;
  return VENDORS.find(([pattern]) => pattern.test(hardware))?.[1] ?? null;
}

/** For guests without systemd: what the firmware calls itself. */
const VENDORS: readonly (readonly [RegExp, string])[] = [
  [/qemu|kvm/i, 'qemu'],
  [/vmware/i, 'vmware'],
  [/virtualbox|innotek/i, 'oracle'],
  [/microsoft corporation virtual/i, 'microsoft'],
  [/xen/i, 'xen'],
  [/amazon ec2/i, 'amazon'],
  [/google compute engine/i, 'google'],
  [/apple virtualization/i, 'apple'],
];

function named(word: string | null): string | null {
  return word === null || word === '' || word === 'none' ? null : word;
}
