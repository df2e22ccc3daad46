#!/usr/bin/env node
// The CLI from the sources as they are now: builds (what has not changed is not built again), then runs.
await import('../provision/controller/build.js');
await import('./run.js');
