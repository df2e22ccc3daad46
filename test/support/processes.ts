import { readdirSync, readFileSync } from 'node:fs';

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
}

/** What runs on this machine; some come and go while this looks. */
function running(): Running[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parent: Number(parent), commandLine }];
      } catch {
        return [];
      }
    });
}

/** A process and everything that it started, and so on. */
export function treeOf(pid: number): number[] {
  const all = running();
  const below = (root: number): number[] => [
    root,
    ...all.filter(({ parent }) => parent === root).flatMap((child) => below(child.pid)),
  ];
  return below(pid);
}

/** Processes whose command line names this: something that only one test has. */
export function processesNaming(text: string): number[] {
  return running()
    .filter(({ commandLine }) => commandLine.includes(text))
    .map(({ pid }) => pid);
}
