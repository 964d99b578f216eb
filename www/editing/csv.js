/**
 * Points from a file or the clipboard: two numbers a line, apart by commas, semicolons, tabs or spaces; one header line and
 * lines that begin with # may stand among them. Strict: anything else is refused with the line, the value and what would be
 * accepted, and nothing changes.
 */

/** Most points of one import. */
export const MOST_POINTS = 65536;
/** Largest coordinate: 25 worlds away. Further out no view reaches and squared distances drown a float. */
export const BOUND = 100;
/** Largest file that is read at all, bytes: the most points at over a hundred characters a line. */
export const MOST_BYTES = 8 * 1024 * 1024;

/** @typedef {{key: string, params: Record<string, string | number>}} Refusal A string of the page, with what it names. */
/** @typedef {{points: Float32Array} | {refusal: Refusal}} Parsed */

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(?:nan|inf(?:inity)?)$/i;

/**
 * @param {string} text
 * @returns {Parsed}
 */
export function parsePoints(text) {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  /** @type {number[]} */
  const values = [];
  /** @type {RegExp | null} */
  let separator = null;
  let headerSeen = false;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i].trim();
    if (line === '' || line.startsWith('#')) continue;
    separator ??= separatorOf(line);
    const fields = line.split(separator).map(unquoted);
    if (fields.length !== 2) return refused('columns', { line: i + 1, count: fields.length, text: shortened(line) });
    if (!headerSeen && values.length === 0 && fields.every(isName)) {
      headerSeen = true;
      continue;
    }
    for (const field of fields) {
      const value = Number(field);
      if (NOT_FINITE.test(field) || (NUMBER.test(field) && !Number.isFinite(value)))
        return refused('notFinite', { line: i + 1, value: shortened(field) });
      if (!NUMBER.test(field)) return refused('notNumber', { line: i + 1, value: shortened(field) });
      if (Math.abs(value) > BOUND) return refused('tooLarge', { line: i + 1, value: shortened(field), bound: BOUND });
      values.push(value);
    }
    if (values.length > 2 * MOST_POINTS) return refused('tooMany', { line: i + 1, most: MOST_POINTS });
  }
  return values.length === 0 ? refused('empty', { most: MOST_POINTS }) : { points: Float32Array.from(values) };
}

/** The first of tab, semicolon and comma that the line holds, else white space. @param {string} line */
function separatorOf(line) {
  if (line.includes('\t')) return /\t/;
  if (line.includes(';')) return /;/;
  return line.includes(',') ? /,/ : /\s+/;
}

/** @param {string} field */
function unquoted(field) {
  const text = field.trim();
  return /^".*"$/.test(text) ? text.slice(1, -1).trim() : text;
}

/** Whether a field of the first line is the name of a column: a word, and not one that means a number. @param {string} field */
function isName(field) {
  return /^\p{L}/u.test(field) && !NOT_FINITE.test(field);
}

/** @param {string} key @param {Record<string, string | number>} params @returns {Parsed} */
function refused(key, params) {
  return { refusal: { key: `edit.csv.${key}`, params } };
}

/** @param {string} text */
function shortened(text) {
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}
