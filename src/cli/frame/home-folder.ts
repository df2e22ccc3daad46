import envPaths from 'env-paths';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the controller's own state and caches are: `GCLAB_HOME`, else the platform's usual folder. */
export function homeFolder(env: Environment): string {
  return env['GCLAB_HOME'] || envPaths('gclab', { suffix: '' }).data;
}
