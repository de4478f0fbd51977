// Tells code from comments and strings in TypeScript, well enough for the tidy rules: no grammar,
// one pass over the characters. Positions are kept, so a finding can name its line.

export type Scanned = {
  /** The text with comments and the insides of strings and regular expressions blanked. */
  readonly code: string;
  /** The text with everything but comments blanked. */
  readonly comments: string;
};

export function scan(text: string): Scanned {
  const code = text.split('');
  const comments = text.replace(/[^\n]/g, ' ').split('');
  // Depths of open braces at which a template literal goes on after its ${...}.
  const templates: number[] = [];
  let depth = 0;
  let at = 0;

  const blankTo = (end: number, into?: string[]) => {
    for (; at < end && at < text.length; at++) {
      if (text[at] === '\n') continue;
      if (into !== undefined) into[at] = text[at]!;
      code[at] = ' ';
    }
  };
  const templateBody = () => {
    const end = templateEnd(text, at);
    blankTo(end);
    if (text[end] === '$') templates.push(depth++);
    at = text[end] === '$' ? end + 2 : end + 1;
  };

  while (at < text.length) {
    const char = text[at]!;
    if (char === '/' && text[at + 1] === '/') blankTo(indexOrEnd(text, '\n', at), comments);
    else if (char === '/' && text[at + 1] === '*') {
      blankTo(indexOrEnd(text, '*/', at + 2) + 2, comments);
    } else if (char === "'" || char === '"') {
      at++;
      blankTo(stringEnd(text, at, char));
      at++;
    } else if (char === '`') {
      at++;
      templateBody();
    } else if (char === '/' && startsRegExp(text, code, at)) {
      at++;
      blankTo(regExpEnd(text, at));
      at++;
    } else if (char === '}' && templates.at(-1) === depth - 1) {
      depth = templates.pop()!;
      at++;
      templateBody();
    } else {
      if (char === '{') depth++;
      if (char === '}') depth--;
      at++;
    }
  }
  return { code: code.join(''), comments: comments.join('') };
}

export type Import = { readonly specifier: string; readonly at: number };

/** Every module the text names: import, export from, import() and import types. */
export function importsOf(text: string, { code }: Scanned): readonly Import[] {
  const found: Import[] = [];
  for (const match of code.matchAll(/\bfrom\s*(['"])|\bimport\s*\(?\s*(['"`])/g)) {
    const start = match.index + match[0].length;
    const end = code.indexOf(match[1] ?? match[2]!, start);
    found.push({ specifier: text.slice(start, end), at: match.index });
  }
  return found;
}

export function lineAt(text: string, at: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

function indexOrEnd(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from);
  return found < 0 ? text.length : found;
}

function stringEnd(text: string, from: number, quote: string): number {
  let end = from;
  while (end < text.length && text[end] !== quote && text[end] !== '\n') {
    end += text[end] === '\\' ? 2 : 1;
  }
  return end;
}

/** Where the literal part ends: at its closing backtick or at the $ of "${". */
function templateEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && text[end] !== '`' && !text.startsWith('${', end)) {
    end += text[end] === '\\' ? 2 : 1;
  }
  return end;
}

function regExpEnd(text: string, from: number): number {
  let inClass = false;
  let end = from;
  for (; end < text.length && text[end] !== '\n'; end++) {
    const char = text[end];
    if (char === '\\') end++;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) break;
  }
  return end;
}

/** A slash opens a regular expression where a value may start; after a value it divides. */
function startsRegExp(text: string, code: readonly string[], at: number): boolean {
  let before = at - 1;
  while (before >= 0 && (code[before] === ' ' || code[before] === '\n')) before--;
  if (before < 0 || '(,=:[!&|?{;+-*%~^<>'.includes(text[before]!)) return true;
  const word = /[\w$]+$/.exec(text.slice(Math.max(0, before - 12), before + 1))?.[0] ?? '';
  return ['return', 'typeof', 'case', 'of', 'in', 'do', 'else', 'throw', 'void'].includes(word);
}
