import { GclabError } from '../../errors.js';
import type { TargetHead } from '../../results/read-run.js';
import type { RunDocument, TargetRecord } from '../../results/run-folder.js';
import { findLeftRun, isLeftBehind } from '../../workflows/run/attach.js';
import { isNamed, type TargetFlags } from '../flags/targets.js';

/** A session that was left behind, and its targets that something of is still on. */
export interface LeftSession {
  readonly document: RunDocument;
  readonly records: readonly TargetRecord[];
}

/**
 * The newest interactive run below `out` that left something on a target that the flags name, and on the port that they name;
 * undefined where none did. Rejects with `run-followed` where another gclab still drives it, and with `unknown-run` where there is
 * none and no host is named where one may have been started by hand.
 */
export async function leftSession(
  flags: TargetFlags & { readonly out: string; readonly port: number },
  given: ReadonlySet<string>,
): Promise<LeftSession | undefined> {
  const isWanted = (record: TargetHead, port: number): boolean =>
    isNamed(record, flags) && (!given.has('port') || port === flags.port);
  const document = await findLeftRun(
    flags.out,
    (record, { settings }) => settings.mode === 'interactive' && isWanted(record, settings.port),
  );
  if (document === undefined) {
    if (flags.host === undefined && flags.vm === undefined) throw nothingLeft(flags.out);
    return undefined;
  }
  const isOf = (record: TargetRecord): boolean =>
    isLeftBehind(record) && isWanted(record, document.settings.port);
  return { document, records: document.targets.filter(isOf) };
}

function nothingLeft(out: string): GclabError {
  return new GclabError({
    code: 'unknown-run',
    doing: 'looking for a session to attach to',
    what: `no interactive run in ${out} was left behind`,
    hint: 'name the host where one was started by hand, or start one with: gclab remote drive --host HOST',
  });
}
