import { findRun } from '../../results/find-run.js';
import { type RunDocument, refuseFollowed, type TargetRecord } from '../../results/run-folder.js';
import { isLeftBehind } from '../../workflows/attach.js';

/** A session that was left behind, and its targets that something of is still on. */
export interface LeftSession {
  readonly document: RunDocument;
  readonly records: readonly TargetRecord[];
}

/**
 * The newest interactive run below `out` that left something on a target that `isWanted`; undefined where none did. Rejects with
 * `run-followed` where another gclab still drives it.
 */
export async function leftSession(
  out: string,
  isWanted: (record: TargetRecord, port: number) => boolean,
): Promise<LeftSession | undefined> {
  const leftIn = ({ targets, settings }: RunDocument): TargetRecord[] =>
    targets.filter((record) => isLeftBehind(record) && isWanted(record, settings.port));
  const document = await findRun(out, (one) => one.settings.mode === 'interactive' && leftIn(one).length > 0);
  if (document === undefined) return undefined;
  refuseFollowed(document);
  return { document, records: leftIn(document) };
}
