#!/usr/bin/env node
// The command `farb`. In a checkout it first brings packages and dist up to date; an installed
// package has no sources and goes straight to dist.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { requireNode } from '../scripts/lib/node-version.mjs';

requireNode();
const root = new URL('..', import.meta.url);
if (existsSync(new URL('src', root)) && existsSync(new URL('package-lock.json', root))) {
  const { ensureReady } = await import('../scripts/lib/jobs.mjs');
  const code = await ensureReady(fileURLToPath(root));
  if (code !== 0) process.exit(code);
  process.setSourceMapsEnabled(true);
  // What `--for` counts from: see src/app/started.ts.
  performance.mark('farb ready');
}
await import(new URL('dist/cli/main.js', root).href);
