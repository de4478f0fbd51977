// Credentials of a venue from the configuration (already substituted from the environment). The
// object that leaves here is handed to `sign` only: it must never be printed, logged or serialised,
// and shows as `[redacted]` when something tries.
import { inspect } from 'node:util';
import { UserError } from '../base/errors.ts';
import type { Credentials } from '../domain/venue-spec.ts';

export const redacted = '[redacted]';
/** Longest key that is accepted; longer is a file pasted into a field. */
export const keyCharsMax = 512;

/** The fields of config/exchanges.yaml for one venue; empty and absent are the same. */
export interface CredentialsConfig {
  readonly key?: string | null | undefined;
  readonly secret?: string | null | undefined;
  readonly passphrase?: string | null | undefined;
}

/** Null when nothing is given at all; throws a UserError when only a part is. */
export function readCredentials(
  config: CredentialsConfig,
  options: { readonly venue: string; readonly needsPassphrase: boolean },
): Credentials | null {
  const key = config.key ?? '';
  const secret = config.secret ?? '';
  const passphrase = config.passphrase ?? '';
  if (key === '' && secret === '' && passphrase === '') return null;
  const fields = options.needsPassphrase ? { key, secret, passphrase } : { key, secret };
  for (const [name, value] of Object.entries(fields)) {
    if (value === '') throw new UserError(`${options.venue}: ${name} is missing: ${mend}`);
    if (value.includes('${')) {
      throw new UserError(`${options.venue}: ${name} is not substituted: ${mend}`);
    }
    if (value.length > keyCharsMax || /[\s\p{Cc}]/u.test(value)) {
      throw new UserError(`${options.venue}: ${name} has spaces or is too long: ${mend}`);
    }
  }
  return new RedactedCredentials({ key, secret, passphrase });
}

const mend = 'set it in the environment that config/exchanges.yaml names';

/** The same credentials in the form that nothing prints. */
export function redactCredentials({ key, secret, passphrase = '' }: Credentials): Credentials {
  return new RedactedCredentials({ key, secret, passphrase });
}

/** The text without the credentials: for messages that may echo a request. */
export function redactText(text: string, credentials: Credentials | null): string {
  if (credentials === null) return text;
  let clean = text;
  for (const part of [credentials.secret, credentials.passphrase ?? '', credentials.key]) {
    // The testnet's keys are single letters: replacing those would only garble the text.
    if (part.length >= partCharsMin) clean = clean.replaceAll(part, redacted);
  }
  return clean;
}

const partCharsMin = 6;

/** Private fields behind getters on the prototype: no spread, no JSON, no inspection shows them. */
class RedactedCredentials implements Credentials {
  readonly #fields: { readonly key: string; readonly secret: string; readonly passphrase: string };

  constructor(fields: {
    readonly key: string;
    readonly secret: string;
    readonly passphrase: string;
  }) {
    this.#fields = fields;
  }

  get key(): string {
    return this.#fields.key;
  }
  get secret(): string {
    return this.#fields.secret;
  }
  get passphrase(): string {
    return this.#fields.passphrase;
  }
  toJSON(): string {
    return redacted;
  }
  toString(): string {
    return redacted;
  }
  [inspect.custom](): string {
    return redacted;
  }
}
