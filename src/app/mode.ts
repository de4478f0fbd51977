// Which money is at stake. Real orders need two words: the mode and the consent; and what is
// called a test must not be able to reach a live venue.
import { UserError } from '../base/errors.ts';
import type { Config } from './config.ts';

export interface ModeWish {
  readonly mode: 'testnet' | 'paper' | 'live' | null;
  readonly hasTestnet: boolean;
  readonly yesTradeRealMoney: boolean;
}

export function modeOf(config: Config, wish: ModeWish): 'testnet' | 'paper' | 'live' {
  const mode = wish.mode ?? config.main.mode;
  // Public data of the venues, live ones too, and an account of our own: nothing is at stake.
  if (mode === 'paper') return mode;
  if (mode === 'live') {
    if (wish.hasTestnet) {
      throw new UserError('--testnet: not with mode live. Leave out one of the two.');
    }
    if (!wish.yesTradeRealMoney && !config.main.tradeRealMoney) {
      throw new UserError(
        'mode live trades real money: add --yes-trade-real-money, ' +
          `or tradeRealMoney: true in ${config.dir}/main.yaml.`,
      );
    }
    return mode;
  }
  if (wish.hasTestnet) return mode;
  const live = Object.entries(config.exchanges.venues).find(
    ([, venue]) => venue.enabled && venue.profile === 'live',
  );
  if (live !== undefined) {
    throw new UserError(
      `mode testnet: ${config.dir}/exchanges.yaml: venues.${live[0]}.profile is live. ` +
        'Add --testnet FILE (the line of "farb testnet --json"), or another profile.',
    );
  }
  return mode;
}
