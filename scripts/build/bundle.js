import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Config } from '@oclif/core/config';
import { build } from 'esbuild';
import load from '../../bin/load.js';
import { ROOT } from '../root.js';

/** What each bundle has: the CLI's entry, and the commands. */
const BUNDLES = {
  [load.ALL]: `export { run } from './src/cli/run.js'; export { COMMANDS } from './src/commands/registry.js';`,
  [load.OVERVIEW]: `export { run } from './src/cli/run.js'; export const COMMANDS = {};`,
};

/**
 * What ssh2 can do without, and does: add-ons that are built where it is installed. Not looked for at each start.
 * @type {import('esbuild').Plugin}
 */
const WITHOUT_ADD_ONS = {
  name: 'without-add-ons',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.node$|^cpu-features$/ }, ({ path }) => ({ path, namespace: 'add-on' }));
    onLoad({ filter: /./, namespace: 'add-on' }, () => ({
      contents: "throw new Error('gclab is built without add-ons');",
    }));
  },
};

/**
 * What oclif loads at each start and gclab hardly uses, in a form that loads it when it is called: its log, which is for whoever sets
 * DEBUG, and its search for commands in files.
 */
const WHEN_CALLED = {
  debug: `const silent = Object.assign(() => {}, { enabled: false });
    module.exports = (name) => process.env.DEBUG ? require('debug')(name) : silent;`,
  tinyglobby: `exports.glob = (...words) => require('tinyglobby').glob(...words);`,
};

/** @type {import('esbuild').Plugin} */
const LOADED_WHEN_CALLED = {
  name: 'loaded-when-called',
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(${Object.keys(WHEN_CALLED).join('|')})$`);
    onResolve({ filter }, ({ path, importer }) =>
      importer.includes('@oclif')
        ? { path, namespace: 'when-called', pluginData: dirname(importer) }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'when-called' }, ({ path, pluginData }) => ({
      contents: WHEN_CALLED[/** @type {keyof typeof WHEN_CALLED} */ (path)],
      resolveDir: pluginData,
    }));
  },
};

/** A function of a CommonJS module's names: what a script gives, for `loadBundle`, and what a module calls by itself. */
const BEFORE = `(typeof module === 'undefined' ? (load) => load : (load) => load(exports, require, module, __filename, __dirname))(
function (exports, require, module, __filename, __dirname) {
const __moduleUrl = require('node:url').pathToFileURL(__filename).href;`;
const AFTER = '})';

/**
 * The CLI as one CommonJS file, whose modules are evaluated when they are first wanted. CommonJS, since what V8 made of such code can
 * be kept (code-cache.js), and since Node's loader of ES modules costs as much as a short command. One file, since each of many has to
 * be found, read and copied into V8's heap, and is called by the others through getters. Names are kept: a report of a fault has them.
 * @param {string} folder
 */
export async function bundleCli(folder) {
  /** @type {import('esbuild').BuildOptions} */
  const options = {
    absWorkingDir: ROOT,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    // A script of node:vm has no `import()` of what is outside it.
    supported: { 'dynamic-import': false },
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
  };
  for (const [name, contents] of Object.entries(BUNDLES)) {
    await build({
      ...options,
      stdin: { contents, resolveDir: ROOT, sourcefile: name },
      outfile: join(folder, name),
      banner: { js: BEFORE },
      footer: { js: AFTER },
      plugins: [WITHOUT_ADD_ONS, LOADED_WHEN_CALLED],
      define: { 'import.meta.url': '__moduleUrl' },
    });
  }
  await build({
    ...options,
    entryPoints: ['src/cli/frame/home-folder.ts'],
    outfile: join(folder, 'home.cjs'),
  });
}

/** What oclif wants to know of all commands, so that none is loaded but the one that runs. @param {string} folder */
export async function writeManifest(folder) {
  const classes = join(folder, 'classes.mjs');
  writeFileSync(
    classes,
    `import bundle from './${load.ALL}';
const load = async ([id, one]) => [id, (await one()).default];
export const COMMANDS = Object.fromEntries(await Promise.all(Object.entries(bundle.COMMANDS).map(load)));`,
  );
  const pjson = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const commands = { strategy: 'explicit', target: classes, identifier: 'COMMANDS' };
  const config = await Config.load({ root: ROOT, pjson: { ...pjson, oclif: { ...pjson.oclif, commands } } });
  const known = config.commands.map(({ load: _, ...command }) => [command.id, command]);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ commands: Object.fromEntries(known) }));
  rmSync(classes);
}

/** Not having it costs time and nothing else. @param {string} folder */
export function writeCodeCache(folder) {
  for (const name of Object.keys(BUNDLES)) {
    spawnSync(process.execPath, [join(ROOT, 'scripts', 'build', 'code-cache.js'), folder, name], {
      stdio: 'ignore',
      timeout: 120_000,
    });
  }
}
