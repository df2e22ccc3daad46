import { GclabError } from '../../../errors.js';
import { run } from '../../controller/command.js';

import type { Work } from '../../provider.js';

/** The Debian mirror that this controller's own apt is configured with. Rejects with `no-mirror` where it has none, as on Ubuntu. */
export async function configuredMirror(work: Work): Promise<string> {
  const argv = [
    'apt-get',
    'indextargets',
    '--format',
    '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)',
    'Created-By: Packages',
  ] as const;
  const answer = await run(argv, { signal: work.signal }).catch(onlyIfMissing);
  const mirror = mirrorIn(answer?.stdout ?? '');
  if (mirror !== undefined) return mirror;
  throw new GclabError({
    code: 'no-mirror',
    doing: 'looking for a Debian mirror',
    what: 'apt on this controller names none',
    hint: 'name one with --mirror',
  });
}

/** The first repository of a whole release: not of its updates, its security fixes or its backports. */
export function mirrorIn(indexTargets: string): string | undefined {
  return indexTargets
    .split('\n')
    .map((line) => line.trim().split(' '))
    .find(
      ([, release = '-', component, origin]) =>
        !release.includes('-') && component === 'main' && origin === 'Debian',
    )?.[0];
}

function onlyIfMissing(cause: unknown): undefined {
  if (cause instanceof GclabError && cause.code === 'tool-missing') return undefined;
  throw cause;
}
