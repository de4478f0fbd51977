// `farb plugin new`: a working plugin to begin with. It is the example of the package, renamed: its
// code, its tests, package.json and README, so that what is written here is what our own tests run.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, UserError } from '../base/errors.ts';
import { strategies, strategiesOnRequest } from '../strategy/registry.ts';
import { venueNames } from '../venues/registry.ts';

export type PluginKind = 'venue' | 'strategy';

export interface NewPlugin {
  readonly kind: PluginKind;
  readonly name: string;
  /** Where its files go; must not exist or be empty. */
  readonly dir: string;
}

/** What the examples are called, which becomes the new name everywhere. */
const exampleNames: Readonly<Record<PluginKind, string>> = {
  venue: 'tidewater',
  strategy: 'harvest',
};
const namePattern = /^[a-z][a-z0-9]{1,29}$/;
/** Not of the skeleton: what a build or an installation left. */
const leftOut = new Set(['node_modules', 'dist', 'package-lock.json']);

/** Writes the files and gives their paths, relative to `dir`. */
export function newPlugin({ kind, name, dir }: NewPlugin): readonly string[] {
  const taken =
    kind === 'venue' ? venueNames() : [...strategies, ...strategiesOnRequest].map((s) => s.name);
  if (!namePattern.test(name)) {
    throw new UserError(`${kind} ${name}: 2 to 30 small letters and digits, a letter first`);
  }
  if (taken.includes(name)) throw new UserError(`${kind} ${name}: farb has one of this name`);
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    throw new UserError(`--dir ${dir}: there are files in it: name an empty or a new one`);
  }
  const from = fileURLToPath(new URL(`../../examples/${kind}`, import.meta.url));
  const files = filesIn(from, '');
  try {
    for (const file of files) {
      const path = resolve(dir, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, renamed(readFileSync(join(from, file), 'utf8'), { kind, name }));
    }
  } catch (thrown) {
    throw new UserError(`--dir ${dir}: cannot be written (${messageOf(thrown)})`);
  }
  return files;
}

function filesIn(root: string, under: string): readonly string[] {
  const entries = readdirSync(join(root, under), { withFileTypes: true });
  return entries
    .filter((entry) => !leftOut.has(entry.name))
    .flatMap((entry) => {
      const path = under === '' ? entry.name : `${under}/${entry.name}`;
      return entry.isDirectory() ? filesIn(root, path) : [path];
    })
    .sort();
}

/** `tidewater`, `Tidewater` and `TIDEWATER` become the new name in the same case. */
function renamed(text: string, { kind, name }: Pick<NewPlugin, 'kind' | 'name'>): string {
  const old = exampleNames[kind];
  return text
    .replaceAll(old, name)
    .replaceAll(capital(old), capital(name))
    .replaceAll(old.toUpperCase(), name.toUpperCase());
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
