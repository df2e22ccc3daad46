import type { Duplex } from 'node:stream';
import { GclabError } from '../../errors.js';
import type { Endpoint } from '../config/endpoint.js';
import { dialCommand, dialTcp } from './dial.js';
import { handshake, type Link, type LinkContext } from './link.js';

/** Connects, through other SSH servers where the route says so, and authenticates. */
export async function openLink(endpoint: Endpoint, context: LinkContext): Promise<Link> {
  const { route } = endpoint;
  if (route.kind !== 'jump') {
    const dialled =
      route.kind === 'command'
        ? dialCommand(route.command)
        : dialTcp(endpoint, context.target, context.signal);
    return handshake(endpoint, dialled, context);
  }
  let previous: Link | undefined;
  for (const hop of route.hops) previous = await openHop(hop, previous, context);
  return handshake(endpoint, forward(previous, endpoint, context), context).catch((error: unknown) => {
    previous?.client.destroy();
    throw error;
  });
}

async function openHop(hop: Endpoint, previous: Link | undefined, context: LinkContext): Promise<Link> {
  try {
    if (previous === undefined) return await openLink(hop, context);
    return await handshake(hop, forward(previous, hop, context), context);
  } catch (error) {
    previous?.client.destroy();
    if (!(error instanceof GclabError)) throw error;
    throw new GclabError({
      code: 'jump-failed',
      doing: `connecting through ${hop.host} port ${hop.port} (ProxyJump)`,
      target: context.target,
      what: `${error.doing}: ${error.message.slice(error.message.indexOf(`${error.doing}: `) + error.doing.length + 2)}`,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}

function forward(through: Link | undefined, to: Endpoint, context: LinkContext): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    through?.client.forwardOut('127.0.0.1', 0, to.host, to.port, (error, channel) => {
      if (error === undefined) resolve(channel.once('close', () => through.client.end()));
      else {
        reject(
          new GclabError({
            code: 'jump-failed',
            doing: `connecting to ${to.host} port ${to.port} through its jump host`,
            target: context.target,
            what: `the jump host could not reach it or may not forward (${error.message})`,
            hint: 'check that the jump host can reach it, and that its sshd has AllowTcpForwarding',
            cause: error,
          }),
        );
      }
    });
  });
}
