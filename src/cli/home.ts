import { userInfo } from 'node:os';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { architectureOf } from '../provider/images/architecture.js';
import type { Places } from '../provider/places.js';

/** Where the controller's own state and caches are: `GCLAB_HOME`, else the platform's usual folder. */
export function homeFolder(env: Readonly<Record<string, string | undefined>>): string {
  return env['GCLAB_HOME'] || envPaths('gclab', { suffix: '' }).data;
}

/** What providers use of this controller. `root` is the folder of gclab's package.json. */
export function placesOf(root: string, mirror: string | undefined): Places {
  return {
    homeFolder: homeFolder(process.env),
    recipesFolder: join(root, 'provision', 'images'),
    env: process.env,
    controller: {
      architecture: architectureOf(process.arch),
      platform: process.platform,
      ordinaryUser: process.getuid?.() === 0 ? null : userInfo().username,
    },
    mirror,
  };
}
