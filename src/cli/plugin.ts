// `farb plugin new venue|strategy NAME`: a working plugin to begin with.
import { Command } from 'commander';
import { newPlugin, type PluginKind } from '../app/plugin-new.ts';
import { printJson, printText } from './io.ts';
import { oneOf } from './options.ts';
import type { Finish } from './program.ts';

const kinds: readonly PluginKind[] = ['venue', 'strategy'];

interface Options {
  readonly dir?: string;
  readonly json?: boolean;
}

export function pluginCommand(finish: Finish): Command {
  const make = new Command('new')
    .description('Writes a working venue or strategy with its tests, to begin with.')
    .argument('<kind>', 'venue or strategy', oneOf('kind', kinds))
    .argument('<name>', 'small letters and digits')
    .option('--dir <dir>', 'where to (default: ./farb-KIND-NAME)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  farb plugin new strategy mine --dir ./mine')
    .action((kind: PluginKind, name: string, options: Options) => {
      finish(write(kind, name, options));
    });
  return new Command('plugin')
    .description('Venues and strategies of your own: see docs/EXCHANGE_PLUGIN_ARCHITECTURE.md.')
    .addCommand(make);
}

function write(kind: PluginKind, name: string, options: Options): number {
  const dir = options.dir ?? `farb-${kind}-${name}`;
  const files = newPlugin({ kind, name, dir });
  const file = kind === 'venue' ? 'exchanges.yaml' : 'strategies.yaml';
  if (options.json === true) printJson({ kind, name, dir, files });
  else {
    printText(
      [
        ...files.map((path) => `${dir}/${path}`),
        `next: in ${dir}: npm install, npm test, npm run build; then name it in ${file}:`,
        kind === 'venue'
          ? `  ${name}: { plugin: "./${dir}" }`
          : `  - { name: ${name}, plugin: "./${dir}" }`,
      ].join('\n'),
    );
  }
  return 0;
}
