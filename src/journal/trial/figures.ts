/** The figures of a trial at a moment; `usage` is what the cgroup is charged for, the others are the Go heap's. */
export const METRICS = [
  'heapAlloc',
  'heapInUse',
  'heapIdle',
  'heapReleased',
  'heapGoal',
  'sys',
  'usage',
  'numGC',
] as const;
export type Metric = (typeof METRICS)[number];
