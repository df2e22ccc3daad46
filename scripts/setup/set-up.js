import { installDebianPackages, unfinishedPackages } from './apt.js';
import { ensureHome } from './home.js';
import { lacking, needsOf } from './needs.js';
import { installNpmPackages } from './npm.js';
import { oneAtATime } from './one-at-a-time.js';
import { Stop } from './script.js';
import { isThere, thisMachine } from './this-machine.js';

/** @typedef {import('./script.js').Work} Work */

/** What somebody types for each purpose. @type {Readonly<Record<import('./needs.js').Purpose, string>>} */
export const COMMANDS = {
  build: 'npm run build',
  demo: 'npm run demo',
  test: 'npm test',
  bench: 'npm run bench',
};

/**
 * Installs what a purpose lacks here, says so, and does nothing the second time. Runs on a machine that has only Node and
 * npm, so nothing below this folder imports anything but Node itself.
 * @param {import('./needs.js').Purpose} purpose @param {Work} work
 */
export async function setUp(purpose, work) {
  ensureHome();
  await oneAtATime(work, async () => {
    await ensureSystemPackages(purpose, work);
    await installNpmPackages(work);
  });
}

/** @param {import('./needs.js').Purpose} purpose @param {Work} work */
async function ensureSystemPackages(purpose, work) {
  const machine = thisMachine();
  const lacks = lacking(needsOf(purpose, machine), isThere);
  if (machine.platform === 'linux' && isThere('apt-get')) {
    const packages = new Set([...unfinishedPackages(), ...lacks.map(([first]) => first.from)]);
    if (packages.size > 0) await installDebianPackages([...packages], machine.isRoot, work);
    return;
  }
  if (lacks.length === 0) return;
  throw new Stop(whatToInstall(machine, lacks, { hasBrew: isThere('brew'), again: work.again }));
}

/**
 * Where set-up cannot install: what is missing, and what to type.
 * @param {import('./needs.js').Machine} machine @param {readonly import('./needs.js').Need[]} lacks
 * @param {{ hasBrew: boolean, again: string }} given
 */
export function whatToInstall(machine, lacks, { hasBrew, again }) {
  const missing = lacks.map(nameNeed).join(', ');
  const from = lacks.map(([first]) => first.from).join(' ');
  if (machine.platform === 'darwin') {
    const others = lacks.flatMap(([first, ...rest]) =>
      rest.map((other) => `${other.from} does as well as ${first.from}`),
    );
    const notes = [...(hasBrew ? [] : ['Homebrew is at https://brew.sh']), ...others].join('; ');
    return `missing: ${missing}; install with: brew install ${from}${notes && ` (${notes})`}; then type: ${again}`;
  }
  return `missing: ${missing}; install them with your system's packages (Debian's are called ${from}), then type: ${again}`;
}

/** `QEMU (qemu-system-aarch64, qemu-img) or Lima (limactl)` @param {import('./needs.js').Need} need */
function nameNeed(need) {
  return need.map(({ name, probes }) => `${name} (${probes.join(', ')})`).join(' or ');
}
