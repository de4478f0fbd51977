// Assertions that stay on in production. A failed one is a bug of ours: the process stops and boot
// recovers. What a venue says is verified, never asserted.

/** Thrown by `assert`; never caught below the process boundary. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed';
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message);
}

/** Closes a `switch` over a union: compiles only while every member is handled. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`unreachable: ${JSON.stringify(value)}`);
}

/** The value, asserted to be present. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new AssertionFailed(`missing: ${what}`);
  return value;
}
