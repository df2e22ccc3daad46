import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { RECIPES, scratch } from '../../support.js';

/** Runs the recipe's hook on an archive that has these packages; resolves to what it installed, and what it said. */
async function packages(list: string, archive: readonly string[]) {
  const folder = await scratch();
  const installed = join(folder, 'installed');
  // apt-get install --yes --no-install-recommends [--simulate] NAME…
  const chroot = `#!/bin/sh
shift 7
if [ "$1" = --simulate ]; then
  case " ${archive.join(' ')} " in *" $2 "*) exit 0 ;; esac
  echo "E: Unable to locate package $2" >&2
  exit 100
fi
echo "$*" >'${installed}'
`;
  await writeFile(join(folder, 'chroot'), chroot);
  await chmod(join(folder, 'chroot'), 0o755);
  await writeFile(join(folder, 'packages'), list);
  const env = {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env['PATH']}`,
    here: folder,
    suite: 'sid',
    arch: 'amd64',
  };
  const hook = join(RECIPES, 'bootstrap', 'packages.sh');
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile('sh', [hook, '/root-folder'], { env }, (error, _stdout, text) =>
      resolve({ code: error === null ? 0 : error.code, stderr: text }),
    );
  });
  return { code, stderr, installed: await readFile(installed, 'utf8').catch(() => '') };
}

test('each line is installed under the first name that the archive has', async () => {
  const list = '# a comment\nlinux-image-cloud-ARCH | linux-image-ARCH\nudev\nsudo | sudo-rs\n';
  expect(await packages(list, ['linux-image-amd64', 'udev', 'sudo', 'sudo-rs'])).toEqual({
    code: 0,
    stderr: '',
    installed: 'linux-image-amd64 udev sudo\n',
  });
});

test('what may be missing is done without, and said', async () => {
  expect(await packages('udev\nzstd | -\n', ['udev'])).toEqual({
    code: 0,
    stderr: 'packages: sid has no zstd | -: done without\n',
    installed: 'udev\n',
  });
});

test('what the image needs and the archive has under none of its names ends the build, with its name', async () => {
  const { code, stderr, installed } = await packages('udev\nsudo | sudo-rs\nkmod\n', ['udev', 'kmod']);
  expect({ code, installed }).toEqual({ code: 1, installed: '' });
  expect(stderr).toBe(
    'E: Unable to locate package sudo-rs\nE: the archive of sid cannot install sudo | sudo-rs, which the image needs\n',
  );
});
