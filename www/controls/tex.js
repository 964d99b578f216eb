/**
 * The formulas of the manifest as MathML, which browsers set themselves: the part of TeX that they are written in, and no
 * more. What belongs to the data (x⁺) and to the negatives (x⁻) is marked, so that it has the colours of the plot.
 */

/** @type {Record<string, string>} */
const SYMBOLS = {
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  epsilon: 'ε',
  varepsilon: 'ε',
  eta: 'η',
  theta: 'θ',
  lambda: 'λ',
  mu: 'μ',
  nu: 'ν',
  xi: 'ξ',
  pi: 'π',
  rho: 'ρ',
  sigma: 'σ',
  tau: 'τ',
  phi: 'ϕ',
  varphi: 'φ',
  psi: 'ψ',
  omega: 'ω',
  infty: '∞',
  ell: 'ℓ',
};

/** @type {Record<string, string>} */
const OPERATORS = {
  nabla: '∇',
  partial: '∂',
  sum: '∑',
  int: '∫',
  cdot: '·',
  times: '×',
  pm: '±',
  sim: '∼',
  le: '≤',
  ge: '≥',
  in: '∈',
  mid: '∣',
  approx: '≈',
  to: '→',
  ldots: '…',
  propto: '∝',
  top: '⊤',
  lVert: '‖',
  rVert: '‖',
  langle: '⟨',
  rangle: '⟩',
};

const FUNCTIONS = ['log', 'ln', 'exp', 'min', 'max', 'sin', 'cos', 'tanh', 'det', 'tr', 'E'];

/** Widths of spaces, em. @type {Record<string, number>} */
const SPACES = { ',': 0.17, ':': 0.22, ';': 0.28, ' ': 0.25, quad: 1, qquad: 2 };

/** Letters in other alphabets that formulas use. @type {Record<string, Record<string, string>>} */
const ALPHABETS = {
  mathcal: { L: 'ℒ', N: '𝒩', U: '𝒰', D: '𝒟' },
  mathbb: { E: '𝔼', R: 'ℝ' },
};

/** What stands above a letter. @type {Record<string, string>} */
const ACCENTS = { hat: '^', bar: '¯' };

/** Commands that only size the delimiter behind them. */
const SIZES = ['left', 'right', 'bigl', 'bigr', 'Bigl', 'Bigr', 'big', 'Big'];

/**
 * @param {string} tex
 * @returns {string} A <math> element.
 */
export function mathml(tex) {
  const reader = { tokens: tex.match(/\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\s+|./gsu) ?? [], at: 0 };
  return `<math>${row(reader)}</math>`;
}

/** @typedef {{tokens: string[], at: number}} Reader */

/** Everything up to the closing brace or the end. @param {Reader} reader */
function row(reader) {
  let out = '';
  for (let atom = scripted(reader); atom !== null; atom = scripted(reader)) out += atom;
  return `<mrow>${out}</mrow>`;
}

/** An atom with what hangs above and below it. @param {Reader} reader @returns {string | null} */
function scripted(reader) {
  const base = atom(reader);
  if (base === null) return null;
  let below = '';
  let above = '';
  let side = '';
  for (;;) {
    const token = reader.tokens[reader.at];
    if (token === '_') below = argument(reader, 1);
    else if (token === '^') {
      side = { '+': 'data', '-': 'model' }[reader.tokens[reader.at + 1]] ?? '';
      above = argument(reader, 1);
    } else if (token === "'") {
      above += '<mo>′</mo>';
      reader.at++;
    } else break;
  }
  const marked = side ? ` class="of-${side}"` : '';
  if (below && above) return `<msubsup>${base}${below}<mrow>${above}</mrow></msubsup>`;
  if (below) return `<msub>${base}${below}</msub>`;
  return above ? `<msup${marked}>${base}<mrow>${above}</mrow></msup>` : base;
}

/** The next atom as an argument, braced or not. @param {Reader} reader @param {number} [skip] Tokens before it. */
function argument(reader, skip = 0) {
  reader.at += skip;
  return atom(reader) ?? '<mrow></mrow>';
}

/** The text of a braced argument, as it stands. @param {Reader} reader */
function plain(reader) {
  const end = reader.tokens.indexOf('}', reader.at);
  if (end < 0) throw new Error('A formula has a brace that is not closed.');
  const text = reader.tokens.slice(reader.at + 1, end).join('');
  reader.at = end + 1;
  return text;
}

/** @param {Reader} reader @returns {string | null} */
function atom(reader) {
  const token = reader.tokens[reader.at];
  if (token === undefined) return null;
  reader.at++;
  if (token === '}') return null;
  if (token === '{') return row(reader);
  if (/^\s/.test(token)) return atom(reader);
  if (token.startsWith('\\')) return command(token.slice(1), reader);
  if (/^\d/.test(token)) return `<mn>${token}</mn>`;
  if (/^\p{L}$/u.test(token)) return `<mi>${token}</mi>`;
  const fence = '()[]|'.includes(token) ? ' stretchy="false"' : '';
  return `<mo${fence}>${token === '-' ? '−' : escaped(token)}</mo>`;
}

/** @param {string} name @param {Reader} reader @returns {string | null} */
function command(name, reader) {
  if (name in SYMBOLS) return `<mi>${SYMBOLS[name]}</mi>`;
  if (name in OPERATORS) return `<mo>${OPERATORS[name]}</mo>`;
  if (name in SPACES) return `<mspace width="${SPACES[name]}em"></mspace>`;
  if (name in ALPHABETS) {
    const letter = plain(reader);
    return `<mi>${ALPHABETS[name][letter] ?? escaped(letter)}</mi>`;
  }
  if (FUNCTIONS.includes(name)) return `<mi>${name}</mi>`;
  if (SIZES.includes(name)) return atom(reader);
  if (name === 'mathrm' || name === 'operatorname') return `<mi mathvariant="normal">${escaped(plain(reader))}</mi>`;
  if (name === 'text') return `<mtext>${escaped(plain(reader))}</mtext>`;
  if (name === 'overline') return over(argument(reader));
  if (name in ACCENTS)
    return `<mover accent="true">${argument(reader)}<mo stretchy="false">${ACCENTS[name]}</mo></mover>`;
  if (name === 'sqrt') return `<msqrt>${argument(reader)}</msqrt>`;
  if (name === 'frac' || name === 'tfrac') return fraction(reader);
  throw new Error(`\\${name} is not a command that formulas are written in.`);
}

/** A mean. What is of the data alone, or of the negatives alone, is so as a whole. @param {string} content */
function over(content) {
  const [data, model] = [content.includes('of-data'), content.includes('of-model')];
  const marked = data === model ? '' : ` of-${data ? 'data' : 'model'}`;
  // A rule of the style sheet: stretching a character takes a font for mathematics, which many systems lack.
  return `<mrow class="mean${marked}">${content}</mrow>`;
}

/** @param {Reader} reader A digit stands for itself, so that \tfrac12 is one half. */
function fraction(reader) {
  const next = reader.tokens[reader.at];
  if (/^\d{2}$/.test(next)) {
    reader.at++;
    return `<mfrac><mn>${next[0]}</mn><mn>${next[1]}</mn></mfrac>`;
  }
  return `<mfrac>${argument(reader)}${argument(reader)}</mfrac>`;
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
