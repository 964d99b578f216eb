/**
 * Markers: a shape at many places. They are filled as paths of a few shapes each: an image a marker costs the software canvas
 * of a machine without a GPU ten times as much, and one path of thousands of shapes makes it sort all their edges together.
 */

/** Shapes in one path. */
const CHUNK = 16;

/** @typedef {(ctx: CanvasRenderingContext2D, x: number, y: number, r: number) => void} Shape Adds a closed outline to the path. */

/** @type {Shape} */
export function circle(ctx, x, y, r) {
  ctx.moveTo(x + r, y);
  ctx.arc(x, y, r, 0, 2 * Math.PI);
}

/** @type {Shape} */
export function diamond(ctx, x, y, r) {
  // Corners stand out by a quarter, so that circle and diamond of one radius look equally big.
  const d = 1.25 * r;
  ctx.moveTo(x, y - d);
  ctx.lineTo(x + d, y);
  ctx.lineTo(x, y + d);
  ctx.lineTo(x - d, y);
  ctx.closePath();
}

/** @type {Shape} */
export function cross(ctx, x, y, r) {
  ctx.moveTo(x - r, y - r);
  ctx.lineTo(x + r, y + r);
  ctx.moveTo(x - r, y + r);
  ctx.lineTo(x + r, y - r);
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import('./transform.js').Transform} transform
 * @param {ArrayLike<number>} points [2n], world.
 * @param {object} look
 * @param {Shape} look.shape
 * @param {number} look.radius CSS pixels.
 * @param {string} [look.fill]
 * @param {string} [look.stroke]
 * @param {string} [look.halo] Drawn under each marker, a pixel wider: parts it from its neighbours and from the landscape.
 * @param {number} [look.width] Of the stroke, CSS pixels.
 */
export function drawMarkers(ctx, transform, points, { shape, radius, fill, stroke, halo, width = 1.25 }) {
  const { width: w, height: h } = transform;
  ctx.lineJoin = 'round';
  let held = 0;
  const flush = () => {
    if (held === 0) return;
    held = 0;
    if (halo) {
      ctx.strokeStyle = halo;
      ctx.lineWidth = stroke ? width + 2 : 2;
      ctx.stroke();
    }
    if (fill) {
      ctx.fillStyle = fill;
      ctx.fill();
    }
    if (stroke) {
      ctx.strokeStyle = stroke;
      ctx.lineWidth = width;
      ctx.stroke();
    }
    ctx.beginPath();
  };
  ctx.beginPath();
  for (let i = 0; i + 1 < points.length; i += 2) {
    const x = transform.x(points[i]);
    const y = transform.y(points[i + 1]);
    if (!(x > -radius && y > -radius && x < w + radius && y < h + radius)) continue;
    shape(ctx, x, y, radius);
    if (++held === CHUNK) flush();
  }
  flush();
}
