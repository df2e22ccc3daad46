import type { Settings, Target } from '../../model.js';
import { printable } from '../../printable.js';
import type { RunDocument } from '../../results/run-folder.js';
import { formatBytes } from '../../units.js';
import { describeRecord } from '../show/show-run.js';

/** The verdict of each target and where the results are, a line each. */
export function describeDocument(document: RunDocument): string[] {
  return [...document.targets.flatMap(describeRecord), `results: ${printable(document.run.dir)}`];
}

/** What a run's experiment is set to, a line each. */
export function describeSettings(settings: Settings, targets: readonly Target[]): string[] {
  const { limitBytes, gogc, gomemlimit, env, sampleHz, port } = settings;
  return [
    `hosts       ${targets.map(({ name }) => printable(name, 60)).join(', ')}`,
    `hard limit  ${formatBytes(limitBytes)}, swap forbidden`,
    `GOGC        ${gogc ?? 'unset (100)'}`,
    `GOMEMLIMIT  ${gomemlimit === null ? 'unset' : gomemlimit === 'off' ? 'off' : formatBytes(Number(gomemlimit))}`,
    `samples     ${sampleHz} a second`,
    `port        ${port === 0 ? 'a free one' : port} of the loopback`,
    ...Object.entries(env).map(([key, value]) => `env         ${printable(`${key}=${value}`, 200)}`),
  ];
}

/** What a session with a program of somebody else's cannot do, before it begins. */
export const ATTACHED_OPENING = [
  'this program was started by somebody else, and quit leaves it running',
  'no journal of it is here: figures are those of its last answer, and no verdict can be given, whatever happens to it',
];

/** What is known of a program of somebody else's. */
export function describeAttached(limitBytes: number, port: number, targets: readonly Target[]): string[] {
  return [
    `hosts       ${targets.map(({ name }) => printable(name, 60)).join(', ')}`,
    `hard limit  ${formatBytes(limitBytes)}, as the program says`,
    `port        ${port} of the loopback`,
    'journal     none here: the program was started by somebody else',
  ];
}
