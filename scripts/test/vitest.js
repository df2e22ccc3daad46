import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trusted } from './count.js';
import { shown } from './shown.js';

/**
 * Runs tests on a Node. What vitest did not run counts as failed.
 * @param {string} node the program @param {readonly string[]} which filters and options of vitest
 * @param {Record<string, string>} env
 * @returns {Promise<import('./count.js').Count>}
 */
export async function vitest(node, which, env) {
  const folder = mkdtempSync(join(tmpdir(), 'gclab-report-'));
  const report = join(folder, 'report.json');
  try {
    const entry = join('node_modules', 'vitest', 'vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const ok = await shown([node, entry, 'run', ...which, ...reporters], { env });
    return trusted(ok, existsSync(report) ? countIn(readFileSync(report, 'utf8')) : { passed: 0, failed: 1 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} report */
function countIn(report) {
  const { numPassedTests, numFailedTests, numTotalTests } = JSON.parse(report);
  const unrun = numTotalTests - numPassedTests - numFailedTests;
  if (unrun > 0) process.stderr.write(`test: ${unrun} tests were not run, which counts as failed\n`);
  return { passed: numPassedTests, failed: numFailedTests + unrun };
}
