'use strict';
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');

/** What is built: all of gclab, and what says which commands there are, which is asked for most and needs the least. */
const [ALL, OVERVIEW] = ['gclab.cjs', 'overview.cjs'];

/** @param {readonly string[]} args of the command line */
function bundleFor(args) {
  return args.length === 0 || (args.length === 1 && args[0] === '--help') ? OVERVIEW : ALL;
}

/**
 * Loads a bundle with what V8 made of it when it was built, where it can still use that: compiling costs more than all that a short
 * command does.
 * @param {string} folder of the bundles
 * @param {string} name
 */
function loadBundle(folder, name) {
  const filename = join(folder, name);
  // The bundler writes nothing but ASCII.
  const source = readFileSync(filename, 'latin1');
  const cachedData = readIfThere(codeCacheFile(folder, name));
  const script = new Script(source, { filename, ...(cachedData === undefined ? {} : { cachedData }) });
  /** @type {{ exports: any }} */
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(filename), module, filename, folder);
  return { exports: module.exports, script };
}

/** What one V8 made of the code is of no use to another. @param {string} folder of the bundles @param {string} name */
function codeCacheFile(folder, name) {
  return join(folder, `code-cache-${process.versions.v8}-${process.arch}`, name);
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

module.exports = { ALL, OVERVIEW, bundleFor, codeCacheFile, loadBundle };
