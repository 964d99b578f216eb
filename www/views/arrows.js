/**
 * The score −∇E as a field of arrows. Scores span orders of magnitude, so an arrow's length says small from large and is
 * limited to its cell: ℓ = cell · |s| / (|s| + median |s|). The read-out under the cursor has the numbers.
 */

/** @import {Arrows} from '../engine/protocol.js' */
/** @import {Transform} from './transform.js' */

/** Length of the longest arrow, in cells. */
const REACH = 0.9;
/** Arrows shorter than this, in CSS pixels, are dots. */
const LEAST = 2;

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Transform} transform
 * @param {Arrows} arrows
 * @param {string} colour
 * @param {Float32Array} [vectors] Others than the score, as long as they are beside it.
 */
export function drawArrows(ctx, transform, { columns, rows, extent, score }, colour, vectors = score) {
  const dx = (extent[1] - extent[0]) / columns;
  const dy = (extent[3] - extent[2]) / rows;
  const cell = Math.min(dx, dy) * transform.scale;
  const typical = medianLength(score);
  ctx.beginPath();
  for (let r = 0; r < rows; r++) {
    const y = transform.y(extent[2] + (r + 0.5) * dy);
    for (let c = 0; c < columns; c++) {
      const k = 2 * (r * columns + c);
      const x = transform.x(extent[0] + (c + 0.5) * dx);
      const size = Math.hypot(vectors[k], vectors[k + 1]);
      const length = arrowLength(size, typical, cell);
      if (length < LEAST) {
        ctx.moveTo(x - 0.5, y);
        ctx.lineTo(x + 0.5, y);
      } else {
        arrow(ctx, x, y, (vectors[k] / size) * length, (-vectors[k + 1] / size) * length);
      }
    }
  }
  ctx.strokeStyle = colour;
  ctx.globalAlpha = 0.62;
  ctx.lineWidth = 1.1;
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/**
 * @param {number} size |s|
 * @param {number} typical Median of |s|.
 * @param {number} cell CSS pixels.
 */
export function arrowLength(size, typical, cell) {
  return size > 0 ? (REACH * cell * size) / (size + typical) : 0;
}

/** @param {ArrayLike<number>} vectors [2n] */
export function medianLength(vectors) {
  const lengths = new Float32Array(vectors.length / 2);
  for (let i = 0; i < lengths.length; i++) lengths[i] = Math.hypot(vectors[2 * i], vectors[2 * i + 1]);
  return lengths.sort()[lengths.length >> 1] ?? 0;
}

/**
 * Adds an arrow to the path, its middle at (x, y): that is where the score was taken.
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} x
 * @param {number} y
 * @param {number} vx
 * @param {number} vy
 */
function arrow(ctx, x, y, vx, vy) {
  const [tx, ty] = [x + vx / 2, y + vy / 2];
  ctx.moveTo(x - vx / 2, y - vy / 2);
  ctx.lineTo(tx, ty);
  const head = 0.3;
  ctx.moveTo(tx - head * (vx + 0.6 * vy), ty - head * (vy - 0.6 * vx));
  ctx.lineTo(tx, ty);
  ctx.lineTo(tx - head * (vx - 0.6 * vy), ty - head * (vy + 0.6 * vx));
}
