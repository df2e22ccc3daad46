import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GclabError } from '../../errors.js';
import { run, whyFailed } from '../command.js';

import type { Architecture } from '../images/architecture.js';
import { making } from '../making.js';
import type { Work } from '../work.js';

export type Accelerator = 'kvm' | 'hvf' | 'tcg';

export interface AcceleratorChoice {
  readonly accelerator: Accelerator;
  /** Why the faster ones were passed over; empty when the fastest was taken. */
  readonly refused: readonly { readonly accelerator: Accelerator; readonly why: string }[];
}

/** A working accelerator answers in a tenth of a second; a broken one may hang. */
const TRIAL_MS = 10_000;

/**
 * The fastest accelerator that really runs guest code here. The presence of /dev/kvm says nothing: asked for a guest it
 * may end in a failed assertion. So a guest of a few instructions is run, and has to switch itself off.
 */
export async function chooseAccelerator(
  qemu: string,
  guest: Architecture,
  controller: { readonly architecture: Architecture; readonly platform: string },
  workFolder: string,
  work: Work,
): Promise<AcceleratorChoice> {
  const refused: { accelerator: Accelerator; why: string }[] = [];
  const candidates: Accelerator[] = guest === controller.architecture ? hardware(controller.platform) : [];
  for (const accelerator of candidates) {
    const why = await tryAccelerator(qemu, guest, accelerator, workFolder, work);
    if (why === undefined) return { accelerator, refused };
    refused.push({ accelerator, why });
  }
  return { accelerator: 'tcg', refused };
}

function hardware(platform: string): Accelerator[] {
  if (platform === 'linux') return ['kvm'];
  return platform === 'darwin' ? ['hvf'] : [];
}

/** Undefined when a guest ran; else what happened instead. */
export async function tryAccelerator(
  qemu: string,
  guest: Architecture,
  accelerator: Accelerator,
  workFolder: string,
  work: Work,
): Promise<string | undefined> {
  const trial = TRIALS[guest];
  return making(workFolder, async (folder) => {
    const firmware = join(folder, 'trial.bin');
    await writeFile(firmware, trial.firmware());
    const cpu = accelerator === 'tcg' ? 'max' : 'host';
    const argv = [
      qemu,
      '-accel',
      accelerator,
      '-cpu',
      cpu,
      '-m',
      '64',
      '-nodefaults',
      '-display',
      'none',
      '-no-reboot',
    ] as const;
    const result = await run([...argv, ...trial.flags, '-bios', firmware], {
      signal: work.signal,
      timeoutMs: TRIAL_MS,
    }).catch((cause: unknown) => {
      if (cause instanceof GclabError && cause.code === 'tool-missing') return undefined;
      throw cause;
    });
    if (result === undefined) return `${qemu} is not installed`;
    return result.exitCode === trial.exitCode && !result.timedOut ? undefined : whyFailed(result);
  });
}

interface Trial {
  readonly flags: readonly string[];
  readonly exitCode: number;
  firmware(): Buffer;
}

const TRIALS: Readonly<Record<Architecture, Trial>> = {
  amd64: {
    flags: ['-machine', 'q35', '-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04'],
    // The device ends QEMU with twice the written value plus one: no other way of ending gives 33.
    exitCode: 33,
    firmware: () => {
      const image = Buffer.alloc(65_536, 0xf4);
      // At the reset vector: mov dx, 0xf4; mov al, 0x10; out dx, al; hlt.
      image.set([0xba, 0xf4, 0x00, 0xb0, 0x10, 0xee, 0xf4], 0xfff0);
      return image;
    },
  },
  arm64: {
    flags: ['-machine', 'virt'],
    exitCode: 0,
    firmware: () => {
      const image = Buffer.alloc(4096);
      // movz w0, #0x8400, lsl 16; movk w0, #8; hvc #0 (PSCI SYSTEM_OFF); b .
      [0x52b08000, 0x72800100, 0xd4000002, 0x14000000].forEach((word, at) => {
        image.writeUInt32LE(word, at * 4);
      });
      return image;
    },
  },
};
