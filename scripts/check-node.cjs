/**
 * Says that Node is too old, to a Node that is: so this is written in what every Node understands. Comes before the rest
 * of `npm run demo` and `npm test`.
 */
const wanted = /(\d+)\.(\d+)/.exec(require('../package.json').engines.node) || ['', '0', '0'];
const have = process.versions.node.split('.');
const script = process.env['npm_lifecycle_event'] || 'demo';
const isOld =
  Number(have[0]) < Number(wanted[1]) ||
  (Number(have[0]) === Number(wanted[1]) && Number(have[1]) < Number(wanted[2]));

if (isOld) {
  const again = script === 'test' ? 'npm test' : `npm run ${script}`;
  process.stderr.write(
    `setup: Node ${process.versions.node} is too old: gclab needs ${wanted[0]} or newer; get it from https://nodejs.org, then type: ${again}\n`,
  );
  process.exitCode = 3;
}
