import { GclabError } from '../../errors.js';
import { targetsFromHosts } from '../../inventory/from-flags.js';
import type { Target } from '../../model.js';
import { findRun } from '../../results/find-run.js';
import type { RunDocument, TargetRecord } from '../../results/run-folder.js';

export interface LeftSession {
  readonly document: RunDocument;
  readonly targets: readonly Target[];
}

/** The newest interactive run that something of is still on a guest, on one of these hosts where any are named. */
export async function leftSession(out: string, hosts: readonly string[] | undefined): Promise<LeftSession> {
  const isLeft = (record: TargetRecord): boolean =>
    record.guest?.left === true && (hosts === undefined || hosts.includes(record.target));
  const document = await findRun(
    out,
    ({ settings, targets }) => settings.mode === 'interactive' && targets.some(isLeft),
  );
  if (document === undefined) {
    throw new GclabError({
      code: 'unknown-run',
      doing: 'looking for a session to attach to',
      what: `no interactive run in ${out} was left behind`,
      hint: 'start one with: gclab remote drive --host HOST',
    });
  }
  const names = document.targets.filter(isLeft).map(({ target }) => target);
  return { document, targets: targetsFromHosts(names) };
}
