'use strict';
const { existsSync, readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');

/**
 * Loads files of the bundle, with what V8 made of them when they were built where it can still use that: compiling costs more
 * than all that a short command does. `scripts` has what was loaded, by file name.
 * @param {string} folder of the bundle
 */
function bundleLoader(folder) {
  const cache = codeCacheFolder(folder);
  const outside = createRequire(join(folder, 'run.cjs'));
  /** @type {Map<string, { exports: any }>} */
  const modules = new Map();
  /** @type {Map<string, Script>} */
  const scripts = new Map();
  /** @param {string} name @returns {any} */
  const load = (name) => {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const filename = join(folder, name);
    // The bundler writes nothing but ASCII.
    const source = readFileSync(filename, 'latin1');
    const cachedData = existsSync(join(cache, name)) ? readFileSync(join(cache, name)) : undefined;
    const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
    const script = new Script(wrapped, { filename, ...(cachedData === undefined ? {} : { cachedData }) });
    scripts.set(name, script);
    const module = { exports: {} };
    modules.set(name, module);
    /** @param {string} id */
    const require = (id) => (/^\.\/[^/]+\.cjs$/.test(id) ? load(id.slice(2)) : outside(id));
    script.runInThisContext()(module.exports, require, module, filename, folder);
    return module.exports;
  };
  return { load, scripts };
}

/** What one V8 made of the code is of no use to another. @param {string} folder of the bundle */
function codeCacheFolder(folder) {
  return join(folder, `code-cache-${process.versions.v8}-${process.arch}`);
}

module.exports = { bundleLoader, codeCacheFolder };
