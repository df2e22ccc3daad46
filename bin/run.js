#!/usr/bin/env node
'use strict';
const { statSync } = require('node:fs');
const { join } = require('node:path');
const { bundleFor, codeCacheFile, loadBundle } = require('./load.js');

const root = join(__dirname, '..');
const folder = join(root, 'dist', 'cli');
const args = process.argv.slice(2);
const bundle = bundleFor(args);
// By stat, as for the guest's scripts: access(2), behind existsSync, asks what the real user may, whatever capabilities there are.
/** @param {string} path */
const isThere = (path) => statSync(path, { throwIfNoEntry: false }) !== undefined;
if (args.length === 1 && args[0] === '--version') {
  // Asked by scripts before every use: answered without loading the command line's framework.
  const { name, version } = require('../package.json');
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else if (isThere(join(folder, bundle))) {
  const { run, COMMANDS } = loaded();
  void run(root, folder, COMMANDS, args);
} else {
  process.stderr.write('gclab is not built yet: npm run build\n');
  process.exitCode = 1;
}

/** Under another Node than the one that built it, with that one's own compile cache where it has one. */
function loaded() {
  if (isThere(codeCacheFile(folder, bundle))) return loadBundle(folder, bundle).exports;
  const nodeModule = require('node:module');
  if ('enableCompileCache' in nodeModule && typeof nodeModule.enableCompileCache === 'function') {
    const { homeFolder } = require(join(folder, 'home.cjs'));
    nodeModule.enableCompileCache(join(homeFolder(process.env), 'compile-cache'));
  }
  return require(join(folder, bundle));
}
