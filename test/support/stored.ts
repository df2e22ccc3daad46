import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunDocument } from '../../src/results/run-folder.js';

/** A document as `run.json` has it: its trials are lines of another file. */
export function storedOf(document: RunDocument): object {
  return { ...document, targets: document.targets.map(({ trials: _, ...record }) => record) };
}

/** What is in a run's folder as JSON. */
export async function storedJson(document: RunDocument, ...path: string[]): Promise<unknown> {
  return JSON.parse(await readFile(join(document.run.dir, ...path), 'utf8'));
}
