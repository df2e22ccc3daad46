import type { Facts, KernelOption, KernelOptionName, KernelOptionState } from '../../model.js';
import { disablesMemory, hasOption, swapAccount } from '../command-line.js';
import { atLeast, kernelVersion } from '../version.js';

type Judgement = readonly [state: KernelOptionState, why: string];

/** From here swap is always tracked; `swapaccount=0` still hides it (Linux 5.8, facts: mm/memcontrol.c). */
export const SWAP_ALWAYS_TRACKED = [5, 8] as const;
/** From here `swapaccount=` is ignored. */
const SWAPACCOUNT_IGNORED = [6, 1] as const;

/** What each of the two options is on this kernel: judged by the capability first, by the token never alone. */
export function kernelOptions(facts: Facts): Readonly<Record<KernelOptionName, KernelOption>> {
  return {
    'cgroup_enable=memory': option(facts, 'cgroup_enable=memory', cgroupEnable(facts)),
    'swapaccount=1': option(facts, 'swapaccount=1', swapaccount(facts)),
  };
}

function option(facts: Facts, name: KernelOptionName, [state, why]: Judgement): KernelOption {
  return { name, onCommandLine: hasOption(facts.kernel.commandLine, name), state, why };
}

/** Only Raspberry Pi's and Debian 8's kernels know `cgroup_enable=`; all others have the controller without it. */
export function knowsCgroupEnable(facts: Facts): boolean {
  const version = kernelVersion(facts.kernel.release);
  const debian8 = facts.os.id === 'debian' && version !== null && version[0] === 3;
  return debian8 || isRaspberryPi(facts);
}

function isRaspberryPi(facts: Facts): boolean {
  return facts.bootLoader === 'raspberry-pi' || /-rpi|rpt-|-raspi|-v[78]l?\+/.test(facts.kernel.release);
}

function cgroupEnable(facts: Facts): Judgement {
  if (facts.os.kind !== 'linux') return notLinux(facts);
  if (!knowsCgroupEnable(facts)) return cgroupEnableUnknown(facts);
  const set = hasOption(facts.kernel.commandLine, 'cgroup_enable=memory');
  if (facts.cgroup.memory) {
    return set
      ? ['present', 'it is on the command line and the memory controller is there']
      : ['effective', 'the memory controller is there without it'];
  }
  return set
    ? ['impossible', 'it is on the command line, and this kernel has no memory controller all the same']
    : ['missing', 'this kernel leaves the memory controller off until the option is given'];
}

function cgroupEnableUnknown(facts: Facts): Judgement {
  if (facts.cgroup.memory) {
    return ['obsolete', 'this kernel does not know the option; the memory controller is on without it'];
  }
  return disablesMemory(facts.kernel.commandLine)
    ? ['impossible', 'this kernel does not know the option: what helps is to remove cgroup_disable=memory']
    : ['impossible', 'this kernel does not know the option, and no option brings the memory controller'];
}

function swapaccount(facts: Facts): Judgement {
  if (facts.os.kind !== 'linux') return notLinux(facts);
  if (facts.cgroup.swap) return swapIsLimited(facts);
  return facts.cgroup.memory ? swapIsNotLimited(facts) : swapIsUnseen(facts);
}

function swapIsLimited(facts: Facts): Judgement {
  if (atLeast(facts.kernel.release, SWAPACCOUNT_IGNORED)) {
    return ['obsolete', 'swap can be limited, and this kernel (6.1 or newer) ignores the option'];
  }
  return swapAccount(facts.kernel.commandLine) === 1
    ? ['present', 'it is on the command line and swap can be limited']
    : ['effective', 'swap can be limited without it'];
}

function swapIsNotLimited(facts: Facts): Judgement {
  const { release, commandLine } = facts.kernel;
  if (atLeast(release, SWAPACCOUNT_IGNORED)) {
    return ['impossible', 'swap cannot be limited, and this kernel (6.1 or newer) ignores the option'];
  }
  if (swapAccount(commandLine) === 0)
    return ['missing', 'swapaccount=0 on the command line hides the swap limit'];
  if (swapAccount(commandLine) === 1) {
    return [
      'impossible',
      'it is on the command line and has no effect: this kernel was built without swap accounting',
    ];
  }
  return atLeast(release, SWAP_ALWAYS_TRACKED)
    ? [
        'impossible',
        'this kernel (5.8 or newer) tracks swap by itself where it can, and cannot limit it: built without',
      ]
    : ['missing', 'this kernel (below 5.8) limits swap only when the option is given'];
}

/** Swap is limited by the memory controller: while that is away, only the kernel's version tells. */
function swapIsUnseen(facts: Facts): Judgement {
  const { release, commandLine } = facts.kernel;
  if (atLeast(release, SWAPACCOUNT_IGNORED))
    return ['obsolete', 'this kernel (6.1 or newer) ignores the option'];
  if (swapAccount(commandLine) === 1)
    return ['present', 'it is on the command line; without the memory controller its effect cannot be seen'];
  if (swapAccount(commandLine) === 0)
    return ['missing', 'swapaccount=0 on the command line hides the swap limit'];
  return atLeast(release, SWAP_ALWAYS_TRACKED)
    ? ['effective', 'this kernel (5.8 or newer) tracks swap by itself once the memory controller is on']
    : ['missing', 'this kernel (below 5.8) limits swap only when the option is given'];
}

function notLinux(facts: Facts): Judgement {
  return ['impossible', `${facts.os.name} has no cgroups`];
}
