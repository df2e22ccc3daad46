import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Config } from '@oclif/core/config';
import { build, transform } from 'esbuild';
import { ROOT } from '../root.js';

/** What `import.meta.url` is in a CommonJS file. */
const MODULE_URL = "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;\n";

/**
 * The CLI as CommonJS in pieces that are loaded when they are wanted. CommonJS, since what V8 made of such code can be kept
 * (code-cache.js), and since Node's loader of ES modules costs as much as a short command; esbuild splits only ES modules, so
 * the pieces are translated afterwards.
 * @param {string} folder
 */
export async function bundleCli(folder) {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: {
      run: 'src/cli/run.ts',
      commands: 'src/commands/registry.ts',
      home: 'src/cli/frame/home.ts',
    },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // What ssh2 can do without: add-ons that are built where it is installed.
    external: ['*.node', 'cpu-features'],
    define: { 'import.meta.url': '__moduleUrl' },
    minify: true,
    keepNames: true,
    write: false,
    logLevel: 'warning',
  });
  for (const { path, text } of outputFiles) {
    const { code } = await transform(text, {
      format: 'cjs',
      target: 'node20.19',
      supported: { 'dynamic-import': false },
      minify: true,
      keepNames: true,
    });
    writeFileSync(join(folder, basename(path)), code.includes('__moduleUrl') ? MODULE_URL + code : code);
  }
}

/** What oclif wants to know of all commands, so that none is loaded but the one that runs. @param {string} folder */
export async function writeManifest(folder) {
  const classes = join(folder, 'classes.mjs');
  writeFileSync(
    classes,
    `import commands from './commands.cjs';
const load = async ([id, one]) => [id, (await one()).default];
export const COMMANDS = Object.fromEntries(await Promise.all(Object.entries(commands.COMMANDS).map(load)));`,
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
  spawnSync(process.execPath, [join(ROOT, 'scripts', 'build', 'code-cache.js'), folder], {
    stdio: 'ignore',
    timeout: 120_000,
  });
}
