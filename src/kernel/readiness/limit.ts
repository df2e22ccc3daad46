import type { Facts, Obstacle } from '../../model.js';
import { formatBytes } from '../../units.js';

/** Why this hard limit cannot be enforced on the guest: one above its memory would never be reached. Null when it can. */
export function limitObstacle(facts: Facts, limitBytes: number): Obstacle | null {
  if (facts.memoryBytes === 0 || limitBytes <= facts.memoryBytes) return null;
  const [limit, memory] = [formatBytes(limitBytes), formatBytes(facts.memoryBytes)];
  return {
    what: `a limit of ${limit} is more than the guest's ${memory} of memory: it would never be reached`,
    remedy: 'user',
    hint: `Take a limit well below ${memory}`,
  };
}
