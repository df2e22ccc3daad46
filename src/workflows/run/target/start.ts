import { dial } from '../../../fleet/connect.js';
import type { GuestFolder } from '../../../guest/folder.js';
import { readiness } from '../../../kernel/readiness/readiness.js';
import type { Facts, Guest } from '../../../model.js';
import type { Connection } from '../../../transport/connection.js';
import { describeFacts, readFacts } from '../../facts.js';
import { gate } from '../../gate.js';
import { connected } from './connect.js';
import { Deployment } from './deployment.js';
import type { RunTarget } from './run-target.js';
import { seeThrough } from './see-through.js';

/** One target's run, from connecting to a clean guest. */
export async function startRun(one: RunTarget): Promise<void> {
  const { phases, request } = one;
  await connected(one, async (connection) => {
    const early = new Deployment(connection.guest, request);
    const read = await phases.run('facts', () => readAll(one, connection), describeFacts);
    const facts = await prepared(one, connection, read);
    await phases.run(
      'gate',
      () => pass(one, facts),
      () => 'the limit can be enforced',
    );
    const tell = (progress: string): void => phases.progress(progress);
    const deploy = (guest: Guest): Promise<GuestFolder> =>
      (guest === early.guest ? early : new Deployment(guest, request)).deploy(facts, tell);
    const folder = await phases.run(
      'deploy',
      () => connection.use('deploying gcexp', deploy),
      describeFolder,
    );
    const { dir } = folder;
    const configuration = JSON.stringify({ schema: 1, run: one.runName, dir, ...request.settings });
    await seeThrough(one, connection, folder, configuration);
  });
}

async function readAll(one: RunTarget, connection: Connection): Promise<Facts> {
  const facts = await connection.use('reading the guest', (guest) => {
    const reading = readFacts(guest, one.request);
    // For the run itself.
    guest.openAhead();
    return reading;
  });
  await one.learn({ facts });
  return facts;
}

/** `--prepare`: the guest may come back with other facts, over another connection. */
async function prepared(one: RunTarget, connection: Connection, facts: Facts): Promise<Facts> {
  const { request, phases } = one;
  const { prepare } = request;
  if (prepare === undefined || readiness(facts).ready) return facts;
  const { prepareGuest } = await import('../../change/prepare.js');
  const changed = await prepareGuest(connection.guest, facts, {
    settings: prepare,
    request,
    phases,
    id: one.runName,
    dial: (signal) => dial(connection.guest.target, request, signal),
    record: (state, plan) => one.learn({ preparation: { state, plan } }),
    replace: (guest) => connection.replace(guest),
    rebooted: () => {},
  });
  await one.learn({ facts: changed.facts });
  return changed.facts;
}

async function pass(one: RunTarget, facts: Facts): Promise<void> {
  const { readiness, refusal } = gate(facts, one.target.name, one.request.settings.limitBytes);
  await one.learn({ readiness });
  if (refusal !== null) throw refusal;
}

function describeFolder(folder: GuestFolder): string {
  return `${folder.dir}${folder.isDeployed ? ' (gcexp is there already)' : ''}`;
}
