/**
 * `npm test`: everything that has to hold, one step after another, all of them even when one fails. Ends with a line
 * that counts the tests of all runners.
 */
import { runScript, Stop, stopIfAborted } from './setup/script.js';
import { COMMANDS, setUp } from './setup/set-up.js';
import { becomeRoot } from './test/become-root.js';
import { helpText, sayNotRun } from './test/say.js';
import { choose, isCalled, STEPS } from './test/steps.js';

const names = process.argv.slice(2).filter((word) => word !== '--');

/** @param {string} name */
function checkName(name) {
  if (STEPS.some((step) => isCalled(step, name))) return;
  const known = STEPS.map((step) => step.name).join(', ');
  throw new Stop(`there is no step ${JSON.stringify(name)}: there are ${known}`, 2);
}

/** @param {readonly import('./test/steps.js').Step[]} steps @param {import('./setup/script.js').Work} work */
async function runSteps(steps, work) {
  const total = { passed: 0, failed: 0 };
  for (const { name, run } of steps) {
    process.stdout.write(`\n── ${name}\n`);
    const startedAt = performance.now();
    const { passed, failed } = await run(work);
    stopIfAborted(work);
    total.passed += passed;
    total.failed += failed;
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    process.stdout.write(`── ${name}: ${passed} passed, ${failed} failed in ${seconds} s\n`);
  }
  return total;
}

await runScript('test', COMMANDS.test, async (work) => {
  if (names.some((name) => ['--help', '-h'].includes(name))) {
    process.stdout.write(helpText(process.platform));
    return;
  }
  for (const name of names) checkName(name);
  const { steps, notRun } = choose(names, process.platform);
  await setUp('test', work);
  if (steps.some(({ needsRoot }) => needsRoot) && (await becomeRoot(work))) return;
  const { passed, failed } = await runSteps(steps, work);
  sayNotRun(notRun, steps, process.platform);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
});
