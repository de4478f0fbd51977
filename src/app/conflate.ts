// Quotes on their way to the scan. The first frame of a read is looked at on the spot: at live
// rates it is the only one, and nothing lies between the tick and its order. More frames in the
// same read mean that the process is behind: then each instrument is looked at once, at its latest
// quote, when the read is through. So the work under overload is bounded by the instruments, not by
// the frames, and nothing queues here but one flag each.

/** What is done with an instrument whose quote changed. */
export type Evaluate = (index: number) => void;

export class Conflater {
  /** Quotes that were replaced by a later one of the same read before anybody looked at them. */
  conflated = 0;
  private readonly evaluate: Evaluate;
  private readonly isWaiting: Uint8Array;
  private readonly waiting: Int32Array;
  private waitingCount = 0;
  private readMs = Number.NaN;

  constructor(evaluate: Evaluate, instrumentsMax: number) {
    this.evaluate = evaluate;
    this.isWaiting = new Uint8Array(instrumentsMax);
    this.waiting = new Int32Array(instrumentsMax);
  }

  /** `receivedMs`: when the bytes came; frames of one read have the same. */
  changed(index: number, receivedMs: number): void {
    if (receivedMs !== this.readMs) {
      this.readMs = receivedMs;
      this.evaluate(index);
      return;
    }
    if (this.isWaiting[index] === 1) {
      this.conflated++;
      return;
    }
    this.isWaiting[index] = 1;
    this.waiting[this.waitingCount++] = index;
    // Runs when the callback of this read is over, before the next read.
    if (this.waitingCount === 1) queueMicrotask(() => this.flush());
  }

  private flush(): void {
    for (let i = 0; i < this.waitingCount; i++) {
      const index = this.waiting[i] as number;
      this.isWaiting[index] = 0;
      this.evaluate(index);
    }
    this.waitingCount = 0;
  }
}
