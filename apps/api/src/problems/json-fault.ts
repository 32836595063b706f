/** Where a text stops being JSON, and what should stand there. */
export interface JsonFault {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units, as editors count. */
  column: number;
  /** The character there; undefined at the end of the text. */
  found: string | undefined;
  expected: string;
}

type Expectation = 'value' | 'firstItem' | 'key' | 'firstKey' | 'colon' | 'commaOrEnd';

const inWords: Readonly<Record<Expectation, string>> = {
  value: 'a value',
  firstItem: 'a value or ]',
  key: 'a name in double quotes',
  firstKey: 'a name in double quotes or }',
  colon: 'a colon',
  commaOrEnd: 'a comma or the end of what is open',
};

// RFC 8259. Each matches as much as it can, so that where a match ends is where the fault is.
const space = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON does not allow in a string
const stringStart = /"(?:[^"\\\u0000-\u001f]+|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** The first place at which `text` is no JSON (RFC 8259); undefined when it is. JSON.parse of Node 20 tells it for some faults only. */
export function jsonFaultIn(text: string): JsonFault | undefined {
  /** What is open: objects and arrays, the innermost last. */
  const open: ('{' | '[')[] = [];
  let at = 0;
  let next: Expectation = 'value';
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const length = pattern.exec(text)?.[0].length ?? 0;
    at += length;
    return length > 0;
  };
  const faultAt = (expected: string): JsonFault => {
    const before = text.slice(0, at).split('\n');
    return { line: before.length, column: (before.at(-1) ?? '').length + 1, found: text[at], expected };
  };
  const takeString = (): JsonFault | undefined => {
    take(stringStart);
    if (text[at] !== '"') return faultAt('the end of the text in quotes, or a character that may stand in it');
    at += 1;
    return undefined;
  };

  for (;;) {
    take(space);
    const character = text[at];
    if (next === 'commaOrEnd') {
      const inside = open.at(-1);
      if (inside === undefined) return character === undefined ? undefined : faultAt('the end of the body');
      if (character === ',') next = inside === '{' ? 'key' : 'value';
      else if (character === (inside === '{' ? '}' : ']')) open.pop();
      else return faultAt(`a comma or ${inside === '{' ? '}' : ']'}`);
      at += 1;
    } else if (next === 'colon') {
      if (character !== ':') return faultAt(inWords.colon);
      at += 1;
      next = 'value';
    } else if ((next === 'firstKey' && character === '}') || (next === 'firstItem' && character === ']')) {
      open.pop();
      at += 1;
      next = 'commaOrEnd';
    } else if (next === 'key' || next === 'firstKey') {
      if (character !== '"') return faultAt(inWords[next]);
      const fault = takeString();
      if (fault) return fault;
      next = 'colon';
    } else if (character === '{' || character === '[') {
      open.push(character);
      at += 1;
      next = character === '{' ? 'firstKey' : 'firstItem';
    } else if (character === '"') {
      const fault = takeString();
      if (fault) return fault;
      next = 'commaOrEnd';
    } else {
      if (!take(scalar)) return faultAt(inWords[next]);
      next = 'commaOrEnd';
    }
  }
}

/** For whoever sent it: where it is, what stands there, and what should. */
export function jsonFaultText(text: string): string | undefined {
  const fault = jsonFaultIn(text);
  if (fault === undefined) return undefined;
  const { line, column, found, expected } = fault;
  const stands = found === undefined ? 'the body ends' : `stands ${JSON.stringify(found)}`;
  return `at line ${line}, column ${column} ${stands}, where ${expected} should be`;
}
