import type { RunDocument, TargetRecord } from '../../results/run-folder.js';
import { findLeftRun, isLeftBehind } from '../../workflows/attach.js';

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
  const document = await findLeftRun(
    out,
    (record, { settings }) => settings.mode === 'interactive' && isWanted(record, settings.port),
  );
  if (document === undefined) return undefined;
  const isOf = (record: TargetRecord): boolean =>
    isLeftBehind(record) && isWanted(record, document.settings.port);
  return { document, records: document.targets.filter(isOf) };
}
