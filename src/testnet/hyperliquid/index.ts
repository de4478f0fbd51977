// The simulated Hyperliquid: POST /info, POST /exchange and the socket /ws over the simulated
// exchange. Venue time in all data; wall time in nonces, expiries and exchangeStatus. Signatures
// are verified by recovering who signed. Faults that it shows: `rate-limit` (429),
// `unknown-outcome` (an action is carried out and answered with 500), `ack-then-reject`,
// `fill-before-ack`, `clock-skew`; on posts of actions also those of the server.
import type { MakeProtocol, RawHttpReply, TestnetProtocol } from '../protocol.ts';
import { carryOut, refused } from './actions.ts';
import { readEnvelope, refusalBySigner } from './auth.ts';
import { answerInfo } from './info.ts';
import type { Row } from './rows.ts';
import { Sockets } from './sockets.ts';
import { type HyperliquidState, makeState } from './state.ts';

const itemsPerWeight = 40;

export const makeHyperliquidProtocol: MakeProtocol = (context): TestnetProtocol => {
  const state = makeState(context, {
    pushOrder: (order) => sockets.pushOrder(order),
    flush: () => sockets.flush(),
  });
  const sockets = new Sockets(state, { answer: (post) => answerPost(state, post) });
  return {
    venue: context.exchange.venue,
    http: (request) => {
      if (request.method !== 'POST') return { status: 405, body: '' };
      const body = parsed(request.body);
      if (request.path === '/info') return httpInfo(state, body);
      if (request.path === '/exchange') return httpExchange(state, body);
      return { status: 404, body: '' };
    },
    open: (socket) => (socket.path === '/ws' ? sockets.open(socket) : null),
    tick: (now) => sockets.tick(now),
    second: (now) => {
      sockets.second(now.wallMs);
      if (state.cancelAllAtMs === null || state.clockMs() < state.cancelAllAtMs) return;
      state.cancelAllAtMs = null;
      state.exchange.cancelAll(null, state.now(), 'dead-man');
    },
    event: (event) => sockets.event(event),
  };
};

function httpInfo(state: HyperliquidState, body: unknown): RawHttpReply {
  const row = rowOf(body);
  const answer = row === null ? null : answerInfo(state, row);
  if (answer === null) return malformed;
  if (!mayCall(state, answer.weight)) return tooMany;
  return { status: 200, body: JSON.stringify(answer.value ?? null) };
}

function httpExchange(state: HyperliquidState, body: unknown): RawHttpReply {
  const envelope = readEnvelope(body);
  const items = envelope === null ? 0 : batchLengthOf(envelope.action);
  if (!mayCall(state, 1 + Math.floor(items / itemsPerWeight))) return tooMany;
  const reply = exchangeReply(state, body);
  if (reply === null) return malformed;
  if (state.context.fault('unknown-outcome')) return { status: 500, body: '' };
  return { status: 200, body: JSON.stringify(reply) };
}

/**
 * Carried out as over HTTP, whose failures come as `error` with their status in front. Faults of
 * orders meet actions alone: null = no answer, a number closes the socket with this code.
 */
function answerPost(
  state: HyperliquidState,
  { type, payload }: { readonly type: string; readonly payload: unknown },
): Row | number | null {
  if (type !== 'action' && type !== 'info') return errorPost(malformed);
  const path = type === 'action' ? '/exchange' : '/info';
  const fault = type === 'action' ? state.context.orderFault({ method: 'POST', path }) : null;
  if (fault === 'timeout') return null;
  if (fault === 'http-503') return brokenSocket;
  const reply = type === 'action' ? httpExchange(state, payload) : httpInfo(state, payload);
  if (fault === 'ack-lost') return brokenSocket;
  if (reply.status !== 200) return errorPost(reply);
  const value: unknown = parsed(reply.body);
  if (type === 'action') return { type, payload: value };
  return { type, payload: { type: rowOf(payload)?.['type'], data: value } };
}

function errorPost({ status, body }: RawHttpReply): Row {
  return { type: 'error', payload: `${status} ${statusTexts[status] ?? ''}: ${body}` };
}

const brokenSocket = 1011;
const statusTexts: Readonly<Record<number, string>> = {
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

/** Null = no such request. */
function exchangeReply(state: HyperliquidState, body: unknown): Row | null {
  const envelope = readEnvelope(body);
  if (envelope === null) return null;
  // User-signed forms are not simulated; who signed them does not matter.
  if ('signatureChainId' in envelope.action) return carryOut(state, envelope.action);
  const bySigner = refusalBySigner(envelope, state.account);
  if (bySigner !== null) return refused(bySigner);
  if (envelope.vaultAddress !== null) {
    return refused(`Vault not registered: ${envelope.vaultAddress}`);
  }
  const clockMs = state.clockMs();
  if (envelope.expiresAfter !== null && envelope.expiresAfter < clockMs) {
    return refused(`Action expired at ${envelope.expiresAfter}, now is ${Math.floor(clockMs)}`);
  }
  const byNonce = state.nonces.refusal(envelope.nonce, clockMs);
  if (byNonce !== null) return refused(byNonce);
  return carryOut(state, envelope.action);
}

const tooMany: RawHttpReply = { status: 429, body: 'null' };
const malformed: RawHttpReply = {
  status: 422,
  body: 'Failed to deserialize the JSON body into the target type',
};

function mayCall(state: HyperliquidState, weight: number): boolean {
  const { context, weight: window } = state;
  if (context.fault('rate-limit') || context.fault('rate-limited')) return false;
  return window.take(weight, state.now().wallMs);
}

function batchLengthOf(action: Row): number {
  for (const key of ['orders', 'cancels', 'modifies']) {
    const items = action[key];
    if (Array.isArray(items)) return items.length;
  }
  return 1;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function rowOf(value: unknown): Row | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return value as Row; // a JSON object: its fields stay unknown
}
