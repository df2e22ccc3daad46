import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { printable } from '../../printable.js';

/** What ssh runs to ask: it hands the question to us over a socket and prints the answer. */
const PROGRAM = `#!/bin/sh
exec "$GCLAB_NODE" -e '
const socket = require("node:net").connect(process.env.GCLAB_ASKPASS);
let answer = "";
socket.on("data", (chunk) => { answer += chunk; });
socket.on("end", () => { process.stdout.write(answer.slice(1)); process.exitCode = answer[0] === "+" ? 0 : 1; });
socket.end(process.env.GCLAB_SECRET + JSON.stringify(process.argv[1] ?? ""));
' -- "$1"
`;

/** Lets ssh ask through `ask`. The environment goes to ssh; close the server when it has connected. */
export async function startAskpass(
  folder: string,
  ask: (prompt: string, secret: boolean) => Promise<string | undefined>,
): Promise<{ env: Record<string, string>; server: Server }> {
  const program = join(folder, 'askpass');
  const path = join(folder, 'ask');
  const secret = randomBytes(16).toString('hex');
  await writeFile(program, PROGRAM, { mode: 0o700 });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('end', async () => {
      if (!text.startsWith(secret)) return socket.destroy();
      const prompt = printable(String(JSON.parse(text.slice(secret.length))));
      // ssh asks about a new host key with the same program; only that answer is a word.
      const answer = await ask(prompt, !prompt.includes('(yes/no')).catch(() => undefined);
      socket.end(answer === undefined ? '-' : `+${answer}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const env = {
    SSH_ASKPASS: program,
    SSH_ASKPASS_REQUIRE: 'force',
    DISPLAY: 'none:0',
    GCLAB_NODE: process.execPath,
    GCLAB_ASKPASS: path,
    GCLAB_SECRET: secret,
  };
  return { env, server };
}
