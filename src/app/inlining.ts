// How much V8 inlines: the one setting of the machine that the hot path needs.
import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that one function may take in; V8's own limit is 920. */
const inlinedBytesMax = 8_000;

/**
 * A byte scanner is one function made of some thirty small ones. With V8's own limit the later half
 * of them stays calls, and a frame takes 1.5 times as long: docs/decisions tells the figures. To be
 * called before anything has become hot.
 */
export function inlineHotPaths(): void {
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${inlinedBytesMax}`);
}
