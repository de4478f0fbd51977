// Finds and loads the plugins that a configuration names: packages and local modules. A plugin is
// evaluated when its venue or strategy is first needed and not before; its identity (name, version,
// digest of its files) is read without evaluating it.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import type { VenueSpec } from '../domain/venue-spec.ts';
import { checkStrategyModule, checkVenueModule, type PluginCheck } from '../plugin/contract.ts';
import { type Strategy, strategies, strategiesOnRequest } from '../strategy/registry.ts';
import { venueNames } from '../venues/registry.ts';

export interface PluginPlace {
  /** As it stands in the configuration: a package, or a path that begins with "." or "/". */
  readonly reference: string;
  /** Paths are relative to it, packages are looked for from it upwards. */
  readonly configDir: string;
  /** File and path of the entry, for messages. */
  readonly where: string;
}

export interface PluginIdentity {
  readonly name: string;
  readonly version: string | null;
  /** SHA-256 over the files of the plugin, without its packages. */
  readonly sha256: string;
}

/** More than this is no plugin but a folder that was named by mistake. */
const filesMax = 2_000;
const codeFile = /\.(?:m?js|cjs|m?ts|json)$/;

export function loadVenuePlugin(place: PluginPlace, id: string): VenueSpec {
  const names = { expected: id, taken: venueNames() };
  return accepted(place, checkVenueModule(evaluated(place), names));
}

export function loadStrategyPlugin(place: PluginPlace, name: string): Strategy {
  const taken = [...strategies, ...strategiesOnRequest].map((known) => known.name);
  return accepted(place, checkStrategyModule(evaluated(place), { expected: name, taken }));
}

function accepted<T>(place: PluginPlace, check: PluginCheck<T>): T {
  if (check.ok) return check.value;
  throw new UserError(`${told(place)}: ${check.problems.join('; ')}`);
}

function told({ where, reference }: PluginPlace): string {
  return `${where}: plugin ${reference}`;
}

/** One evaluation per file and process: Node keeps the module. */
function evaluated(place: PluginPlace): unknown {
  const file = fileOf(place);
  try {
    return createRequire(file)(file);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'ERR_REQUIRE_ASYNC_MODULE') {
      throw new UserError(`${told(place)}: it awaits at its top level: a plugin must not`);
    }
    const cause = messageOf(thrown).split('\n')[0] ?? '';
    const hint = /\.ts$/.test(file) ? ' (name what it compiles to: Node runs JavaScript)' : '';
    throw new UserError(`${told(place)}: cannot be loaded: ${cause}${hint}`);
  }
}

/** The file that the reference stands for. @throws UserError when there is none */
function fileOf(place: PluginPlace): string {
  const { reference, configDir } = place;
  if (isPath(reference)) {
    const path = resolve(configDir, reference);
    if (!existsSync(path)) {
      throw new UserError(
        `${told(place)}: there is no ${path}. Paths are relative to ${configDir}`,
      );
    }
    if (!statSync(path).isDirectory()) return path;
    const entry = entryOf(path);
    if (entry !== null && existsSync(entry)) return entry;
    const made = entry === null ? 'its package.json names no entry' : `there is no ${entry}`;
    throw new UserError(`${told(place)}: ${made}: build it ("npm run build" in ${path})`);
  }
  const from = [resolve(configDir), process.cwd()].map((dir) => join(dir, 'config.js'));
  let unusable = '';
  for (const parent of [...from, import.meta.url]) {
    try {
      return createRequire(parent).resolve(reference);
    } catch (thrown) {
      if (codeOf(thrown) !== 'MODULE_NOT_FOUND') unusable = messageOf(thrown).split('\n')[0] ?? '';
    }
  }
  if (unusable !== '') throw new UserError(`${told(place)}: ${unusable}`);
  throw new UserError(
    `${told(place)}: no such package: npm install ${reference} beside ${configDir}, or write a ` +
      'path that begins with "./"',
  );
}

function isPath(reference: string): boolean {
  return /^\.\.?(?:[\\/]|$)/.test(reference) || isAbsolute(reference);
}

/** Entry of a package's folder: what its package.json exports, else its main. */
function entryOf(dir: string): string | null {
  const { exports, main } = manifestOf(dir);
  const own = typeof exports === 'object' && exports !== null && '.' in exports;
  const root = own ? (exports as Readonly<Record<string, unknown>>)['.'] : exports; // has a "."
  const said = typeof root === 'object' && root !== null ? defaultOf(root) : root;
  const entry = typeof said === 'string' ? said : main;
  return typeof entry === 'string' ? join(dir, entry) : null;
}

function defaultOf(conditions: object): unknown {
  const found = Object.entries(conditions).find(([name]) => {
    return name === 'default' || name === 'import' || name === 'node';
  });
  return found?.[1];
}

function manifestOf(dir: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

export function pluginIdentity(place: PluginPlace): PluginIdentity {
  const file = fileOf(place);
  const dir = packageDirOf(place, file);
  const hash = createHash('sha256');
  for (const path of dir === null ? [file] : filesIn(dir, place)) {
    const name = relative(dir ?? dirname(file), path)
      .split(sep)
      .join('/');
    hash.update(`${name}\n`).update(readFileSync(path)).update('\n');
  }
  const manifest = dir === null ? {} : manifestOf(dir);
  const { name, version } = manifest;
  return {
    name: typeof name === 'string' ? name : place.reference,
    version: typeof version === 'string' ? version : null,
    sha256: hash.digest('hex'),
  };
}

/** The folder that is the plugin; null for a single file. */
function packageDirOf({ reference, configDir }: PluginPlace, file: string): string | null {
  if (isPath(reference)) {
    const path = resolve(configDir, reference);
    return statSync(path).isDirectory() ? path : null;
  }
  let dir = dirname(file);
  while (!existsSync(join(dir, 'package.json')) && dirname(dir) !== dir) dir = dirname(dir);
  return dirname(dir) === dir ? null : dir;
}

function filesIn(dir: string, place: PluginPlace): readonly string[] {
  const files: string[] = [];
  const visit = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const child = join(path, entry.name);
      if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) {
        visit(child);
      } else if (entry.isFile() && codeFile.test(entry.name)) files.push(child);
    }
    if (files.length > filesMax) {
      throw new UserError(
        `${told(place)}: ${dir} has more than ${filesMax} files: name its folder`,
      );
    }
  };
  visit(dir);
  return files.sort();
}

function codeOf(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
}
