/** What samples of an energy that knows classes follow: w₀ E(x) + Σ_y w_y E(x, y), and how that is written. */

/** Weights [1 + classes]: of E(x), then of each E(x, y). @typedef {number[]} Mix */

/** E(x) alone. @param {number} classes @returns {Mix} */
export const plain = (classes) => [1, ...Array(classes).fill(0)];

/** Some classes alone, each as it is. @param {number} classes @param {number[]} chosen @returns {Mix} */
export const only = (classes, chosen) => [0, ...Array.from({ length: classes }, (_, y) => Number(chosen.includes(y)))];

/** Whether it is E(x) alone. @param {ArrayLike<number>} mix */
export const isPlain = (mix) => Array.from(mix).every((weight, i) => weight === Number(i === 0));

/** The sum in mathematics, what is added first: E(x, 3) + E(x, 8) − 0.5 E(x, 4). @param {ArrayLike<number>} mix @param {(x: number) => string} text */
export function formula(mix, text) {
  const terms = Array.from(mix, (weight, i) => ({ weight, name: i === 0 ? 'E(x)' : `E(x, ${i - 1})` }));
  const written = terms
    .filter(({ weight }) => weight !== 0)
    .sort((a, b) => Math.sign(b.weight) - Math.sign(a.weight))
    .map(({ weight, name }, place) => {
      const size = Math.abs(weight);
      const term = size === 1 ? name : `${text(size)} ${name}`;
      if (place === 0) return weight < 0 ? `−${term}` : term;
      return `${weight < 0 ? '−' : '+'} ${term}`;
    });
  return written.length === 0 ? '0' : written.join(' ');
}
