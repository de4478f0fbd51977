// Frames written and read back: the same bytes in the same order, over rotated files, cut-off files
// and full queues.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RawFrame } from '../domain/raw-frame.ts';
import { Recorder, type RecorderOptions } from './recording.ts';
import { type ReadNotes, readHead, readRecording } from './recording-read.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-recording-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const failures: Error[] = [];
const head = { venues: ['okx'], clock: { wallStartMs: 1, venueStartMs: 2, speed: 60 } };
const recorder = (change: Partial<RecorderOptions> = {}): Recorder =>
  new Recorder({ dir, head, onError: (error) => failures.push(error), ...change });
const frame = (text: string | Uint8Array, receivedWallMs = 1_700_000_000_000): RawFrame => ({
  ...{ receivedWallMs, venue: 'okx', stream: 'public-1', market: null },
  bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text,
});

async function readAll(path: string, notes: ReadNotes = { badLines: 0, truncated: null }) {
  const frames: RawFrame[] = [];
  for await (const one of readRecording(path, notes)) frames.push(one);
  return frames;
}

describe('a recording', () => {
  it('gives back any bytes with their receive time, stream and market', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.string(), fc.uint8Array({ maxLength: 60 })), { maxLength: 20 }),
        async (payloads) => {
          const into = mkdtempSync(join(dir, 'run-'));
          const writer = recorder({ dir: into });
          const frames = payloads.map((payload, i) => frame(payload, 1_700_000_000_000 + i));
          for (const one of frames) writer.put(one);
          await writer.close();
          const read = (
            await Promise.all(writer.stats().files.map((file) => readAll(file)))
          ).flat();
          expect(read.map(({ bytes, ...rest }) => [rest, [...bytes]])).toEqual(
            frames.map(({ bytes, ...rest }) => [rest, [...bytes]]),
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  it('keeps what was asked, where a stream was lost, and the head in every file', async () => {
    const writer = recorder({ fileMsMax: 1_000 });
    const request = {
      ...{ purpose: 'instruments', host: 'rest', method: 'GET', path: '/a', query: 'b=1' },
      status: 200,
    };
    writer.put({ ...frame('{}', 0), request });
    writer.put({ ...frame('', 5_000), lost: true });
    await writer.close();
    expect(writer.stats()).toMatchObject({ frames: 2, files: { length: 2 } });
    const read = await readAll(dir);
    expect(await Promise.all(writer.stats().files.map(readHead))).toEqual([head, head]);
    expect(read[0]).toEqual({ ...frame('{}', 0), bytes: Buffer.from('{}'), request });
    expect(read[1]).toEqual({ ...frame('', 5_000), lost: true });
  });

  it('begins a new file by size and by age, and none carries the name of a part', async () => {
    const writer = recorder({ fileBytesMax: 150, fileMsMax: 1_000 });
    writer.put(frame('{"n":1}', 0));
    writer.put(frame('{"n":2}', 1));
    writer.put(frame('{"n":3}', 2)); // two lines of about 90 bytes are past 150
    writer.put(frame('{"n":4}', 1_002)); // and this is a second later
    await writer.close();
    const { files } = writer.stats();
    expect(files).toHaveLength(3);
    expect(readdirSync(dir).filter((name) => name.endsWith('.part'))).toEqual([]);
    const counts = await Promise.all(files.map(async (file) => (await readAll(file)).length));
    expect(counts).toEqual([2, 1, 1]);
  });

  it('drops and counts what does not fit the queue, and never waits', async () => {
    const writer = recorder({ queueBytesMax: 1_000 });
    for (let i = 0; i < 50; i++) writer.put(frame('x'.repeat(400)));
    const { frames, dropped } = writer.stats();
    expect(dropped).toBeGreaterThan(0);
    expect(frames + dropped).toBe(50);
    await writer.close();
    expect(await readAll(writer.stats().files[0] ?? '')).toHaveLength(frames);
  });

  it('is read as far as it goes when its end is missing, and bad lines are counted', async () => {
    const writer = recorder();
    for (let i = 0; i < 2_000; i++) writer.put(frame(`{"n":${i},"r":${Math.sin(i)}}`));
    await writer.close();
    const [whole = ''] = writer.stats().files;
    const bytes = readFileSync(whole);
    const cut = join(dir, 'cut.jsonl.gz');
    writeFileSync(cut, bytes.subarray(0, bytes.length - 3_000));
    const notes = { badLines: 0, truncated: null };
    const read = await readAll(cut, notes);
    expect(read.length).toBeGreaterThan(100);
    expect(read.length).toBeLessThan(2_000);
    expect(notes.badLines).toBeLessThanOrEqual(1);
    await expect(readAll(join(dir, 'none.gz'))).rejects.toThrow(/cannot be read/);
  });

  it('a folder is read in the order of receipt, a torn last file as far as it goes', async () => {
    const writer = recorder({ fileBytesMax: 4_000 });
    for (let i = 0; i < 400; i++) writer.put(frame(`{"n":${i},"r":${Math.sin(i)}}`, 1_000 + i));
    await writer.close();
    const files = writer.stats().files;
    expect(files.length).toBeGreaterThan(3);
    const last = files.at(-1) ?? '';
    const whole = readFileSync(last);
    rmSync(last);
    writeFileSync(`${last}.part`, whole.subarray(0, whole.length - 12));
    writeFileSync(join(dir, 'notes.txt'), 'not a recording');
    const notes = { badLines: 0, truncated: null };
    const read = await readAll(dir, notes);
    const times = read.map(({ receivedWallMs }) => receivedWallMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBe(1_000);
    expect(times.length).toBeGreaterThan(300);
    expect(notes.badLines).toBeLessThanOrEqual(1);
  });

  it('a file whose middle is damaged gives what stands before, and says why it ends', async () => {
    const writer = recorder();
    for (let i = 0; i < 3_000; i++) writer.put(frame(`{"n":${i},"r":${Math.sin(i)}}`));
    await writer.close();
    const [file = ''] = writer.stats().files;
    const bytes = readFileSync(file);
    const middle = Math.floor(bytes.length / 2);
    bytes.fill(0xff, middle, middle + 400);
    writeFileSync(file, bytes);
    const notes: ReadNotes = { badLines: 0, truncated: null };
    const read = await readAll(file, notes);
    expect(read.length).toBeLessThan(3_000);
    expect(notes.truncated).toEqual(expect.any(String));
  });

  it('a folder without a recording is told', async () => {
    await expect(readAll(dir)).rejects.toThrow(/no recording in it/);
  });

  it('tells of a disk that fails, once, and drops from then on', async () => {
    failures.length = 0;
    const writer = recorder();
    rmSync(dir, { recursive: true });
    writer.put(frame('a'));
    await vi.waitUntil(() => failures.length > 0);
    writer.put(frame('b'));
    await writer.close();
    expect(failures).toHaveLength(1);
    expect(writer.stats().dropped).toBe(1);
  });
});
