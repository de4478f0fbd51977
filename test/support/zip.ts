// Zip archives for tests: deflated entries, a central directory, nothing else.
import { crc32, deflateRawSync } from 'node:zlib';

export function zipOf(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const packed = deflateRawSync(content);
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(content), 0);
    sizes.writeUInt32LE(packed.length, 4);
    sizes.writeUInt32LE(content.length, 8);
    const text = Buffer.from(name);
    // Version 2.0, no flags, deflated, no time.
    const common = Buffer.from([20, 0, 0, 0, 8, 0, 0, 0, 0, 0]);
    const lengths = Buffer.alloc(4);
    lengths.writeUInt16LE(text.length, 0);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, sizes, lengths, text, packed]);
    const at = Buffer.alloc(14);
    at.writeUInt32LE(offset, 10);
    const made = Buffer.from([20, 0]);
    const head = Buffer.from('PK\x01\x02');
    centrals.push(Buffer.concat([head, made, common, sizes, lengths, at, text]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(centrals.length, 8);
  end.writeUInt16LE(centrals.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
