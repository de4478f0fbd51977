// What a ccxt venue can and cannot do, read from `has`: told by `farb doctor`, and the reason why
// trading on it is refused. It must never call a missing method a detail when our books need it.
import type { CcxtExchange } from './api.ts';
import type { CcxtProfile } from './profiles.ts';

export interface Capability {
  readonly name: string;
  /** partly: made up for, at a price that `detail` names. */
  readonly status: 'yes' | 'partly' | 'no';
  readonly detail: string;
  /** Without it no order is placed there. */
  readonly neededToTrade: boolean;
}

type Has = CcxtExchange['has'];

/** Listings of ended orders, any of which shows one; each set is complete by itself. */
export const historySets = [
  ['fetchCanceledAndClosedOrders'],
  ['fetchOrders'],
  ['fetchClosedOrders', 'fetchCanceledOrders'],
  ['fetchClosedOrders'],
] as const;

/** 'emulated' counts for reads of one thing, not for a listing that another one stands for. */
export function can(has: Has, method: string): boolean {
  return has[method] === true;
}

/** The first set that the venue lists natively; null = it lists no ended orders. */
export function historyOf(has: Has): (typeof historySets)[number] | null {
  return historySets.find((set) => set.every((method) => can(has, method))) ?? null;
}

export function capabilitiesOf(has: Has, profile: CcxtProfile): readonly Capability[] {
  const yes = (
    name: string,
    method: string,
    neededToTrade: boolean,
    lacking: string,
  ): Capability =>
    can(has, method)
      ? { name, status: 'yes', detail: method, neededToTrade }
      : { name, status: 'no', detail: lacking, neededToTrade };
  const instead = (name: string, method: string, lacking: string): Capability =>
    can(has, method)
      ? { name, status: 'yes', detail: method, neededToTrade: false }
      : { name, status: 'partly', detail: lacking, neededToTrade: false };
  const history = historyOf(has);
  const asked = profile.fetchByClientId !== null || profile.listByClientId !== null;
  const rates = can(has, 'fetchFundingRates') || can(has, 'fetchFundingRate');
  return [
    yes('perpetuals', 'swap', true, 'ccxt has no perpetuals of it'),
    {
      name: 'funding rates',
      status: rates ? 'yes' : 'no',
      detail: rates ? 'read over REST' : 'not said: no pair can be judged',
      neededToTrade: true,
    },
    instead('book stream', 'watchOrderBook', 'books are polled over REST: quotes are older'),
    instead('order stream', 'watchOrders', 'orders are read over REST after each placement'),
    instead('fill stream', 'watchMyTrades', 'fills are read over REST after each placement'),
    yes('place', 'createOrder', true, 'orders cannot be placed'),
    yes('cancel', 'cancelOrder', true, 'orders cannot be cancelled'),
    {
      name: 'our order ids',
      status: profile.clientIdsRefused !== null ? 'no' : !asked ? 'partly' : 'yes',
      detail:
        profile.clientIdsRefused ??
        (!asked
          ? 'an order is found by our id in the listings only'
          : 'an order is queried by our id'),
      neededToTrade: true,
    },
    yes('open orders', 'fetchOpenOrders', true, 'open orders cannot be listed'),
    {
      name: 'ended orders',
      status: history !== null ? 'yes' : can(has, 'fetchOrder') ? 'partly' : 'no',
      detail:
        history !== null
          ? history.join(', ')
          : can(has, 'fetchOrder')
            ? 'only by its venue order id: an unanswered one may stay unknown'
            : 'what became of an order cannot be asked',
      neededToTrade: true,
    },
    yes('own fills', 'fetchMyTrades', true, 'own fills cannot be listed: books cannot be kept'),
    yes('balances', 'fetchBalance', true, 'balances cannot be read'),
    yes('positions', 'fetchPositions', true, 'positions cannot be read'),
    yes(
      'funding payments',
      'fetchFundingHistory',
      true,
      'payments cannot be listed: books cannot be kept',
    ),
    instead('leverage', 'setLeverage', 'set it at the venue'),
    instead('margin mode', 'setMarginMode', 'set cross margin at the venue'),
    instead('position mode', 'setPositionMode', 'set one-way mode at the venue'),
    {
      name: 'exact balances',
      status: profile.holdings === null ? 'partly' : 'yes',
      detail:
        profile.holdings === null
          ? 'ccxt does not say whether its total holds unrealized profit: if it does, our books ' +
            'differ while a position is open, and the venue is kept from opening'
          : 'wallet balances without unrealized profit',
      neededToTrade: false,
    },
    {
      name: 'proven',
      status: profile.proven ? 'yes' : 'partly',
      detail: profile.proven
        ? 'checked against the native driver on the local testnet'
        : 'taken as ccxt documents it: try it with small sizes first',
      neededToTrade: false,
    },
  ];
}

/** Why nothing may be traded there; null = it may. */
export function tradingRefusal(capabilities: readonly Capability[]): string | null {
  const lacking = capabilities.filter(
    ({ status, neededToTrade }) => neededToTrade && status === 'no',
  );
  if (lacking.length === 0) return null;
  return lacking.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
}
