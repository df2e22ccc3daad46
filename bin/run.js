#!/usr/bin/env node
'use strict';
const { statSync } = require('node:fs');
const { join } = require('node:path');
const { bundleLoader, codeCacheFolder } = require('./load.js');

const root = join(__dirname, '..');
const bundle = join(root, 'dist', 'cli');
// By stat, as for the guest's scripts: access(2), behind existsSync, asks what the real user may, whatever capabilities there are.
/** @param {string} path */
const isThere = (path) => statSync(path, { throwIfNoEntry: false }) !== undefined;
if (process.argv.length === 3 && process.argv[2] === '--version') {
  // Asked by scripts before every use: answered without loading the command line's framework.
  const { name, version } = require('../package.json');
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else if (isThere(join(bundle, 'run.cjs'))) {
  const load = loader();
  const { COMMANDS } = load('commands.cjs');
  void load('run.cjs').run(root, bundle, COMMANDS, process.argv.slice(2));
} else {
  process.stderr.write('gclab is not built yet: npm run build\n');
  process.exitCode = 1;
}

/** Under another Node than the one that built it, that one's own compile cache where it has one. @returns {(name: string) => any} */
function loader() {
  if (isThere(codeCacheFolder(bundle))) return bundleLoader(bundle).load;
  const nodeModule = require('node:module');
  const load = (/** @type {string} */ name) => require(join(bundle, name));
  if ('enableCompileCache' in nodeModule && typeof nodeModule.enableCompileCache === 'function')
    nodeModule.enableCompileCache(join(load('home.cjs').homeFolder(process.env), 'compile-cache'));
  return load;
}
