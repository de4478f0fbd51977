// One WebSocket of a client: text ping, login, subscriptions, and order operations on the private
// path. Every message gets an answer; ids are echoed as they came.
import type { SimNow } from '../../sim/api.ts';
import { listOf, parseJson, type Row, rowOf, textField } from '../../venues/okx/wire.ts';
import type { SocketHandler, TestnetSocket } from '../protocol.ts';
import { refuseLogin } from './auth.ts';
import { type MarketChannels, type PublicChannel, publicChannels } from './market-channels.ts';
import { type PrivateChannel, type PrivateChannels, privateChannels } from './private-channels.ts';
import { itemsAnswer } from './replies.ts';
import type { OkxState } from './state.ts';
import { amendItem, batchMax, cancelItem, type Operation, placeItem } from './trade.ts';

export type Access = 'public' | 'private' | 'business';

/** A connection that sends nothing for this long is closed. */
const silenceMsMax = 30_000;
/** Subscriptions, unsubscriptions and logins of one connection. */
const requestsLimit = { callsMax: 480, windowMs: 3_600_000 } as const;
const ordersLimit = { callsMax: 60, windowMs: 2_000 } as const;

/** Each with the REST path that does the same. */
const operations: Readonly<Record<string, readonly [Operation, path: string]>> = {
  order: [placeItem, 'order'],
  'batch-orders': [placeItem, 'batch-orders'],
  'cancel-order': [cancelItem, 'cancel-order'],
  'batch-cancel-orders': [cancelItem, 'cancel-batch-orders'],
  'amend-order': [amendItem, 'amend-order'],
  'batch-amend-orders': [amendItem, 'amend-batch-orders'],
};

export interface Channels {
  readonly market: MarketChannels;
  readonly account: PrivateChannels;
}

export class SocketSession implements SocketHandler {
  private readonly state: OkxState;
  private readonly socket: TestnetSocket;
  private readonly access: Access;
  private readonly channels: Channels;
  private readonly connId: string;
  private loggedIn = false;
  private heardWallMs: number;

  constructor(state: OkxState, socket: TestnetSocket, access: Access, channels: Channels) {
    this.state = state;
    this.socket = socket;
    this.access = access;
    this.channels = channels;
    this.connId = (0xa0000000 + socket.id).toString(16);
    this.heardWallMs = socket.openedWallMs;
  }

  message(text: string): void {
    this.heardWallMs = this.state.now().wallMs;
    if (text === 'ping') {
      this.socket.send('pong');
      return;
    }
    const frame = rowOf(parseJson(text));
    const op = frame === null ? null : textField(frame, 'op');
    const args = frame === null ? null : listOf(frame['args']);
    if (frame === null || op === null) {
      this.error(frame, '60012', `Illegal request: ${text.slice(0, 500)}`);
    } else if (args === null || args.length === 0) {
      this.error(frame, '60013', 'Invalid args');
    } else if (Object.hasOwn(operations, op)) {
      this.operate(frame, op, args);
    } else if (!this.withinRequests()) {
      this.error(frame, '60014', 'Requests too frequent');
    } else if (op === 'login') {
      this.login(frame, rowOf(args[0]) ?? {});
    } else if (op === 'subscribe' || op === 'unsubscribe') {
      for (const entry of args) this.change(frame, op, rowOf(entry) ?? {});
    } else {
      this.error(frame, '60012', `Illegal request: ${text.slice(0, 500)}`);
    }
  }

  closed(): void {
    this.channels.market.drop(this.socket);
    this.channels.account.drop(this.socket);
  }

  second(now: SimNow): void {
    if (now.wallMs - this.heardWallMs <= silenceMsMax) return;
    this.socket.close(4004, 'No data received in 30s.');
  }

  /** The venue is about to be upgraded. */
  notice(): void {
    const msg = 'The connection will soon be closed for a service upgrade. Please reconnect.';
    this.socket.send(JSON.stringify({ event: 'notice', code: '64008', msg, connId: this.connId }));
  }

  private login(frame: Row, args: Row): void {
    const { credentials } = this.state.context;
    const refused = refuseLogin(args, credentials, this.state.clockMs());
    if (refused !== null) {
      this.error(frame, refused.code, refused.msg);
      return;
    }
    this.loggedIn = true;
    this.answer(frame, { event: 'login', code: '0', msg: '', connId: this.connId });
  }

