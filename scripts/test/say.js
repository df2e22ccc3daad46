import { testsNotRun } from './linux-only.js';
import { STEPS } from './steps.js';

/** @typedef {import('./steps.js').Step} Step */

/** @param {string} platform of Node */
function nameOf(platform) {
  return platform === 'darwin' ? 'macOS' : platform;
}

/** What `npm test -- --help` says. @param {string} platform */
export function helpText(platform) {
  const width = Math.max(...STEPS.map(({ name }) => name.length));
  const lines = STEPS.map(({ name, about, linux }) => {
    const isLeftOut = linux !== undefined && platform !== 'linux';
    return `  ${name.padEnd(width)}  ${about}${isLeftOut ? ` (not on ${nameOf(platform)}: ${linux})` : ''}`;
  });
  return [
    'npm test              everything that has to hold, step by step',
    'npm test -- NAME …    the steps whose name contains a NAME, for example: npm test -- "go test"',
    '',
    'The steps:',
    ...lines,
    '',
    'The last line counts the tests of all steps. Images of VMs, other Go versions and a current Node are kept for',
    'the next time.',
    '',
  ].join('\n');
}

/**
 * Names and counts what this platform could not run, so that nobody takes it for tested.
 * @param {readonly Step[]} notRun @param {readonly Step[]} steps those that ran @param {string} platform
 */
export function sayNotRun(notRun, steps, platform) {
  const files = steps.some(({ name }) => name.startsWith('vitest')) ? testsNotRun(platform) : new Map();
  if (notRun.length === 0 && files.size === 0) return;
  /** @type {Map<string, string[]>} */
  const byNeed = new Map();
  for (const [file, need] of files) byNeed.set(need, [...(byNeed.get(need) ?? []), file]);
  const lines = [
    `not run on ${nameOf(platform)}: ${count(notRun.length, 'step')}, ${count(files.size, 'test file')}`,
    ...notRun.map(({ name, linux }) => `  ${name}: ${linux}`),
    ...[...byNeed].map(
      ([need, names]) => `  ${count(names.length, 'test file')}, since ${need}: ${names.join(', ')}`,
    ),
  ];
  process.stdout.write(`\n${lines.join('\n')}\n`);
}

/** @param {number} many @param {string} what */
function count(many, what) {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}
