// The 26 pitfalls of the protocol sheet, by number and text. Every one has tests in the layers
// where it lives; their names come from here, and pitfalls-covered.test.ts checks that none is left
// out.

export const pitfallTexts: Readonly<Record<number, string>> = {
  1: 'interval flips right after a capped settlement: re-read it, recompute the edge and the exits',
  2: 'fundingInfo omits default symbols: infer from history deltas',
  3: 'empty strings: null, never 0',
  4: 'ledger and execution list with opposite funding signs: normalise once, + = received',
  5: 'timeout or 5xx on submit: unknown; query by client id; a stream that confirms ends the chase',
  6: 'Binance id reusable after a fill: query first, a fresh id per intent',
  7: 'Bybit ack is not acceptance: only WS or a query makes it live',
  8: 'per-item failure under a success code: evaluate every item',
  9: 'listenKey rotation loses events: after every reconnect reconcile before trading',
  10: 'stream alive, pings fine, no data: staleness watchdog and REST audit',
  11: 'connected, zero messages on a wrong URL: alarm',
  12: 'checksum 0: absent',
  13: 'resubscribe storm while a snapshot is awaited: RESYNCING, deltas ignored, jitter',
  14: 'a gapped book served: invalidate atomically, block orders',
  15: 'ticker delta with a missing fundingRate read as 0',
  16: 'dated futures beside perps with an empty fundingRate: gate by contract type',
  17: 'contracts and coins: convert with ctVal x ctMult; the hedge lot is the LCM across the legs',
  18: 'spot buy fee taken in base: hedge the net received; dust below the minimum notional',
  19: 'duplicate fills: dedupe by (venue, symbol, tradeId)',
  20: 'ADL, liquidation and settlement orders with foreign ids: accept, unwind or re-hedge at once',
  21: "reduce-only quantity silently shrunk: the venue's quantity is the truth",
  22: 'partial terminal orders; IOC fills before the REST ack: register the intent before send',
  23: '"no change" errors are idempotent success',
  24: 'subscription acks: correlate, then verify that data arrives',
  25: 'unknown enums and states, non-JSON 200s, contract rebase: tolerant, unknown = not tradable',
  26: 'Bybit spot borrow is not repaid by itself and keeps accruing: never borrow',
};

/** Name of a test of a pitfall in one layer. */
export function pitfall(
  number: number,
  layer: 'adapter' | 'driver' | 'engine' | 'strategy',
): string {
  const text = pitfallTexts[number];
  if (text === undefined) throw new Error(`no pitfall ${number}`);
  return `${number}. ${text} (${layer})`;
}
