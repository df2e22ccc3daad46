import { readiness } from '../kernel/readiness.js';
import type { Guest, Target } from '../model.js';
import {
  type ChangeDocument,
  type ChangeFolder,
  type ChangeRecord,
  createChangeFolder,
} from '../results/change-folder.js';
import { folderNameOf, newRunId } from '../results/document-folder.js';
import type { ChangeContext, Changed } from './change-context.js';
import type { ChangeSettings } from './change-settings.js';
import { connectPhase, dial, eachTarget } from './each-target.js';
import { describeFacts, readFacts } from './facts.js';
import { failureOf } from './outcome.js';
import type { Phases } from './phases.js';
import { prepareGuest } from './prepare-guest.js';
import { revertGuest } from './revert-guest.js';
import type { RunRequest, TargetsRequest } from './run-request.js';

export interface ChangeRequest extends TargetsRequest, Pick<RunRequest, 'out' | 'version' | 'now'> {
  readonly action: 'prepare' | 'revert';
  readonly settings: ChangeSettings;
}

/** Prepares or reverts every target side by side. The folder here knows of each change before the guest is changed. */
export async function change(request: ChangeRequest): Promise<ChangeDocument> {
  const now = request.now();
  const document = {
    schema: 1,
    gclab: request.version,
    action: request.action,
    targets: request.targets.map(({ name }) => freshRecord(name)),
  } as const;
  const folder = await createChangeFolder({ out: request.out, id: newRunId(now), now }, document);
  await eachTarget(request, (target, phases) => changeOne(target, phases, request, folder));
  return await folder.finish(request.now());
}

function freshRecord(target: string): ChangeRecord {
  return {
    target,
    folder: folderNameOf(target),
    outcome: null,
    state: 'unknown',
    plan: null,
    rebootMs: [],
    readiness: null,
    facts: null,
    error: null,
  };
}

async function changeOne(
  target: Target,
  phases: Phases,
  request: ChangeRequest,
  folder: ChangeFolder,
): Promise<void> {
  const record = (part: Partial<ChangeRecord>): Promise<void> => folder.update(target.name, part);
  let guest: Guest | undefined;
  try {
    guest = await connectPhase(target, request, phases);
    const first = guest;
    const facts = await phases.run('facts', () => readFacts(first, request), describeFacts);
    const context: ChangeContext = {
      settings: request.settings,
      request,
      phases,
      id: folder.document.run.id,
      dial: (signal) => dial(target, request, signal),
      record: (state, plan) => record({ state, plan }),
      rebooted: (ms) => void record({ rebootMs: [...folder.recordOf(target.name).rebootMs, Math.round(ms)] }),
    };
    const work = request.action === 'prepare' ? prepareGuest : revertGuest;
    const changed: Changed = await work(guest, facts, context);
    guest = changed.guest;
    await record({ outcome: 'completed', facts: changed.facts, readiness: readiness(changed.facts) });
  } catch (error) {
    await record(failureOf(error, request.signal));
  } finally {
    await guest?.close();
  }
}
