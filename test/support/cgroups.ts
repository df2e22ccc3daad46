import { readdirSync } from 'node:fs';

/** Cgroups of a run that are still there, on whatever hierarchy. */
export function leftoverCgroups(runId: string): string[] {
  return readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.includes(runId),
  );
}
