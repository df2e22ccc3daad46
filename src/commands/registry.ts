import Doctor from './doctor.js';
import RemoteAttach from './remote/attach.js';
import RemoteCheck from './remote/check.js';
import RemoteClean from './remote/clean.js';
import RemoteDrive from './remote/drive.js';
import RemotePrepare from './remote/prepare.js';
import RemoteRevert from './remote/revert.js';
import RemoteRun from './remote/run.js';
import ScenarioCheck from './scenario/check.js';
import ScenarioList from './scenario/list.js';
import ScenarioSchema from './scenario/schema.js';
import VmCreate from './vm/create.js';
import VmDelete from './vm/delete.js';
import VmList from './vm/list.js';
import VmSsh from './vm/ssh.js';
import VmStart from './vm/start.js';
import VmStop from './vm/stop.js';

/** Every command by its id; oclif's explicit strategy reads this instead of searching folders at each start. */
export const COMMANDS = {
  doctor: Doctor,
  'remote:attach': RemoteAttach,
  'remote:check': RemoteCheck,
  'remote:clean': RemoteClean,
  'remote:drive': RemoteDrive,
  'remote:prepare': RemotePrepare,
  'remote:revert': RemoteRevert,
  'remote:run': RemoteRun,
  'scenario:check': ScenarioCheck,
  'scenario:list': ScenarioList,
  'scenario:schema': ScenarioSchema,
  'vm:create': VmCreate,
  'vm:delete': VmDelete,
  'vm:list': VmList,
  'vm:ssh': VmSsh,
  'vm:start': VmStart,
  'vm:stop': VmStop,
};
