/** What gclab is to reach, as ratios to the OpenSSH script, cold and warm. Null: nothing is said. */
export interface Goals {
  readonly wall: readonly [number, number] | null;
  readonly cpu: readonly [number, number] | null;
}

export interface Case {
  readonly hosts: number;
  /** Each way; 0 is loopback. */
  readonly delayMs: number;
  readonly goals: Goals;
}

export const CASES: readonly Case[] = [
  { hosts: 1, delayMs: 0, goals: { wall: [1.15, 1.15], cpu: [2, 2] } },
  { hosts: 10, delayMs: 0, goals: { wall: null, cpu: null } },
  { hosts: 50, delayMs: 0, goals: { wall: [0.6, 0.5], cpu: [0.25, 0.2] } },
  { hosts: 200, delayMs: 0, goals: { wall: [0.55, 0.45], cpu: [0.2, 0.15] } },
  { hosts: 20, delayMs: 25, goals: { wall: [0.7, 0.8], cpu: [0.35, 0.35] } },
];

/** In bytes. */
export function memoryGoal(hosts: number): number {
  return (90 + 0.6 * hosts) * 1e6;
}
