/**
 * Colour maps. Each is a path through OKLab (Ottosson 2020) whose lightness runs one way at an even pace, so that equal steps
 * of the value are equal steps to the eye, in grey print and to eyes that mix up red and green or blue and yellow. Few colours
 * are chosen; everything between is computed.
 */

/** @typedef {[number, number, number]} Lch OKLab lightness 0–1, chroma, hue in degrees. */
/** @typedef {'energy' | 'density'} Quantity */
/** @typedef {'light' | 'dark'} Theme */

/**
 * From the value drawn first (lowest energy, no density) to the last. Hues keep clear of the blue of data and the orange of
 * samples, which are drawn on top.
 * @type {Record<Quantity, Record<Theme, Lch[]>>}
 */
const STOPS = {
  energy: {
    light: [
      [0.7, 0.075, 190],
      [0.81, 0.056, 175],
      [0.9, 0.032, 150],
      [0.975, 0.006, 95],
    ],
    dark: [
      [0.53, 0.075, 180],
      [0.43, 0.066, 200],
      [0.31, 0.042, 235],
      [0.19, 0.014, 265],
    ],
  },
  density: {
    light: [
      [0.975, 0.006, 95],
      [0.88, 0.05, 150],
      [0.76, 0.08, 175],
      [0.63, 0.085, 190],
    ],
    dark: [
      [0.19, 0.014, 265],
      [0.32, 0.06, 250],
      [0.46, 0.075, 205],
      [0.61, 0.1, 165],
    ],
  },
};

const SIZE = 256;
/** @type {Map<string, Uint32Array>} */
const tables = new Map();

/** The colours of a quantity. @param {Quantity} quantity @param {Theme} theme */
export const colourTable = (quantity, theme) => tableOf(`${quantity} ${theme}`, STOPS[quantity][theme]);

/**
 * A colour map as 256 pixels of ImageData, each in one number.
 * @param {string} name It is computed once.
 * @param {Lch[]} stops
 * @returns {Uint32Array}
 */
export function tableOf(name, stops) {
  const known = tables.get(name);
  if (known) return known;
  const table = new Uint32Array(SIZE);
  const bytes = new Uint8ClampedArray(table.buffer);
  for (let i = 0; i < SIZE; i++) {
    const rgb = oklchToRgb(along(stops, i / (SIZE - 1)));
    bytes.set([...rgb, 255], 4 * i);
  }
  tables.set(name, table);
  return table;
}

/**
 * The colour of a value as CSS text.
 * @param {Uint32Array} table
 * @param {number} t Place in the map, 0–1; beyond the ends the ends' colours stand.
 */
export function cssColour(table, t) {
  const i = Math.round(Math.min(1, Math.max(0, t)) * (table.length - 1));
  const [r, g, b] = new Uint8ClampedArray(table.buffer, 4 * i, 3);
  return `rgb(${r} ${g} ${b})`;
}

/** A colour map as a CSS gradient from left to right. @param {Uint32Array} table */
export function cssGradient(table) {
  const stops = Array.from({ length: 17 }, (_, i) => cssColour(table, i / 16));
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

/** @param {Lch[]} stops @param {number} t @returns {Lch} */
function along(stops, t) {
  const place = t * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(place));
  const part = place - i;
  const [a, b] = [stops[i], stops[i + 1]];
  const turn = ((b[2] - a[2] + 540) % 360) - 180;
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + turn * part];
}

/**
 * OKLCh → sRGB 0–255, clipped. The two matrices are those of Björn Ottosson, "A perceptual color space for image processing".
 * @param {Lch} lch
 * @returns {[number, number, number]}
 */
export function oklchToRgb([L, C, h]) {
  const a = C * Math.cos((h * Math.PI) / 180);
  const b = C * Math.sin((h * Math.PI) / 180);
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** Linear light → sRGB byte (IEC 61966-2-1). @param {number} x */
function encode(x) {
  const clipped = Math.min(1, Math.max(0, x));
  return 255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055);
}
