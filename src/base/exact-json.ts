// JSON as venues send it, without losing a digit: a bare number that a double may not hold (16
// digits and more, whole or not) is read as its text. Never throws.

/** A bare number that may be long; texts in quotes are no reason to look closer. */
const mayHoldLong = /[:[,\s]-?[\d.]{16}/;
const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.]*(?:[eE][+-]?\d+)?/g;
const long = /^-?\d[\d.]{15,}$/;

/** The JSON value, long numbers as text; undefined when the text is not JSON. */
export function parseExactJson(text: string): unknown {
  try {
    return JSON.parse(mayHoldLong.test(text) ? quoteLongNumbers(text) : text);
  } catch {
    return undefined;
  }
}

/** Bare numbers of 16 characters and more in quotes; texts inside strings stay as they are. */
export function quoteLongNumbers(text: string): string {
  return text.replace(token, (found) => (isLongNumber(found) ? `"${found}"` : found));
}

/** Leading zeros and second dots are no JSON: left as they are, for the parser to refuse. */
function isLongNumber(found: string): boolean {
  return long.test(found) && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(found);
}
