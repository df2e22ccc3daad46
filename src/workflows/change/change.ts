import { connectPhase, dial } from '../../fleet/connect.js';
import { eachTarget, type Share } from '../../fleet/each-target.js';
import { EventLog } from '../../fleet/event-log.js';
import type { KeepRequest, TargetsRequest } from '../../fleet/request.js';
import { readiness } from '../../kernel/readiness/readiness.js';
import type { Target } from '../../model.js';
import {
  type ChangeDocument,
  type ChangeFolder,
  type ChangeRecord,
  createChangeFolder,
} from '../../results/change-folder.js';
import { newRunId } from '../../results/record-folder.js';
import { describeFacts, readFacts } from '../facts.js';
import type { ChangeContext } from './context.js';
import { prepareGuest } from './prepare.js';
import { revertGuest } from './revert.js';
import type { ChangeSettings } from './settings.js';

export interface ChangeRequest extends TargetsRequest, KeepRequest {
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
    targets: request.targets.map(freshRecord),
  } as const;
  const id = newRunId(now);
  const folder = await createChangeFolder({ out: request.out, id, now }, document);
  const log = new EventLog((file, line) => folder.append(file, line), request.now);
  log.add({ kind: 'run-started', run: id, gclab: request.version });
  const told = { ...request, listener: log.before(request.listener) };
  await eachTarget(told, folder, (share) => changeOne(share, request, folder));
  log.add({ kind: 'run-finished', run: id, gclab: request.version });
  return await folder.finish(request.now());
}

function freshRecord(target: Target): ChangeRecord {
  return {
    ...target,
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
  { target, phases, learn }: Share<ChangeRecord>,
  request: ChangeRequest,
  folder: ChangeFolder,
): Promise<void> {
  let guest = await connectPhase(target, request, phases);
  try {
    const first = guest;
    const facts = await phases.run('facts', () => readFacts(first, request), describeFacts);
    const context: ChangeContext = {
      settings: request.settings,
      request,
      phases,
      id: folder.document.run.id,
      dial: (signal) => dial(first.target, request, signal),
      replace: (next) => {
        guest = next;
      },
      record: (state, plan) => learn({ state, plan }),
      rebooted: (ms) =>
        learn({ rebootMs: [...folder.recordOf(target.id).rebootMs, Math.round(ms)] }).catch(() => undefined),
    };
    const work = request.action === 'prepare' ? prepareGuest : revertGuest;
    const changed = await work(first, facts, context);
    await learn({ facts: changed.facts, readiness: readiness(changed.facts) });
  } finally {
    await guest.close();
  }
}
