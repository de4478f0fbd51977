// What `farb testnet --json` printed, as `farb start --testnet FILE` reads it: where the local
// venues are, the keys, and how their clock runs.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, UserError } from '../base/errors.ts';

const schema = z.object({
  venues: z.record(
    z.string(),
    z.object({
      http: z.string(),
      ws: z.string(),
      /** Where they are not the common ones. */
      key: z.string().optional(),
      secret: z.string().optional(),
    }),
  ),
  key: z.string(),
  secret: z.string(),
  passphrase: z.string(),
  seed: z.number(),
  speed: z.number().positive(),
  clock: z.object({ wallStartMs: z.number(), venueStartMs: z.number(), speed: z.number() }),
  marketHash: z.string().nullish(),
  labels: z.array(z.unknown()).nullish(),
});

export type TestnetFile = z.infer<typeof schema>;

export function readTestnetFile(path: string): TestnetFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UserError(
      `--testnet ${path}: cannot be read. Run "farb testnet --json > ${path}" in another terminal.`,
    );
  }
  return parseTestnet(text.split('\n')[0] ?? '', `--testnet ${path}`);
}

export function parseTestnet(text: string, where: string): TestnetFile {
  try {
    return schema.parse(JSON.parse(text));
  } catch (thrown) {
    const why = messageOf(thrown).slice(0, 120);
    throw new UserError(`${where}: not the line that "farb testnet --json" prints (${why}).`);
  }
}
