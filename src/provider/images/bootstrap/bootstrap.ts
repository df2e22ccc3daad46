import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GclabError } from '../../../errors.js';
import { run, whyFailed } from '../../controller/command.js';
import { noRoom } from '../../controller/file-system-fault.js';
import type { Architecture } from '../../controller/places.js';
import type { Work } from '../../provider.js';
import { type CachedImage, cached } from '../cache.js';
import type { BootstrapSuite } from '../reference.js';
import { configuredMirror } from './mirror.js';
import { reasonIn } from './reason.js';
import { recipeKey } from './recipe.js';

export interface BootstrapWanted {
  readonly suite: BootstrapSuite;
  readonly architecture: Architecture;
  /** Beside the console options; they end up in GRUB_CMDLINE_LINUX. */
  readonly kernelOptions: string;
  /** Where the packages come from; undefined takes what this controller's apt is configured with. */
  readonly mirror: string | undefined;
}

export interface BootstrapPlaces {
  /** `provision/images`. */
  readonly recipesFolder: string;
  readonly cacheFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What each of the recipe's stages is called to people. */
const STAGES: Readonly<Record<string, string>> = {
  packages: 'installing packages',
  disk: 'laying out the disk',
  qcow2: 'converting the disk',
};

/** The image of a Debian suite, built here from packages unless the same recipe has been built before. */
export async function bootstrapImage(
  wanted: BootstrapWanted,
  places: BootstrapPlaces,
  work: Work,
): Promise<CachedImage> {
  const recipe = join(places.recipesFolder, 'bootstrap');
  const mirror = wanted.mirror ?? (await configuredMirror(work));
  const { suite, architecture, kernelOptions } = wanted;
  const key = await recipeKey(recipe, { suite, architecture, kernelOptions, mirror });
  return cached(places.cacheFolder, `bootstrap-${suite}-${key}`, async (folder, image) => {
    await build(join(recipe, 'build.sh'), { ...wanted, mirror }, { folder, image, env: places.env }, work);
  });
}

async function build(
  script: string,
  wanted: BootstrapWanted & { mirror: string },
  into: { folder: string; image: string; env: BootstrapPlaces['env'] },
  work: Work,
): Promise<void> {
  const label = `bootstrap:${wanted.suite}`;
  const doing = `building ${label}`;
  work.onProgress({ doing });
  const flags = [
    ['--suite', wanted.suite],
    ['--arch', wanted.architecture],
    ['--mirror', wanted.mirror],
    ['--kernel-options', wanted.kernelOptions],
    ['--work', into.folder],
    ['--out', into.image],
  ].flat();
  const result = await run(['sh', script, ...flags], {
    signal: work.signal,
    // What mmdebstrap unpacks belongs to this build and goes with it.
    env: { ...into.env, TMPDIR: into.folder, LC_ALL: 'C.UTF-8' },
    onLine: (line) => tell(line, doing, work),
  });
  if (result.exitCode === 0) return;
  const why = whyFailed({ ...result, stderr: reasonIn(result.stderr) });
  const full = await noRoom(doing, into.folder, why);
  if (full !== undefined) throw full;
  const log = join(into.folder, '..', `${wanted.suite}-build.log`);
  await writeFile(log, result.stderr);
  throw new GclabError({
    code: 'image-build',
    doing,
    what: why,
    hint: `the whole output is in ${log}; gclab doctor says what is missing here`,
    result,
  });
}

function tell(line: string, doing: string, work: Work): void {
  const stage = STAGES[/^stage (\S+)$/.exec(line)?.[1] ?? ''];
  if (stage !== undefined) work.onProgress({ doing, detail: stage });
}
