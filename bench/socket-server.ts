// A process of its own that sends prebuilt WebSocket frames of three venues as fast as its clients
// read: `node socket-server.ts SECONDS_MAX`. It tells its parent the port and serves this benchmark
// and nothing else.
import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type FeedVenue, feedVenues, quoteFrames } from './frames.ts';

const secondsMax = Number(process.argv[2] ?? '60');
/** Sent in one write, over and over. */
const rounds = 4;

function framed(payload: Buffer): Buffer {
  const head = payload.length < 126 ? Buffer.alloc(2) : Buffer.alloc(4);
  head[0] = 0x81;
  if (head.length === 2) head[1] = payload.length;
  else {
    head[1] = 126;
    head.writeUInt16BE(payload.length, 2);
  }
  return Buffer.concat([head, payload]);
}

const batches = new Map<FeedVenue, Buffer>(
  feedVenues.map((venue) => {
    const frames = quoteFrames(venue).map(framed);
    return [venue, Buffer.concat(Array.from({ length: rounds }, () => frames).flat())];
  }),
);

function serve(socket: Socket, request: string): void {
  const key = /sec-websocket-key: (\S+)/i.exec(request)?.[1] ?? '';
  const accept = createHash('sha1')
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const batch = batches.get((/venue=(\w+)/.exec(request)?.[1] ?? 'okx') as FeedVenue);
  if (batch === undefined) throw new Error(`no such venue: ${request}`);
  const pump = (): void => {
    while (!socket.destroyed && socket.write(batch));
  };
  socket.on('drain', pump);
  pump();
}

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', (data) => serve(socket, data.toString('latin1')));
});
process.on('disconnect', () => process.exit(0));
setTimeout(() => process.exit(0), secondsMax * 1_000);
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
