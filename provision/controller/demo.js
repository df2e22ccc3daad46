/** `npm run demo`: the main job on real input, over a real sshd on loopback that this starts and stops itself. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startLoopbackSshd } from './loopback-sshd.js';
import { ROOT } from './root.js';

await import('./build.js');

/** @param {string} text */
function say(text) {
  process.stderr.write(`demo: ${text}\n`);
}

const server = await startLoopbackSshd('demo');
say(`a real sshd listens on 127.0.0.1:${server.port}, for this demo alone`);
const argv = ['remote', 'run', '--host', server.alias, '--ssh-config', server.configFile, '--trials', '5'];
say(`gclab ${argv.join(' ')}`);
// Ctrl-C reaches the whole foreground group: gclab stops cleanly, and this waits for it.
process.on('SIGINT', () => {});
const gclab = spawn(process.execPath, [join(ROOT, 'bin', 'run.js'), ...argv], { stdio: 'inherit' });
process.exitCode = await new Promise((resolve) => gclab.once('exit', (code) => resolve(code ?? 1)));
await server.stop();
