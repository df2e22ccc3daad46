/**
 * `npm run demo`: the main job without naming a host, so in a VM that gclab makes: from nothing to a verdict. The VM is
 * left stopped, so that the next time only it has to boot.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './root.js';
import { runScript } from './setup/script.js';
import { COMMANDS, setUp } from './setup/set-up.js';

/** @param {readonly string[]} argv @returns {Promise<number>} */
function gclab(argv) {
  process.stderr.write(`demo: gclab ${argv.join(' ')}\n`);
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'run.js'), ...argv], { stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

const isReady = await runScript('setup', COMMANDS.demo, async (work) => {
  await setUp('demo', work);
  const { build } = await import('./build.js');
  await build(work);
});
if (isReady) {
  // Ctrl-C reaches the whole foreground group: gclab stops cleanly, and this waits for it.
  process.on('SIGINT', () => {});
  process.exitCode = await gclab(['remote', 'run', '--trials', '5']);
  await gclab(['vm', 'stop', '--if-there']);
}
