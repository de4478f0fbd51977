// `farb decode`: what a venue's raw payload means.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { makeDecoder, payloadsOf } from '../app/decode.ts';
import { decodeRecorded } from '../app/decode-recorded.ts';
import { venueToDecode } from '../app/decode-venue.ts';
import { messageOf, UserError } from '../base/errors.ts';
import type { VenueSpec } from '../domain/venue-spec.ts';
import { note } from './io.ts';
import { oneOf } from './options.ts';
import type { Finish } from './program.ts';

const markets = ['spot', 'linear', 'inverse'] as const;
/** More than this on stdin is not a payload but a capture: split it. */
const inputBytesMax = 256 * 1024 * 1024;

interface Options {
  readonly request?: string;
  readonly market?: (typeof markets)[number];
  readonly instruments?: string;
  readonly recorded?: string;
  readonly plugin?: string;
  readonly config?: string;
}

export function decodeCommand(finish: Finish): Command {
  return new Command('decode')
    .description('Reads raw payloads on stdin, prints the normalised events, one JSON a line.')
    .argument('<venue>', 'binance, okx, bybit, hyperliquid, or the id of a plugin')
    .option('--request <"GET /path">', 'what the payload answers; default: a frame of a stream')
    .option('--market <market>', 'where a frame alone does not say it', oneOf('--market', markets))
    .option('--instruments <file>', "the venue's own listing, for contract sizes")
    .option('--recorded <path>', 'a file or folder of farb record instead of stdin')
    .option('--plugin <package>', 'the package or path that brings the venue')
    .option('--config <dir>', 'a configuration that names the plugin of the venue')
    .option('--json', 'the output is always JSON lines')
    .addHelpText(
      'after',
      '\nExample:\n  echo \'{"u":1,"s":"BTCUSDT","b":"99.9","B":"2","a":"100.1","A":"3"}\' | ' +
        'farb decode binance --market spot',
    )
    .action(async (venue: string, options: Options) => finish(await decode(venue, options)));
}

async function decode(venue: string, options: Options): Promise<number> {
  const { plugin = null, config: configDir = null } = options;
  const spec = venueToDecode({ name: venue, plugin, configDir });
  if (options.recorded !== undefined) return decodeFile(spec, options.recorded, options);
  const decoder = makeDecoder({
    spec,
    request: options.request ?? null,
    market: options.market ?? null,
    instruments: options.instruments === undefined ? null : readText(options.instruments),
  });
  const payloads = payloadsOf(await stdinText());
  for (const payload of payloads) decoder.learn(payload);
  for (const payload of payloads) {
    const lines = decoder.decode(payload).map((event) => `${JSON.stringify(event)}\n`);
    if (!process.stdout.write(lines.join(''))) {
      await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
  }
  return 0;
}

async function decodeFile(spec: VenueSpec, path: string, options: Options): Promise<number> {
  const instruments = options.instruments === undefined ? null : readText(options.instruments);
  const notes = { badLines: 0, truncated: null };
  for await (const event of decodeRecorded({ path, spec, instruments }, notes)) {
    if (!process.stdout.write(`${JSON.stringify(event)}\n`)) {
      await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
  }
  if (notes.badLines > 0) note(`farb: ${path}: ${notes.badLines} lines are no frames`);
  if (notes.truncated !== null) note(`farb: ${path}: its end is missing (${notes.truncated})`);
  return 0;
}

/** Bytes that are no UTF-8 become replacement characters, and then an unrecognized line. */
async function stdinText(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    const bytes = chunk as Buffer; // no encoding was set
    size += bytes.length;
    if (size > inputBytesMax) {
      throw new UserError(`stdin: more than ${inputBytesMax / 1_048_576} MB. Split the input.`);
    }
    chunks.push(bytes);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new UserError(`--instruments ${file}: cannot be read (${messageOf(thrown)})`);
  }
}
