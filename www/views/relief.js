/** Heights of the terrain over the plane: the place of each value on the colour scale, with the mountains rounded off. */

/** @import {Landscape} from '../engine/protocol.js' */
/** @import {ColourScale} from './scale.js' */

/** Height of the colour range, in units of the terrain's longer side. */
export const RELIEF = 0.4;
/** From here upwards (place on the colour scale) heights are compressed. */
const KNEE = 0.7;

/**
 * Where the values lie on the colour scale; 0–1 within its range.
 * @param {Landscape} landscape
 * @param {Pick<ColourScale, 'quantity' | 'range'>} scale
 * @returns {Float32Array} [rows · columns]
 */
export function places({ energy, logZ }, { quantity, range }) {
  const result = new Float32Array(energy.length);
  for (let i = 0; i < energy.length; i++) {
    const value = quantity === 'density' ? Math.exp(-energy[i] - logZ) : energy[i];
    result[i] = (value - range[0]) / (range[1] - range[0]);
  }
  return result;
}

/**
 * Height of a place on the colour scale. What lies beyond the colours rises on, ever more slowly, to at most 1: cut off
 * flat, the rim would be a staircase along the grid.
 * @param {number} place
 */
export function rounded(place) {
  if (place <= KNEE) return Math.max(-0.1, place);
  return 1 - (1 - KNEE) * Math.exp(-(place - KNEE) / (1 - KNEE));
}

/**
 * Sides of the terrain along x and y, the longer one 1.
 * @param {import('../engine/protocol.js').Extent} extent
 */
export function sides([x0, x1, y0, y1]) {
  const longer = Math.max(x1 - x0, y1 - y0);
  return [(x1 - x0) / longer, (y1 - y0) / longer];
}

/**
 * The height at a world point, bilinear between the middles of the cells.
 * @param {Pick<Landscape, 'columns' | 'rows' | 'extent'>} landscape
 * @param {ArrayLike<number>} height [rows · columns]
 * @param {number} x
 * @param {number} y
 */
export function surfaceHeight({ columns, rows, extent }, height, x, y) {
  const c = held(((x - extent[0]) / (extent[1] - extent[0])) * columns - 0.5, columns - 1);
  const r = held(((y - extent[2]) / (extent[3] - extent[2])) * rows - 0.5, rows - 1);
  const [c0, r0] = [Math.min(columns - 2, Math.floor(c)), Math.min(rows - 2, Math.floor(r))];
  const [u, v] = [c - c0, r - r0];
  const k = r0 * columns + c0;
  const low = height[k] * (1 - u) + height[k + 1] * u;
  const high = height[k + columns] * (1 - u) + height[k + columns + 1] * u;
  return low * (1 - v) + high * v;
}

/** @param {number} x @param {number} most */
function held(x, most) {
  return Math.min(most, Math.max(0, x));
}
