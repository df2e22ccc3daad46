import { GclabError } from '../../errors.js';
import { quote } from '../../transport/command/quote.js';
import * as z from '../../zod.js';
import { runOrFail } from '../controller/command.js';

import type { Places } from '../controller/places.js';
import { obtainImage } from '../images/obtain.js';
import type { VmSpec, Work } from '../provider.js';
import { grubDropIn } from '../seed/no-cloud.js';
import { GUEST_USER } from '../vm/reach.js';
import {
  DEED_MS,
  type GuestKeys,
  type Instance,
  LIST_MS,
  parseJson,
  readEntries,
  type Tool,
  toolRequirement,
} from './tool.js';

/** An entry of `limactl list --format json`, as far as it matters here. A VM that never ran has no port, or `null` or 0 for one. */
const Listed = z.object({
  name: z.string(),
  status: z.string().catch(''),
  sshLocalPort: z.number().int().nullish().catch(null),
});

/** Lima keeps the VM; image, keys and kernel options are ours. */
export function lima(places: Places): Tool {
  const limactl = (args: readonly string[], doing: string, work: Work, stdin?: string) =>
    runOrFail(['limactl', '--tty=false', ...args], {
      doing,
      signal: work.signal,
      timeoutMs: args[0] === 'list' ? LIST_MS : DEED_MS,
      env: places.env,
      ...(stdin !== undefined && { stdin }),
    });
  const start = async (instance: string, work: Work) => {
    await limactl(['start', instance], 'starting the VM', work);
  };
  const stop = async (instance: string, work: Work) => {
    await limactl(['stop', instance], 'stopping the VM', work);
  };
  const instances = async (work: Work) =>
    limaInstances((await limactl(['list', '--format', 'json'], 'listing VMs', work)).stdout);
  return {
    kind: 'lima',
    start,
    stop,
    requirement: (work) =>
      toolRequirement('limactl', 'install Lima (macOS: brew install lima)', places, () => instances(work)),
    create: async (instance, spec, keys, work) => {
      const configuration = await limaConfiguration(spec, keys, places, work);
      await limactl(
        ['create', `--name=${instance}`, '-'],
        'creating the VM',
        work,
        JSON.stringify(configuration),
      );
      if (spec.kernelOptions === '') return;
      // The options are written while it boots, and are on the command line from the next boot on.
      await start(instance, work);
      await stop(instance, work);
    },
    kill: async (instance, work) => {
      await limactl(['stop', '--force', instance], 'cutting the power', work);
    },
    delete: async (instance, work) => {
      await limactl(['delete', '--force', instance], 'deleting the VM', work);
    },
    instances,
  };
}

/** A document a line, or one array; nothing at all where there is no VM. */
export function limaInstances(stdout: string): ReadonlyMap<string, Instance> {
  if (stdout.trim() === '') return new Map();
  return new Map(
    readEntries(Listed, parseJson(stdout, 'limactl'), 'limactl').map(({ name, status, sshLocalPort }) => {
      const address = sshLocalPort ? { host: '127.0.0.1', port: sshLocalPort } : null;
      return [name, { state: STATES[status] ?? 'stalled', address }];
    }),
  );
}

/** `Broken`, and whatever a later version says, is neither. */
const STATES: Readonly<Record<string, Instance['state']>> = { Running: 'running', Stopped: 'stopped' };

/** lima.yaml as JSON, which YAML includes. The host's folders stay out of the guest. */
async function limaConfiguration(spec: VmSpec, keys: GuestKeys, places: Places, work: Work) {
  if (spec.image.startsWith('bootstrap:')) throw needsCloudInit(spec.image);
  const image = await obtainImage({ image: spec.image, kernelOptions: '' }, places, work);
  const arch = places.controller.architecture === 'amd64' ? 'x86_64' : 'aarch64';
  return {
    arch,
    images: [{ location: image.file, arch }],
    cpus: spec.cpus,
    memory: `${Math.ceil(spec.memoryBytes / 2 ** 20)}MiB`,
    disk: '10GiB',
    mounts: [],
    containerd: { system: false, user: false },
    ssh: { localPort: 0, loadDotSSHPubKeys: false },
    provision: [{ mode: 'system', script: limaScript(spec, keys) }],
  };
}

/** Run by root on every boot, so it only does what isn't done. */
export function limaScript(spec: VmSpec, keys: GuestKeys): string {
  const write = (text: string, mode: string, path: string) =>
    `printf %s ${quote(text)} | install -D -m ${mode} /dev/stdin ${quote(path)}`;
  const home = `/home/${GUEST_USER}`;
  const dropIn = '/etc/default/grub.d/zz-gclab-image.cfg';
  const options = [
    `[ -e ${dropIn} ] || {`,
    write(grubDropIn(spec.kernelOptions), '0644', dropIn),
    'update-grub',
    '}',
  ];
  return [
    '#!/bin/sh',
    'set -eu',
    `id ${GUEST_USER} >/dev/null 2>&1 || useradd --create-home --shell /bin/bash ${GUEST_USER}`,
    write(`${GUEST_USER} ALL=(ALL) NOPASSWD: ALL\n`, '0440', `/etc/sudoers.d/${GUEST_USER}`),
    `[ -e ${home}/.ssh/authorized_keys ] || {`,
    write(keys.authorizedKey, '0600', `${home}/.ssh/authorized_keys`),
    `chown -R ${GUEST_USER}: ${home}/.ssh`,
    write(keys.hostKey.privateKey, '0600', '/etc/ssh/ssh_host_ed25519_key'),
    write(keys.hostKey.publicKey, '0644', '/etc/ssh/ssh_host_ed25519_key.pub'),
    'systemctl restart ssh',
    '}',
    ...(spec.kernelOptions === '' ? [] : options),
    '',
  ].join('\n');
}

function needsCloudInit(image: string): GclabError {
  return new GclabError({
    code: 'image-unknown',
    doing: 'choosing an image',
    what: `Lima cannot run ${image}: it needs cloud-init in its images`,
    hint: 'take ubuntu:24.04 or debian:12, or the provider qemu',
  });
}