  private change(frame: Row, op: 'subscribe' | 'unsubscribe', arg: Row): void {
    const channel = textField(arg, 'channel') ?? '';
    const isPrivate = isPrivateChannel(channel);
    if (isPrivate && this.access === 'private' && !this.loggedIn) {
      this.error(frame, '60011', 'Please log in');
      return;
    }
    const done = () => this.answer(frame, { event: op, arg, connId: this.connId });
    const { market, account } = this.channels;
    if (isPrivate && this.access === 'private') {
      done();
      if (op === 'unsubscribe') account.unsubscribe(arg, this.socket);
      else {
        account.subscribe(channel, arg, this.socket);
        account.welcome(channel, arg, this.socket);
      }
      return;
    }
    const instId = textField(arg, 'instId') ?? '';
    if (this.access === 'public' && channel === 'instruments') {
      done();
      const instType = textField(arg, 'instType') ?? '';
      if (op === 'subscribe') this.socket.send(market.instrumentsOf(instType));
      return;
    }
    if (this.access === 'public' && isPublicChannel(channel)) {
      if (op === 'unsubscribe') {
        market.unsubscribe(channel, instId, this.socket);
        done();
        return;
      }
      if (market.subscribe(channel, instId, this.socket)) {
        done();
        market.welcome(channel, instId, this.socket);
        return;
      }
    }
    this.error(frame, '60018', wrongChannel(channel, instId));
  }

  private operate(frame: Row, op: string, args: readonly unknown[]): void {
    const operation = operations[op];
    const refuse = (code: string, msg: string): void =>
      this.answer(frame, { op, code, msg, data: [], inTime: '0', outTime: '0' });
    if (operation === undefined || this.access !== 'private') {
      this.error(frame, '60018', wrongChannel(op, ''));
      return;
    }
    if (!this.loggedIn) return refuse('60011', 'Please log in');
    const [act, path] = operation;
    const fault = this.state.context.orderFault({ method: 'POST', path: `/api/v5/trade/${path}` });
    if (fault === 'timeout') return;
    if (fault === 'http-503') return this.socket.close(1011, 'internal error');
    const now = this.state.now();
    const deadline = Number(textField(frame, 'expTime') ?? Number.POSITIVE_INFINITY);
    if (!(deadline >= this.state.clockMs())) return refuse('50102', 'Timestamp request expired');
    const rows = op.startsWith('batch-') ? args : args.slice(0, 1);
    if (rows.length > batchMax) {
      return refuse('51111', `Maximum ${batchMax} orders can be placed in bulk`);
    }
    const target = rowOf(rows[0]) ?? {};
    const instrument = textField(target, 'instIdCode') ?? textField(target, 'instId') ?? '';
    const within = this.state.windows.take(`ws ${op} ${instrument}`, ordersLimit, now.wallMs);
    if (!within || this.state.rateLimited()) {
      return refuse('50011', 'Too Many Requests');
    }
    const items = rows.map((row) => act(this.state, rowOf(row) ?? {}, now));
    if (fault === 'ack-lost') return this.socket.close(1011, 'internal error');
    if (this.state.context.fault('unknown-outcome')) {
      return refuse('50004', 'API endpoint request timeout');
    }
    this.answer(frame, { op, ...itemsAnswer(items, now) });
  }

  private withinRequests(): boolean {
    const { wallMs } = this.state.now();
    return this.state.windows.take(`socket ${this.socket.id}`, requestsLimit, wallMs);
  }

  private error(frame: Row | null, code: string, msg: string): void {
    this.answer(frame ?? {}, { event: 'error', code, msg, connId: this.connId });
  }

  private answer(frame: Row, body: Row): void {
    const id = frame['id'];
    const echoed = typeof id === 'string' || typeof id === 'number' ? { id } : {};
    this.socket.send(JSON.stringify({ ...echoed, ...body }));
  }
}

function isPublicChannel(channel: string): channel is PublicChannel {
  return (publicChannels as readonly string[]).includes(channel);
}

function isPrivateChannel(channel: string): channel is PrivateChannel {
  return (privateChannels as readonly string[]).includes(channel);
}

function wrongChannel(channel: string, instId: string): string {
  const what = instId === '' ? `channel:${channel}` : `channel:${channel},instId:${instId}`;
  return (
    `Wrong URL or ${what} doesn't exist. Please use the correct URL, channel and parameters ` +
    'referring to API document.'
  );
}
