// What the doctor makes of an account's permissions, modes and fees. Pure: facts in, findings out.
import type { Check } from '../api/doctor-report.ts';
import type { FeeRateEvent } from '../domain/venue-event.ts';
import type { AccountFacts } from '../venues/account-facts.ts';
import { fail, ok, warn } from './doctor-check.ts';

export interface FactsContext {
  readonly venue: string;
  /** The adapter's name, where the venue is one of several accounts. */
  readonly adapter: string;
  /** The local exchanges: their keys are bound to nothing. */
  readonly isTestnet: boolean;
  /** The operator was told and wants it so. */
  readonly mayWithdraw: boolean;
}

const notTold = 'the venue does not say';
const fixMend = 'close what is open, then farb doctor --fix';

export function factChecks(facts: AccountFacts, context: FactsContext): readonly Check[] {
  return [
    permissionCheck(facts, context),
    withdrawalCheck(facts, context),
    addressCheck(facts, context),
    positionModeCheck(facts, context),
    marginModeCheck(facts, context),
    collateralCheck(facts, context),
  ];
}

function permissionCheck({ canTrade }: AccountFacts, { venue }: FactsContext): Check {
  const name = `${venue} permissions`;
  if (canTrade === true) return ok(name, 'the key may trade');
  if (canTrade === null) {
    return warn(name, `whether the key may trade: ${notTold}`, 'look at the key at the venue');
  }
  return fail(name, 'the key may not trade', 'allow trading of spot and futures for the key');
}

function withdrawalCheck({ canWithdraw }: AccountFacts, context: FactsContext): Check {
  const name = `${context.venue} withdrawals`;
  if (canWithdraw === false) return ok(name, 'the key may not withdraw');
  if (canWithdraw === null) {
    const mend = 'look at the key at the venue: it must not be able to withdraw';
    return warn(name, `whether the key may withdraw: ${notTold}`, mend);
  }
  const mend = 'make a key that may only read and trade';
  if (context.mayWithdraw) return warn(name, 'the key may withdraw, and you allow it', mend);
  return fail(name, 'the key may withdraw', `${mend} (--allow-withdrawals overrules)`);
}

function addressCheck({ isAddressBound }: AccountFacts, context: FactsContext): Check {
  const name = `${context.venue} addresses`;
  if (context.isTestnet) return ok(name, 'not asked of a testnet');
  if (isAddressBound === true) return ok(name, 'the key works from listed addresses only');
  const what = isAddressBound === null ? `whether it is bound: ${notTold}` : 'works from anywhere';
  return warn(name, `the key: ${what}`, 'bind the key to the address of this machine');
}

function positionModeCheck({ positionMode }: AccountFacts, { venue }: FactsContext): Check {
  const name = `${venue} position mode`;
  if (positionMode === 'one-way') return ok(name, 'one-way');
  if (positionMode === null) return ok(name, `${notTold} without a position; a start sets one-way`);
  return fail(name, 'hedge: orders would be refused', fixMend);
}

function marginModeCheck(facts: AccountFacts, { venue }: FactsContext): Check {
  const name = `${venue} margin mode`;
  const { marginMode, isolatedSymbols } = facts;
  switch (marginMode) {
    case 'cross':
      return ok(name, 'cross');
    case 'per-order':
      return ok(name, 'cross, said with every order');
    case 'portfolio':
      return ok(name, 'portfolio: the venue margins hedged legs together');
    case 'isolated': {
      const which = isolatedSymbols.length === 0 ? '' : ` for ${isolatedSymbols.join(', ')}`;
      return warn(name, `isolated${which}: legs do not share their collateral`, fixMend);
    }
    case null:
      return warn(name, notTold, 'look at it at the venue: cross is needed');
  }
}

function collateralCheck({ isMultiAsset }: AccountFacts, { venue, adapter }: FactsContext): Check {
  const name = `${venue} collateral`;
  if (isMultiAsset === null) return ok(name, notTold);
  if (!isMultiAsset) return ok(name, 'single asset: margin is what is held in the settle asset');
  if (adapter !== 'binance') return ok(name, 'several assets together, as the account is meant');
  const mend = 'farb doctor --fix sets single-asset mode';
  return warn(name, 'multi-assets mode: losses are paid with any asset, at its haircut', mend);
}

export function feeCheck(
  rates: readonly FeeRateEvent[],
  tier: string | null,
  { venue }: FactsContext,
): Check {
  const name = `${venue} fees`;
  const said = tier === null ? 'tier not told' : `tier ${tier}`;
  if (rates.length === 0) {
    return warn(name, `${said}; no rate could be read`, 'costs are then taken as published');
  }
  const bps = (rate: number): string => `${Number((rate * 10_000).toFixed(2))}`;
  const list = (pick: (rate: FeeRateEvent) => number): string =>
    [...new Set(rates.map((rate) => bps(pick(rate))))].join(' / ');
  const text = `taker ${list(({ taker }) => taker)}, maker ${list(({ maker }) => maker)} bps`;
  return ok(name, `${said}; ${text}`);
}
