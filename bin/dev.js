#!/usr/bin/env node
'use strict';
// The CLI from the sources as they are now: builds (what has not changed is not built again), then runs.
void (async () => {
  const [{ build }, { runScript }] = await Promise.all([
    import('../scripts/build.js'),
    import('../scripts/setup/script.js'),
  ]);
  if (await runScript('build', 'node bin/dev.js', build)) require('./run.js');
})();
