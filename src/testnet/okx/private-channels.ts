// Private channels: every event of the exchange as the frames of those who subscribed them. Times
// are the event's, on the venue clock.
import type { SimEvent, SimFill, SimOrder, SimPosition } from '../../sim/api.ts';
import { type Row, textField } from '../../venues/okx/wire.ts';
import type { TestnetSocket } from '../protocol.ts';
import { wallet } from './account-rest.ts';
import type { Listed } from './listing.ts';
import { accountRow, leverageOf, orderPushRow, orderRow, positionRow } from './rows.ts';
import type { OkxState } from './state.ts';

export const privateChannels = ['orders', 'account', 'positions', 'balance_and_position'] as const;
export type PrivateChannel = (typeof privateChannels)[number];

/** Account id that pushes carry. */
export const uid = '77982378738415879';

interface Subscription {
  readonly channel: PrivateChannel;
  readonly socket: TestnetSocket;
  /** As it was subscribed: pushes echo it. */
  readonly arg: Row;
  readonly key: string;
}

type EventCause = 'order' | 'funding' | 'transfer' | 'liquidation';
const eventTypes: Readonly<Record<EventCause, string>> = {
  order: 'filled',
  funding: 'funding_fee',
  transfer: 'transferred',
  liquidation: 'liquidation',
};

export class PrivateChannels {
  private readonly state: OkxState;
  private readonly subscriptions: Subscription[] = [];

  constructor(state: OkxState) {
    this.state = state;
  }

  subscribe(channel: PrivateChannel, arg: Row, socket: TestnetSocket): void {
    const key = JSON.stringify(arg);
    const known = this.subscriptions.some((each) => each.socket === socket && each.key === key);
    if (!known) this.subscriptions.push({ channel, socket, arg, key });
  }

  /** The state of now, which all of these channels but `orders` send first. */
  welcome(channel: PrivateChannel, arg: Row, socket: TestnetSocket): void {
    const target = { channel, socket, arg, key: '' };
    const { exchange } = this.state;
    const { tsMs } = this.state.now();
    const balances = exchange.balances().filter((balance) => balance.wallet === wallet);
    if (channel === 'account') send(target, accountRow(balances, exchange, tsMs));
    if (channel === 'positions') {
      const rows = this.heldRows().filter((row) => concerns(arg, row));
      sendAll(target, rows);
    }
    if (channel === 'balance_and_position') {
      const details = accountRow(balances, exchange, tsMs)['details'];
      const balData = Array.isArray(details) ? details.map(cashOf) : [];
      const posData = this.heldRows().map(shortPosition);
      send(target, { pTime: String(tsMs), eventType: 'snapshot', balData, posData, trades: [] });
    }
  }

  unsubscribe(arg: Row, socket: TestnetSocket): void {
    const key = JSON.stringify(arg);
    this.keep((each) => each.socket !== socket || each.key !== key);
  }

  drop(socket: TestnetSocket): void {
    this.keep((each) => each.socket !== socket);
  }

  event(event: SimEvent): void {
    if (this.subscriptions.length === 0) return;
    switch (event.kind) {
      case 'order':
        return this.tellOrder(event.order, null);
      case 'fill':
        return this.tellOrder(event.order, event.fill);
      case 'balance':
        return this.tellBalance(event);
      case 'position':
        return this.tellPosition(event.position, event);
      default:
        return;
    }
  }

  private tellOrder(order: SimOrder, fill: SimFill | null): void {
    const listed = this.state.listings.byId(order.instrument);
    const targets = this.of('orders');
    if (listed === null || targets.length === 0) return;
    const memo = this.state.memo(order.orderId);
    const leverage = leverageOf(this.state.exchange, listed);
    const row = orderPushRow(orderRow(order, listed, { memo, leverage }), fill, listed);
    for (const target of targets) if (concerns(target.arg, row)) send(target, row);
  }

  private tellBalance(event: Extract<SimEvent, { kind: 'balance' }>): void {
    const { balance, tsMs } = event;
    if (balance.wallet !== wallet) return;
    const accounts = this.of('account');
    const both = this.of('balance_and_position');
    if (accounts.length === 0 && both.length === 0) return;
    const row = accountRow([balance], this.state.exchange, tsMs);
    for (const target of accounts) {
      const ccy = textField(target.arg, 'ccy');
      if (ccy === null || ccy === balance.asset) send(target, row);
    }
    const details = row['details'];
    const push = {
      pTime: String(tsMs),
      eventType: eventTypes[event.cause],
      balData: Array.isArray(details) ? details.map(cashOf) : [],
      posData: [],
      trades: [],
    };
    for (const target of both) send(target, push);
  }

  private tellPosition(
    position: SimPosition,
    event: { readonly cause: EventCause; readonly tsMs: number },
  ): void {
    const listed = this.state.listings.byId(position.instrument);
    const targets = this.of('positions');
    const both = this.of('balance_and_position');
    if (listed === null || targets.length + both.length === 0) return;
    const row = { ...positionRow(position, listed), uTime: String(event.tsMs) };
    for (const target of targets) if (concerns(target.arg, row)) send(target, row);
    const push = {
      pTime: String(event.tsMs),
      eventType: eventTypes[event.cause],
      balData: [],
      posData: [shortPosition(row)],
      trades: [],
    };
    for (const target of both) send(target, push);
  }

  private heldRows(): readonly Row[] {
    const { exchange, listings } = this.state;
    return exchange.positions().flatMap((position) => {
      const listed: Listed | null = listings.byId(position.instrument);
      return listed === null || position.qty === 0n ? [] : [positionRow(position, listed)];
    });
  }

  private of(channel: PrivateChannel): readonly Subscription[] {
    return this.subscriptions.filter((each) => each.channel === channel);
  }

  private keep(wanted: (each: Subscription) => boolean): void {
    const kept = this.subscriptions.filter(wanted);
    this.subscriptions.splice(0, this.subscriptions.length, ...kept);
  }
}

/** Whether a row falls under a subscription's instrument type, family and instrument. */
function concerns(arg: Row, row: Row): boolean {
  const type = textField(arg, 'instType');
  if (type !== null && type !== 'ANY' && type !== row['instType']) return false;
  const instId = textField(arg, 'instId');
  if (instId !== null && instId !== row['instId']) return false;
  const family = textField(arg, 'instFamily');
  return family === null || String(row['instId']).startsWith(`${family}-`);
}

function send(target: Subscription, row: Row): void {
  sendAll(target, [row]);
}

function sendAll(target: Subscription, rows: readonly Row[]): void {
  target.socket.send(JSON.stringify({ arg: { ...target.arg, uid }, data: rows }));
}

function cashOf(detail: Row): Row {
  return { ccy: detail['ccy'], cashBal: detail['cashBal'], uTime: detail['uTime'] };
}

const shortKeys = [
  ...['posId', 'instId', 'instType', 'mgnMode', 'posSide', 'pos', 'ccy', 'posCcy', 'avgPx'],
  'uTime',
] as const;

function shortPosition(row: Row): Row {
  return { tradeId: '', ...Object.fromEntries(shortKeys.map((key) => [key, row[key]])) };
}
