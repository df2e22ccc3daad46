import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WriteStream } from 'node:tty';
import type { Command } from '@oclif/core/command';
import type { PJSON, Plugin } from '@oclif/core/interfaces';
import { run as runCommand } from '@oclif/core/run';
import { reportError } from './frame/errors.js';
import { widthOf } from './show/fitted.js';

/** Commands by their ids, each loaded once it is wanted. */
export type LazyCommands = Readonly<Record<string, () => Promise<{ readonly default: Command.Class }>>>;

interface Manifest {
  readonly commands: Readonly<Record<string, Command.Cached>>;
}

/** The CLI's entry: `root` is the folder of package.json, `bundle` that of the built files. What oclif wants to know of all commands was gathered at the build. */
export async function run(
  root: string,
  bundle: string,
  commands: LazyCommands,
  args: string[],
): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) giveWidth(stream);
  const pjson: PJSON = readJson(join(root, 'package.json'));
  const manifest: Manifest = readJson(join(bundle, 'manifest.json'));
  const plugin = pluginOf(root, pjson, manifest, commands);
  try {
    await runCommand(args, { root, pjson, plugins: new Map([[plugin.name, plugin]]) });
  } catch (error) {
    // A command shows its own errors: this one came before there was a command.
    reportError(error as Error, args.includes('--json'));
  }
}

/** A terminal that says it has no width (`script`, some CI) has 80 columns, for everybody who draws or writes on it. */
function giveWidth(stream: WriteStream & { columns?: number }): void {
  if (stream.isTTY) stream.columns = widthOf(stream);
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

/** oclif's own would look for commands in files, and load all of them at each start. */
function pluginOf(root: string, pjson: PJSON, manifest: Manifest, commands: LazyCommands): Plugin {
  const find = async (id: string): Promise<Command.Class> => {
    const load = commands[id];
    if (load === undefined) throw new Error(`there is no command ${id}`);
    const found = (await load()).default;
    return Object.assign(found, { id, plugin });
  };
  const { name, version } = pjson;
  const plugin: Plugin = {
    _base: '',
    alias: name,
    commandIDs: Object.keys(manifest.commands),
    commands: Object.values(manifest.commands).map((one) => ({ ...one, load: () => find(one.id) })),
    commandsDir: undefined,
    findCommand: find,
    hasManifest: true,
    hooks: {},
    isRoot: true,
    load: async () => {},
    moduleType: 'commonjs',
    name,
    options: { root },
    pjson,
    root,
    topics: Object.entries(pjson.oclif.topics ?? {}).map(([topic, about]) => ({ ...about, name: topic })),
    type: 'core',
    valid: true,
    version,
  };
  return plugin;
}
