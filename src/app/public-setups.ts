// The configured venues for work that needs no account: nothing is signed with what stands here.
import { type VenueSetup, venueSetups } from './compose.ts';
import type { Config } from './config.ts';
import type { TestnetFile } from './testnet-file.ts';

/** Placeholders instead of keys, so that none are asked for. */
const noKeys = { key: 'public', secret: 'public', passphrase: 'public' };

export function publicSetups(config: Config, testnet: TestnetFile | null): readonly VenueSetup[] {
  const venues = Object.fromEntries(
    Object.entries(config.exchanges.venues).map(([id, venue]) => [id, { ...venue, ...noKeys }]),
  );
  return venueSetups({ dir: config.dir, exchanges: { ...config.exchanges, venues } }, testnet);
}
