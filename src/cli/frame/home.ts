import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Places } from '../../provider/controller/places.js';
import { architectureOf } from '../../provider/controller/places.js';
import { ACCELERATORS, type Accelerator } from '../../provider/provider.js';
import { badFlag } from '../flags/kinds.js';
import { type Environment, homeFolder } from './home-folder.js';

/** What a command says of VMs besides which ones. */
export interface VmPlaceFlags {
  /** Where images and packages come from. */
  readonly mirror?: string | undefined;
  readonly accelerator?: Accelerator | undefined;
}

/** What providers use of this controller. `root` is the folder of gclab's package.json. */
export function placesOf(root: string, env: Environment, flags: VmPlaceFlags): Places {
  return {
    homeFolder: homeFolder(env),
    recipesFolder: join(root, 'provision', 'images'),
    env,
    controller: {
      architecture: architectureOf(process.arch),
      platform: process.platform,
      ordinaryUser: process.getuid?.() === 0 ? null : userInfo().username,
    },
    mirror: flags.mirror,
    accelerator: { flag: flags.accelerator, setting: acceleratorSetting(env['GCLAB_ACCELERATOR']) },
  };
}

/** Empty is as good as unset. */
function acceleratorSetting(text: string | undefined): Accelerator | undefined {
  if (text === undefined || text === '') return undefined;
  const known = ACCELERATORS.find((one) => one === text);
  if (known !== undefined) return known;
  return badFlag(
    `GCLAB_ACCELERATOR=${JSON.stringify(text)} is no accelerator`,
    `set it to one of ${ACCELERATORS.join(', ')}, or unset it: the fastest that works is taken`,
  );
}
