// Test support: the package `ws` behind a connection, the other client of the same bytes. A message
// is copied once more.
import WebSocket from 'ws';
import { FrameBuffer } from '../../src/base/frame.ts';
import type { Connection, ConnectionLimits, ConnectionOwner } from '../../src/io/connection.ts';

export function connectWithWs(
  url: string,
  limits: ConnectionLimits,
  owner: ConnectionOwner,
): Connection {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    handshakeTimeout: limits.handshakeMsMax,
    maxPayload: limits.frameBytesMax,
    followRedirects: false,
  });
  let over = false;
  const end = (reason: string): void => {
    if (over) return;
    over = true;
    owner.ended(reason);
  };
  socket.on('open', () => owner.opened());
  socket.on('message', (data: Buffer) => {
    owner.arrived();
    const buffer = new FrameBuffer(data.length);
    buffer.load(data);
    owner.frame(buffer, 0, data.length);
  });
  for (const name of ['ping', 'pong'] as const) socket.on(name, () => owner.arrived());
  // The listeners stay: a terminated socket may still emit an error, which must have a hearer.
  socket.on('error', (error) => end(error.message));
  socket.on('close', (code, reason) => end(`closed ${code} ${reason.toString('latin1')}`));
  return {
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
    get unsentBytes() {
      return socket.bufferedAmount;
    },
    // As bytes: `ws` then masks head and text into one buffer, which is one write.
    send: (text) => socket.send(Buffer.from(text), { binary: false }),
    close: (done) => {
      if (socket.readyState === WebSocket.CLOSED) return done();
      const cut = setTimeout(() => socket.terminate(), limits.closeMsMax);
      socket.once('close', () => {
        clearTimeout(cut);
        done();
      });
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
      else socket.close(1000);
    },
    cut: () => socket.terminate(),
  };
}
