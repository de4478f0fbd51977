// The definitions of the piece that is being written: names and shapes that its values mention for
// the first time. They stand behind the values, so they are gathered here until those are through.
const utf8 = new TextEncoder();

export class Definitions {
  /** The first `length` bytes count. */
  bytes = new Uint8Array(256);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  byte(byte: number): void {
    if (this.length === this.bytes.length) {
      const grown = new Uint8Array(this.length * 2);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes[this.length++] = byte;
  }

  /** Seven bits a byte, lowest first; below 2^31. */
  varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest & 127) | 128);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Its length in bytes, then its bytes: nearly always ASCII. */
  text(item: string): void {
    const start = this.length;
    this.varint(item.length);
    for (let i = 0; i < item.length; i++) {
      const char = item.charCodeAt(i);
      if (char > 127) {
        this.length = start;
        return this.wideText(item);
      }
      this.byte(char);
    }
  }

  private wideText(item: string): void {
    const encoded = utf8.encode(item);
    this.varint(encoded.length);
    for (const byte of encoded) this.byte(byte);
  }
}
