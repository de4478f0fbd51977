// Hooks of Node's loader: src/x.ts becomes dist/x.js, read as it stands there.
import { readFile } from 'node:fs/promises';

const sources = new URL('../../src/', import.meta.url).href;
const built = new URL('../../dist/', import.meta.url).href;

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (!found.url.startsWith(sources)) return found;
  const name = found.url.slice(sources.length).replace(/\.ts(\?.*)?$/, '.js');
  return { url: `${built}${name}`, format: 'module', shortCircuit: true };
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!url.startsWith(built)) return next(url, context);
  return { format: 'module', source: await readFile(new URL(url)), shortCircuit: true };
}
