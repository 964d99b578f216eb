/** Sentences with places for buttons: a language puts the words where its grammar wants them. */

/**
 * A string in pieces: plain text, and the names in braces.
 * @param {string} text
 * @returns {({text: string} | {name: string})[]}
 */
export function fragments(text) {
  return text
    .split(/\{(\w+)\}/)
    .map((part, i) => (i % 2 === 1 ? { name: part } : { text: part }))
    .filter((part) => !('text' in part) || part.text !== '');
}
