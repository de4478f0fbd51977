// Errors that speak to the user: what, where, how to mend. The command line prints one line and
// exits with `exitCode`.

/** A wrong usage or configuration (exit 2) or a task that failed (exit 1). */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: 1 | 2;
  constructor(message: string, options: { readonly exitCode?: 1 | 2 } = {}) {
    super(message);
    this.exitCode = options.exitCode ?? 2;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
