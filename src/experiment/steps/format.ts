import type { Amount, Command, Condition } from './step.js';

/** A step as it is written; parsing that gives the same step. */
export function formatStep(step: Command): string {
  switch (step.do) {
    case 'add':
      return `add ${formatAmount(step.amount)}${step.of === undefined ? '' : ` of ${formatAmount(step.of)}`}`;
    case 'rel':
    case 'cache':
      return `${step.do} ${formatAmount(step.amount)}`;
    case 'wait':
      return `wait ${formatTime(step.ms)}`;
    case 'until':
      return `until ${formatCondition(step.condition)} within ${formatTime(step.withinMs)}`;
    case 'repeat':
      return `repeat ${step.times} { ${step.steps.map(formatStep).join('; ')} }`;
    case 'save':
      return `save "${step.file}"`;
    default:
      return step.do;
  }
}

export function formatCondition({ metric, is, than }: Condition): string {
  const value = metric === 'numGC' && 'bytes' in than ? String(than.bytes) : formatAmount(than);
  return `${metric} ${is} ${value}`;
}

/** `32MiB` where it is whole in a unit, else plain bytes: never rounded. */
export function formatAmount(amount: Amount): string {
  if ('percent' in amount) return `${amount.percent}%`;
  const { bytes } = amount;
  const units = ['', 'KiB', 'MiB', 'GiB', 'TiB'];
  let power = 0;
  while (power < units.length - 1 && bytes > 0 && bytes % 2 ** (10 * (power + 1)) === 0) power += 1;
  return `${bytes / 2 ** (10 * power)}${units[power]}`;
}

/** Never rounded either. */
export function formatTime(ms: number): string {
  if (ms === 0 || ms % 1_000 !== 0) return `${ms}ms`;
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1_000}s`;
}
