// User data of the testnet's Binance: listenKey sockets of USD-M, the WebSocket API of spot.
import { beforeEach, describe, expect, it } from 'vitest';
import {
  BinanceRig,
  openStream,
  type RigSocket,
  readFrames,
} from '../../../test/support/binance-rig.ts';
import { present } from '../../base/assert.ts';
import { decimal } from '../../base/decimal.ts';
import { hmacSha256Hex } from '../../base/hmac.ts';
import { hourMs } from '../../base/time.ts';
import type { Instrument, Market } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import type { StreamSpec } from '../../domain/venue-spec.ts';
import { requests } from '../../venues/binance/requests.ts';
import { privateStreams } from '../../venues/binance/streams.ts';
import { listenKeyLifeMs } from './listen-keys.ts';

let rig: BinanceRig;
let btc: Instrument;
let spot: Instrument;
beforeEach(() => {
  rig = new BinanceRig();
  btc = rig.instrument('binance:BTC-USDT-PERP');
  spot = rig.instrument('binance:BTC-USDT-SPOT');
});

const read = (socket: RigSocket, market: Market | null = null) => readFrames(rig, socket, market);
const kinds = (events: readonly VenueEvent[]) => events.map(({ kind }) => kind);
const open = (stream: StreamSpec, key = '') => openStream(rig, stream, key);

function listenKey(): string {
  const [event] = rig.ask(present(usdm().listenKey, 'listen key request'));
  if (event?.kind !== 'control' || event.value === null) throw new Error('no listen key');
  return event.value;
}

function usdm(): StreamSpec {
  return present(privateStreams([btc])[0], 'stream');
}

describe('USD-M user data', () => {
  it('a taker order: NEW, the early copy, the fill with its fee, then the account', () => {
    const socket = open(usdm(), listenKey());
    place('buy', '0.01');
    const events = read(socket, 'linear');
    expect(events.map((e) => (e.kind === 'order' ? `order ${e.status}` : e.kind))).toEqual([
      'order open',
      'control',
      'fill',
      'order filled',
      'balance',
      'position',
    ]);
    const fill = events.find((e) => e.kind === 'fill');
    expect(fill).toMatchObject({ clientOrderId: 'fa1', qty: decimal('0.01'), forced: false });
    const position = events.find((e) => e.kind === 'position');
    expect(position).toMatchObject({ instrument: btc.id, qty: decimal('0.01') });
    const balance = events.find((e) => e.kind === 'balance');
    const total = rig.exchange.balances().find(({ wallet }) => wallet === 'futures')?.total;
    expect(balance).toMatchObject({ wallet: 'futures', total });
  });

  it('a funding fee moves the balance alone, by the amount of the ledger', () => {
    place('buy', '0.01');
    const socket = open(usdm(), listenKey());
    rig.pass(8 * hourMs, 100);
    const update = socket.frames.find((text) => text.includes('FUNDING_FEE')) ?? '{}';
    const [payment] = rig.exchange.fundingPayments({});
    const { m, B, P } = JSON.parse(update).a;
    expect([m, P]).toEqual(['FUNDING_FEE', []]);
    expect(decimal(B[0].bc)).toBe(payment?.amount);
    expect(kinds(read(socket, 'linear'))).toEqual(['balance']);
  });

  it('an auto-deleveraging is a forced fill', () => {
    place('buy', '0.01');
    const socket = open(usdm(), listenKey());
    rig.exchange.deleverage({ instrument: btc.id, qty: decimal('0.005') }, rig.now);
    rig.protocol.tick(rig.now);
    const fill = read(socket, 'linear').find((e) => e.kind === 'fill');
    expect(fill).toMatchObject({ forced: true, side: 'sell', qty: decimal('0.005') });
  });

  it('a leverage change is told', () => {
    const socket = open(usdm(), listenKey());
    const [, , leverage] = requests.setup([btc], { leverage: 7 });
    if (leverage !== undefined) rig.ask(leverage);
    expect(read(socket, 'linear')).toMatchObject([
      { kind: 'control', value: 'leverage BTCUSDT 7' },
    ]);
  });

  it('a listen key lives 60 minutes of wall time from its last renewal', () => {
    const key = listenKey();
    const socket = open(usdm(), key);
    rig.pass(1_000, listenKeyLifeMs - 1);
    rig.second();
    expect(listenKey()).toBe(key);
    rig.pass(1_000, listenKeyLifeMs - 1);
    rig.second();
    expect(read(socket)).toEqual([]);
    rig.pass(1_000, 1);
    rig.second();
    expect(read(socket)).toMatchObject([{ name: 'listen-key-expired', value: key }]);
    place('buy', '0.01');
    expect(read(socket)).toEqual([]);
    expect(listenKey()).not.toBe(key);
  });

  it('a key that is not alive is told so, and hears nothing', () => {
    const socket = open(usdm(), 'old');
    expect(read(socket)).toMatchObject([{ name: 'listen-key-expired' }]);
    place('buy', '0.01');
    expect(read(socket)).toEqual([]);
  });

  it('the combined envelope carries the key as its stream', () => {
    const key = listenKey();
    const socket = rig.open(`/private/stream?listenKey=${key}`);
    place('buy', '0.01');
    expect(JSON.parse(socket.frames[0] ?? '')).toMatchObject({
      stream: key,
      data: { e: 'ORDER_TRADE_UPDATE' },
    });
  });

  function place(side: 'buy' | 'sell', qty: string): void {
    rig.exchange.place(
      {
        instrument: btc.id,
        clientOrderId: 'fa1',
        side,
        type: 'market',
        timeInForce: 'ioc',
        qty: decimal(qty),
        limit: null,
        reduceOnly: false,
      },
      rig.now,
    );
    rig.protocol.tick(rig.now);
  }
});

