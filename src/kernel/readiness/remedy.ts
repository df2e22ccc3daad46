import type { Facts, Obstacle } from '../../model.js';

type Remedy = Pick<Obstacle, 'remedy' | 'hint'>;

/** How this guest's kernel command line is changed: by `remote prepare`, by a person, or not from inside at all. */
export function commandLineRemedy(facts: Facts): Remedy {
  if (facts.container === 'wsl') return WSL;
  if (facts.container !== null) return containerRemedy(facts.container);
  return BY_LOADER[facts.bootLoader];
}

const PREPARE: Remedy = {
  remedy: 'prepare',
  hint: 'Run `gclab remote prepare`: it changes the kernel options, reboots and verifies (`--dry-run` shows it first)',
};

const WSL: Remedy = {
  remedy: 'user',
  hint: 'Set kernelCommandLine in .wslconfig on Windows and run `wsl --shutdown`',
};

function containerRemedy(container: string): Remedy {
  return {
    remedy: 'never',
    hint: `This is a container (${container}), its kernel is its host's: name that host, or a VM`,
  };
}

const BY_LOADER: Readonly<Record<Facts['bootLoader'], Remedy>> = {
  grub: PREPARE,
  'raspberry-pi': PREPARE,
  grubby: byHand('run `grubby --update-kernel=ALL --args="…"` (`--remove-args` to remove)'),
  'systemd-boot': byHand(
    'edit /etc/kernel/cmdline (or the entry in loader/entries), then rebuild with `kernel-install` or `reinstall-kernels`',
  ),
  'u-boot': byHand(
    'edit bootargs where this board keeps them (extlinux.conf, uEnv.txt, armbianEnv.txt or /etc/default/u-boot)',
  ),
  zipl: byHand('edit `parameters=` in /etc/zipl.conf and run `zipl`'),
  'ubuntu-core': byHand('run `snap set system system.kernel.dangerous-cmdline-append="…"`'),
  none: byHand('nothing on its disk loads the kernel: change the command line in whatever starts this guest'),
  unknown: byHand('its boot loader is none that gclab knows: change the kernel command line there'),
};

function byHand(how: string): Remedy {
  return { remedy: 'user', hint: `Change the kernel options by hand and reboot: ${how}` };
}
