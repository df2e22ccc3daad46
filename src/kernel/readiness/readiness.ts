import type { Facts, Obstacle, Readiness } from '../../model.js';
import { disablesMemory } from '../command-line.js';
import { kernelOptions, knowsCgroupEnable } from './options.js';
import { commandLineRemedy } from './remedy.js';

/** What the guest can enforce, and what stands in the way. Pure; `limitObstacle` judges a limit's size. */
export function readiness(facts: Facts): Readiness {
  const options = kernelOptions(facts);
  const obstacles = obstaclesOf(facts, options);
  return {
    ready: obstacles.length === 0,
    cgroup: facts.cgroup.hierarchy,
    memoryLimit: facts.cgroup.memory && canMake(facts),
    swapLimit: facts.cgroup.swap && canMake(facts),
    options,
    obstacles,
  };
}

function canMake({ cgroup }: Facts): boolean {
  return !cgroup.readOnly && cgroup.refused === null;
}

type Options = Readiness['options'];

/** Each names one thing; on another system, and in a read-only tree, the rest could not be seen. */
function obstaclesOf(facts: Facts, options: Options): readonly Obstacle[] {
  if (facts.os.kind !== 'linux') return [notLinux(facts)];
  if (facts.cgroup.hierarchy === 'none' && !disablesMemory(facts.kernel.commandLine))
    return [notMounted(facts)];
  const all = [
    ...(facts.cgroup.memory ? [] : [noController(facts, options)]),
    ...(facts.cgroup.memory && !facts.cgroup.swap ? [noSwapLimit(facts, options)] : []),
    ...(facts.cgroup.readOnly ? [readOnly(facts)] : []),
    ...(facts.cgroup.refused === null ? [] : [refused(facts, facts.cgroup.refused)]),
    ...(lacksPrivilege(facts) ? [noPrivilege(facts)] : []),
  ];
  return all.sort((a, b) => WORST_FIRST[a.remedy] - WORST_FIRST[b.remedy]);
}

const WORST_FIRST: Readonly<Record<Obstacle['remedy'], number>> = { never: 0, user: 1, prepare: 2 };

function notLinux({ os }: Facts): Obstacle {
  return {
    what: `${os.name} is not Linux: it has no cgroups`,
    remedy: 'never',
    hint: 'Name a Linux host, or a VM (`gclab vm create`)',
  };
}

function notMounted(facts: Facts): Obstacle {
  if (facts.container !== null)
    return { what: 'no cgroup file system is mounted', ...commandLineRemedy(facts) };
  return {
    what: 'no cgroup file system is mounted',
    remedy: 'user',
    hint: 'Mount it as root: `mount -t cgroup2 none /sys/fs/cgroup` (on Alpine: `rc-update add cgroups && rc-service cgroups start`)',
  };
}

function noController(facts: Facts, options: Options): Obstacle {
  const { commandLine } = facts.kernel;
  if (knowsCgroupEnable(facts) && options['cgroup_enable=memory'].state === 'missing') {
    return {
      what: `the memory controller is off: ${options['cgroup_enable=memory'].why}`,
      ...commandLineRemedy(facts),
    };
  }
  if (disablesMemory(commandLine)) {
    const what =
      'the memory controller is off: cgroup_disable=memory is on the kernel command line and has to go';
    return { what, ...commandLineRemedy(facts) };
  }
  return withoutController(facts);
}

/** Not on the line, not there: the kernel was built so, or what contains the guest keeps it. */
function withoutController(facts: Facts): Obstacle {
  if (facts.container !== null)
    return { what: 'the memory controller is not to be had here', ...commandLineRemedy(facts) };
  return {
    what: 'the memory controller is not to be had on this kernel',
    remedy: 'never',
    hint: 'Boot a kernel that was built with CONFIG_MEMCG, or take another host',
  };
}

function noSwapLimit(facts: Facts, options: Options): Obstacle {
  const { state, why } = options['swapaccount=1'];
  const what = `swap cannot be limited, so memory could be swapped out instead of meeting the limit: ${why}`;
  if (state === 'missing') return { what, ...commandLineRemedy(facts) };
  return {
    what,
    remedy: 'never',
    hint: 'Boot a kernel that can limit swap (any distribution kernel from 5.8 on can), or take another host',
  };
}

function readOnly(facts: Facts): Obstacle {
  const where = facts.cgroup.memoryMount ?? '/sys/fs/cgroup';
  return {
    what: `cgroups cannot be made: ${where} is read-only`,
    remedy: 'user',
    hint:
      facts.container === null
        ? `Remount it as root: \`mount -o remount,rw ${where}\``
        : 'Take the host of this container, or start the container with a writable cgroup tree (`--privileged`)',
  };
}

function refused(facts: Facts, said: string): Obstacle {
  const where = facts.cgroup.memoryMount ?? '/sys/fs/cgroup';
  const inside = facts.container === null ? '' : `, or what contains it (${facts.container}) may forbid it`;
  return {
    what: `no cgroup can be made below ${where}, which is not read-only${said === '' ? '' : `: ${said}`}`,
    remedy: 'user',
    hint: `Look at cgroup.max.descendants and cgroup.max.depth there: they may allow no more${inside}`,
  };
}

/** Root by any way, or a delegated subtree (v2), is enough. */
function lacksPrivilege({ cgroup, privilege }: Facts): boolean {
  if (privilege === 'sudo-password') return cgroup.proof === 'files' && !cgroup.delegated;
  return privilege === 'none' && !cgroup.delegated;
}

function noPrivilege({ privilege, user }: Facts): Obstacle {
  return {
    what: `${user.name} may not make cgroups: neither root nor a delegated subtree is to be had`,
    remedy: 'user',
    hint:
      privilege === 'sudo-password'
        ? 'Let gclab ask for the password of sudo (`--ask-sudo-pass`), or log in as root'
        : 'Log in as root, or as someone with sudo',
  };
}
