import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.js';
import { bundleCli, writeCodeCache, writeManifest } from './bundle.js';
import { DIST, filesBelow, stampOf } from './dist.js';

const FRESH = '.cli-';

/** The bundle takes the old one's place only when it is whole: a gclab that runs meanwhile keeps its files. */
export async function buildCli() {
  const sources = [
    ...filesBelow(join(ROOT, 'src'), /\.ts$/),
    ...filesBelow(join(ROOT, 'scripts', 'build'), /\.js(on)?$/),
    join(ROOT, 'bin', 'load.js'),
    join(ROOT, 'package.json'),
    join(ROOT, 'package-lock.json'),
  ];
  const stamp = stampOf('cli', sources, `${process.versions.v8} ${process.arch}`);
  if (stamp.isCurrent()) return;
  // Left by a build that was cut: whoever builds holds the lock.
  for (const name of readdirSync(DIST)) if (name.startsWith(FRESH)) remove(name);
  const fresh = mkdtempSync(join(DIST, FRESH));
  chmodSync(fresh, 0o755);
  await bundleCli(fresh);
  await writeManifest(fresh);
  const folder = join(DIST, 'cli');
  remove('cli');
  renameSync(fresh, folder);
  // Where it is to stay, since the traces of faults name the file by what is kept.
  writeCodeCache(folder);
  stamp.write();
}

/** @param {string} name in `dist` */
function remove(name) {
  rmSync(join(DIST, name), { recursive: true, force: true });
}
