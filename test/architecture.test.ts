import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** The floors of the design: an import points down, or stays in its folder; never up, never sideways. */
const FLOORS: Readonly<Record<string, number>> = {
  commands: 7,
  cli: 6,
  workflows: 5,
  fleet: 4,
  kernel: 3,
  experiment: 3,
  provider: 3,
  inventory: 3,
  results: 3,
  guest: 2,
  journal: 2,
  transport: 1,
  statistics: 1,
  concurrency: 0,
};

/** Single files at the top of src are the ground floor. */
const GROUND = 0;

interface Import {
  readonly from: string;
  readonly to: string;
}

function sources(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
    (match) => match[1] ?? '',
  );
  return specifiers.map((specifier) => ({
    from: file,
    to: relative(SRC, normalize(join(SRC, dirname(file), specifier))),
  }));
}

function roomOf(file: string): string {
  return file.includes(sep) ? (file.split(sep)[0] ?? '') : '';
}

function floorOf(file: string): number {
  const room = roomOf(file);
  return room === '' ? GROUND : (FLOORS[room] ?? Number.NaN);
}

function pointsDown({ from, to }: Import): boolean {
  return roomOf(from) === roomOf(to) || floorOf(to) < floorOf(from);
}

describe('the floors', () => {
  it('knows a floor for every folder', () => {
    const unknown = sources().filter((file) => Number.isNaN(floorOf(file)));
    expect(unknown).toEqual([]);
  });

  it('lets no import point up, or sideways between capabilities', () => {
    const wrong = sources()
      .flatMap(importsOf)
      .filter((one) => !pointsDown(one));
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('would notice an import that points up', () => {
    expect(pointsDown({ from: join('transport', 'a.ts'), to: join('kernel', 'b.ts') })).toBe(false);
    expect(pointsDown({ from: join('kernel', 'a.ts'), to: join('results', 'b.ts') })).toBe(false);
    expect(pointsDown({ from: join('workflows', 'a.ts'), to: join('kernel', 'b.ts') })).toBe(true);
  });

  it('keeps listr2 to the one place that draws', () => {
    const users = sources().filter((file) => readFileSync(join(SRC, file), 'utf8').includes("from 'listr2'"));
    expect(users).toEqual([join('cli', 'progress', 'drawing.ts')]);
  });

  it('takes zod and oclif in a way that leaves out what is not used of them', () => {
    const textOf = (file: string): string => readFileSync(join(SRC, file), 'utf8');
    expect(sources().filter((file) => /'@oclif\/core'/.test(textOf(file)))).toEqual([]);
    expect(sources().filter((file) => /'zod'/.test(textOf(file)))).toEqual(['zod.ts']);
    expect(
      sources().filter((file) => /import (?:type )?\{[^}]*\} from '.*\/zod\.js'/.test(textOf(file))),
    ).toEqual([]);
  });

  it('gives a room of more than a dozen files rooms of its own', () => {
    const inRoom = new Map<string, number>();
    for (const file of sources()) inRoom.set(dirname(file), (inRoom.get(dirname(file)) ?? 0) + 1);
    expect([...inRoom].filter(([, files]) => files > 12)).toEqual([]);
  });

  it('leaves no cycle between files', () => {
    const graph = new Map(
      sources().map((file) => [file, importsOf(file).map(({ to }) => to.replace(/\.js$/, '.ts'))]),
    );
    expect(findCycle(graph)).toEqual([]);
  });
});

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const cycle = visit(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
