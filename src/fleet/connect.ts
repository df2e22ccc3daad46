import type { Guest, Target } from '../model.js';
import { connect } from '../transport/connect.js';
import type { Phases } from './phases.js';
import type { ConnectRequest } from './request.js';

/** A fresh connection. `signal` interrupts only the connecting. */
export function dial(target: Target, request: ConnectRequest, signal = request.signal): Promise<Guest> {
  return connect(target, { ...request.connect, signal });
}

/** The first phases of all work on a target: a VM is started where it is not running. The guest's target says how it was reached. */
export async function connectPhase(target: Target, request: ConnectRequest, phases: Phases): Promise<Guest> {
  const reached = target.source.kind === 'vm' ? await startPhase(target, request, phases) : target;
  return await phases.run(
    'connect',
    () => dial(reached, request),
    ({ address }) => address,
  );
}

async function startPhase(target: Target, request: ConnectRequest, phases: Phases): Promise<Target> {
  const start = async (): Promise<Target> => {
    const vm = await request.findVm(target);
    if (vm === null) return target;
    const ssh = await vm.start(phases, request.signal);
    return { ...target, ssh };
  };
  return await phases.run('vm', start, () => 'its sshd answers');
}
