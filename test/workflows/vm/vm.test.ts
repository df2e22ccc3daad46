import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { untold } from '../../../src/provider/provider.js';
import { providerOf } from '../../../src/workflows/vm/providers.js';
import { deleteVm, findVm, listVms, startVm, stopVm, type VmRequest } from '../../../src/workflows/vm/vm.js';
import { placesIn, scratch } from '../../provider/support.js';
import { fakeQemu, stoppedVm } from '../../support/qemu/fake.js';

const GOOD = { firmware: 'boots', guest: 'boots' } as const;
const never = new AbortController().signal;

/** A VM of each provider; the two tools fail when they are to list theirs, unless told otherwise. */
async function setUp(failing: string) {
  const home = await scratch();
  const qemu = await fakeQemu({ kvm: GOOD });
  await stoppedVm(home, 'of-qemu', qemu);
  const bin = join(home, 'bin');
  await mkdir(bin);
  const tool = resolve(import.meta.dirname, '../../provider/tool/fake-tool.js');
  await chmod(tool, 0o755);
  for (const name of ['limactl', 'multipass']) await symlink(tool, join(bin, name));
  for (const kind of ['lima', 'multipass']) await mkdir(join(home, kind, `of-${kind}`), { recursive: true });
  await writeFile(join(home, 'fail'), failing);
  const env = { ...process.env, PATH: `${bin}:${qemu.bin}:${process.env['PATH']}`, FAKE_TOOL_FOLDER: home };
  const controller = { architecture: 'amd64', platform: 'linux', ordinaryUser: null } as const;
  const request: VmRequest = {
    places: placesIn(home, { env, controller }),
    listener: () => undefined,
    signal: never,
  };
  onTestFinished(() => providerOf('qemu', request.places).delete('of-qemu', untold(never)));
  return { home, bin, request };
}

test('a provider that cannot list its VMs hides none of the others', async () => {
  const { request } = await setUp('list');
  const { vms, failures } = await listVms(request);
  expect(vms).toMatchObject([{ name: 'of-qemu', state: 'stopped' }]);
  expect(failures.map(({ code, message }) => [code, message])).toEqual([
    ['tool-failed', expect.stringContaining('limactl ended with exit code 2: limactl: list failed')],
    ['tool-failed', expect.stringContaining('multipass ended with exit code 2: multipass: list failed')],
  ]);
});

test('nor does it keep them from being started, stopped and deleted', async () => {
  const { request } = await setUp('list');
  expect(await startVm('of-qemu', request)).toMatchObject({ state: 'running', accelerator: 'kvm' });
  await stopVm('of-qemu', { cut: true, ifThere: false }, request);
  await deleteVm('of-qemu', request);
  expect((await listVms(request)).vms).toEqual([]);
});

test('a VM that may be one of those that could not be listed is not called unknown', async () => {
  const { request } = await setUp('list');
  const failed = { code: 'tool-failed', exitCode: 5 };
  await expect(findVm('of-lima', request)).rejects.toMatchObject(failed);
  await expect(stopVm('of-lima', { cut: false, ifThere: true }, request)).rejects.toMatchObject(failed);
});

test('a tool that was taken away has no VMs, and that is no failure', async () => {
  const { home, bin, request } = await setUp('nothing');
  await rm(bin, { recursive: true });
  const places = { ...request.places, env: { ...request.places.env, PATH: join(home, 'nowhere') } };
  expect(await listVms({ ...request, places })).toMatchObject({ vms: [{ name: 'of-qemu' }], failures: [] });
});