describe('the WebSocket API', () => {
  const stream = (): StreamSpec => present(privateStreams([spot])[0], 'stream');

  function call(socket: RigSocket, method: string, params: Record<string, string | number>) {
    const all: Record<string, string | number> = {
      ...params,
      apiKey: 'k',
      timestamp: rig.now.wallMs,
    };
    const payload = Object.keys(all)
      .sort()
      .map((name) => `${name}=${all[name]}`)
      .join('&');
    const signature = hmacSha256Hex('s', payload);
    const id = `${method} 1`;
    socket.handler?.message(JSON.stringify({ id, method, params: { ...all, signature } }));
    const reply = socket.frames.find((text) => text.startsWith(`{"id":"${id}"`)) ?? '{}';
    return JSON.parse(reply);
  }

  it('logs in, and brings orders, fills and balances of spot', () => {
    const socket = open(stream());
    expect(read(socket)).toMatchObject([{ kind: 'control', name: 'login', value: '0' }]);
    const placed = call(socket, 'order.place', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.01',
      newClientOrderId: 'fa9',
    });
    expect(placed).toMatchObject({ status: 200, result: { status: 'FILLED' } });
    const events = read(socket).filter(({ kind }) => kind !== 'unrecognized');
    // Events leave before the answer to the call that caused them: a fill overtakes its own ack.
    expect(events.map((e) => (e.kind === 'order' ? `order ${e.status}` : e.kind))).toEqual([
      'order open',
      'fill',
      'order filled',
      'balance',
      'balance',
      // The answer tells both once more: whoever books fills knows them by their ids.
      'fill',
      'order filled',
    ]);
    expect(new Set(events.flatMap((e) => (e.kind === 'fill' ? [e.fillId] : []))).size).toBe(1);
    const fill = events.find((e) => e.kind === 'fill');
    expect(fill).toMatchObject({ clientOrderId: 'fa9', fee: decimal('-0.00001'), feeAsset: 'BTC' });
  });

  it('a canceled spot order keeps its own id, the cancel has another', () => {
    const socket = open(stream());
    const { bid } = rig.exchange.quote(spot.id);
    const price = (Math.floor(bid * 0.9 * 100) / 100).toFixed(2);
    const common = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC' };
    call(socket, 'order.place', { ...common, quantity: '0.01', price, newClientOrderId: 'fa5' });
    const status = { symbol: 'BTCUSDT', origClientOrderId: 'fa5' };
    expect(call(socket, 'order.status', status).result.status).toBe('NEW');
    socket.frames.length = 0;
    expect(call(socket, 'order.cancel', status).result).toMatchObject({
      origClientOrderId: 'fa5',
      status: 'CANCELED',
    });
    const report = socket.frames.find((text) => text.includes('executionReport')) ?? '{}';
    expect(JSON.parse(report).event).toMatchObject({ x: 'CANCELED', C: 'fa5' });
    expect(JSON.parse(report).event.c).not.toBe('fa5');
  });

  it('answers pings and times, refuses wrong signatures, unknown methods and no JSON', () => {
    const socket = open(stream());
    const text = stream().heartbeat?.text ?? '';
    socket.frames.length = 0;
    socket.handler?.message(text);
    expect(read(socket)).toMatchObject([{ kind: 'control', name: 'pong' }]);
    const wrong =
      '{"id":1,"method":"order.status","params":{"apiKey":"k","signature":"x","timestamp":1}}';
    socket.handler?.message(wrong);
    expect(socket.frames.pop()).toContain('"id":1,"status":400,"error":{"code":-1022');
    socket.handler?.message('{"id":"a","method":"nope"}');
    expect(socket.frames.pop()).toContain('"id":"a","status":400');
    socket.handler?.message('nope');
    expect(socket.frames.pop()).toContain('-1135');
  });

  it('a closed session hears no more', () => {
    const socket = open(stream());
    socket.handler?.closed();
    socket.frames.length = 0;
    call(open(stream()), 'order.place', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.01',
    });
    expect(socket.frames).toEqual([]);
  });
});
