/** `npm run demo`: the main job on real input, over a real sshd on loopback that this starts and stops itself. */
import { spawn } from 'node:child_process';
import { startSshd } from '../../test/support/sshd.js';

function say(text: string): void {
  process.stderr.write(`demo: ${text}\n`);
}

const server = await startSshd();
say(`a real sshd listens on 127.0.0.1:${server.port}, for this demo alone`);
const argv = ['remote', 'run', '--host', 'guest', '--ssh-config', server.sshConfig, '--trials', '5'];
say(`gclab ${argv.join(' ')}`);
// Ctrl-C reaches the whole foreground group: gclab stops cleanly, and this waits for it.
process.on('SIGINT', () => {});
const gclab = spawn(process.execPath, ['bin/run.js', ...argv], { stdio: 'inherit' });
process.exitCode = await new Promise<number>((resolve) => gclab.once('exit', (code) => resolve(code ?? 1)));
await server.stop();
