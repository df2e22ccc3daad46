import type { LazyCommands } from '../cli/run.js';

/** Every command by its id, loaded once it is wanted. */
export const COMMANDS: LazyCommands = {
  doctor: () => import('./doctor.js'),
  'remote:attach': () => import('./remote/attach.js'),
  'remote:check': () => import('./remote/check.js'),
  'remote:clean': () => import('./remote/clean.js'),
  'remote:drive': () => import('./remote/drive.js'),
  'remote:prepare': () => import('./remote/prepare.js'),
  'remote:revert': () => import('./remote/revert.js'),
  'remote:run': () => import('./remote/run.js'),
  'scenario:check': () => import('./scenario/check.js'),
  'scenario:list': () => import('./scenario/list.js'),
  'scenario:schema': () => import('./scenario/schema.js'),
  'vm:create': () => import('./vm/create.js'),
  'vm:delete': () => import('./vm/delete.js'),
  'vm:list': () => import('./vm/list.js'),
  'vm:ssh': () => import('./vm/ssh.js'),
  'vm:start': () => import('./vm/start.js'),
  'vm:stop': () => import('./vm/stop.js'),
};
