import { isIP } from 'node:net';
import { GclabError } from '../../errors.js';
import * as z from '../../zod.js';
import { runOrFail } from '../controller/command.js';

import type { Places } from '../controller/places.js';
import { parseImage } from '../images/reference.js';
import type { Work } from '../provider.js';
import { userData } from '../seed/no-cloud.js';
import { GUEST_USER } from '../vm/reach.js';
import {
  DEED_MS,
  type Instance,
  LIST_MS,
  parseJson,
  readEntries,
  type Tool,
  toolRequirement,
} from './tool.js';

/** `multipass list --format json`, as far as it matters here. */
const List = z.object({ list: z.array(z.unknown()) });
const Listed = z.object({
  name: z.string(),
  state: z.string().catch(''),
  ipv4: z.array(z.string()).catch([]),
});

const INSTALL = 'install Multipass (macOS: brew install --cask multipass; Linux: snap install multipass)';

/** For its download and its first boot each. */
const LAUNCH_SECONDS = 1_200;

/** Multipass brings the image and keeps the VM; user, keys and kernel options are ours, through cloud-init. */
export function multipass(places: Places): Tool {
  const multipass = (args: readonly string[], doing: string, work: Work, stdin?: string) =>
    runOrFail(['multipass', ...args], {
      doing,
      signal: work.signal,
      timeoutMs: args[0] === 'list' ? LIST_MS : DEED_MS,
      env: places.env,
      ...(stdin !== undefined && { stdin }),
    });
  const stop = async (instance: string, work: Work) => {
    await multipass(['stop', instance], 'stopping the VM', work);
  };
  const instances = async (work: Work) =>
    multipassInstances((await multipass(['list', '--format', 'json'], 'listing VMs', work)).stdout);
  return {
    kind: 'multipass',
    stop,
    requirement: (work) => toolRequirement('multipass', INSTALL, places, () => instances(work)),
    create: async (instance, spec, keys, work) => {
      const release = ubuntuRelease(spec.image, places.mirror);
      const seed = { name: spec.name, user: GUEST_USER, ...keys, kernelOptions: spec.kernelOptions };
      const size = [
        '--cpus',
        String(spec.cpus),
        '--memory',
        `${Math.ceil(spec.memoryBytes / 2 ** 20)}M`,
        '--disk',
        '10G',
      ];
      // On stdin: confined by snap, multipass may not read our files.
      const args = [
        'launch',
        release,
        '--name',
        instance,
        ...size,
        '--timeout',
        String(LAUNCH_SECONDS),
        '--cloud-init',
        '-',
      ];
      await multipass(args, 'creating the VM', work, userData(seed, 'stay'));
      await stop(instance, work);
    },
    start: async (instance, work) => {
      await multipass(['start', instance], 'starting the VM', work);
    },
    kill: async (instance, work) => {
      await multipass(['stop', '--force', instance], 'cutting the power', work);
    },
    delete: async (instance, work) => {
      await multipass(['delete', '--purge', instance], 'deleting the VM', work);
    },
    instances,
  };
}

/** What was deleted but not purged is in the list too, and counts as there. */
export function multipassInstances(stdout: string): ReadonlyMap<string, Instance> {
  const list = List.safeParse(parseJson(stdout, 'multipass')).data?.list;
  return new Map(
    readEntries(Listed, list, 'multipass').map(({ name, state, ipv4 }) => {
      // Before it has one, a running VM may have `N/A` for an address.
      const host = ipv4.find((address) => isIP(address) !== 0);
      return [
        name,
        { state: STATES[state] ?? 'stalled', address: host === undefined ? null : { host, port: 22 } },
      ];
    }),
  );
}

/** `Unknown`, and whatever a later version says, is neither. */
const STATES: Readonly<Record<string, Instance['state']>> = {
  Running: 'running',
  Starting: 'running',
  Restarting: 'running',
  'Delayed Shutdown': 'running',
  Stopped: 'stopped',
  Suspending: 'stopped',
  Suspended: 'stopped',
  Deleted: 'stopped',
};

function ubuntuRelease(image: string, mirror: string | undefined): string {
  const reference = parseImage(image);
  const usesMirror = mirror !== undefined;
  if (reference.kind === 'published' && reference.distribution === 'ubuntu' && !usesMirror)
    return reference.release;
  throw new GclabError({
    code: 'image-unknown',
    doing: 'choosing an image',
    what: usesMirror
      ? 'Multipass brings its own images: --mirror means nothing to it'
      : `Multipass cannot run ${image}: it has Ubuntu's images only`,
    hint: 'take ubuntu:24.04 without --mirror, or the provider qemu',
  });
}
