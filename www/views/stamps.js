/**
 * Thousands of markers as pixels. A marker is painted once by the browser, at sixteen positions within a pixel, and stamped
 * from there into an image by copying. A canvas without a GPU fills outlines on the main thread, at 10 to 20 µs a marker:
 * 4,096 of them would take several frames; a stamp is a few dozen writes to memory, on every machine.
 */

/** @import {Shape} from './markers.js' */
/** @import {Transform} from './transform.js' */

/** Positions within a pixel, along each axis. */
const PHASES = 4;
/** Where on a machine the lowest byte of a number comes first (all that browsers run on), a pixel is 0xAABBGGRR. */
const ALPHA = 24;

/**
 * A marker at one position within a pixel: the pixels that it covers, those that it covers wholly first.
 * @typedef {{x: Int16Array, y: Int16Array, colour: Int32Array, opaque: number}} Picture
 */
/** @typedef {{reach: number, pictures: Picture[]}} Stamp `reach`: pixels from the middle to the farthest. */

/**
 * @param {object} look
 * @param {Shape} look.shape
 * @param {number} look.radius CSS pixels.
 * @param {string} [look.fill]
 * @param {string} [look.stroke]
 * @param {string} look.halo
 * @param {number} ratio Device pixels to a CSS pixel.
 * @returns {Stamp}
 */
export function makeStamp({ shape, radius, fill, stroke, halo }, ratio) {
  const reach = Math.ceil((1.25 * radius + 2) * ratio) + 1;
  const size = 2 * reach + 1;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  const pictures = [];
  for (let k = 0; k < PHASES * PHASES; k++) {
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, size, size);
    ctx.translate(reach + (k % PHASES) / PHASES, reach + Math.floor(k / PHASES) / PHASES);
    ctx.scale(ratio, ratio);
    ctx.lineJoin = 'round';
    ctx.beginPath();
    shape(ctx, 0, 0, radius);
    ctx.strokeStyle = halo;
    ctx.lineWidth = stroke ? 3.4 : 2;
    ctx.stroke();
    if (fill) {
      ctx.fillStyle = fill;
      ctx.fill();
    }
    if (stroke) {
      ctx.strokeStyle = stroke;
      ctx.lineWidth = 1.4;
      ctx.stroke();
    }
    pictures.push(pictureOf(new Int32Array(ctx.getImageData(0, 0, size, size).data.buffer), reach));
  }
  return { reach, pictures };
}

/**
 * @param {Int32Array} pixels [(2 · reach + 1)²]
 * @param {number} reach
 * @returns {Picture}
 */
export function pictureOf(pixels, reach) {
  const size = 2 * reach + 1;
  const covered = Array.from(pixels.keys()).filter((i) => pixels[i] >>> ALPHA > 0);
  covered.sort((i, j) => Number(pixels[j] >>> ALPHA === 255) - Number(pixels[i] >>> ALPHA === 255));
  return {
    x: Int16Array.from(covered, (i) => (i % size) - reach),
    y: Int16Array.from(covered, (i) => Math.floor(i / size) - reach),
    colour: Int32Array.from(covered, (i) => pixels[i]),
    opaque: covered.filter((i) => pixels[i] >>> ALPHA === 255).length,
  };
}

/**
 * Stamps a marker at every point.
 * @param {{pixels: Int32Array, width: number, height: number}} image
 * @param {ArrayLike<number>} points [2n], world.
 * @param {Transform} transform
 * @param {number} ratio Device pixels to a CSS pixel.
 * @param {Stamp} stamp
 */
export function stampAll({ pixels, width, height }, points, transform, ratio, { reach, pictures }) {
  const places = pictures.map(({ x, y }) => Int32Array.from(x, (dx, k) => y[k] * width + dx));
  for (let i = 0; i + 1 < points.length; i += 2) {
    const px = Math.round(transform.x(points[i]) * ratio * PHASES);
    const py = Math.round(transform.y(points[i + 1]) * ratio * PHASES);
    const x = Math.floor(px / PHASES);
    const y = Math.floor(py / PHASES);
    if (!(x > -reach && y > -reach && x < width + reach && y < height + reach)) continue;
    const phase = (py - y * PHASES) * PHASES + (px - x * PHASES);
    const { colour, opaque } = pictures[phase];
    if (x >= reach && y >= reach && x < width - reach && y < height - reach) {
      const place = places[phase];
      const base = y * width + x;
      for (let k = 0; k < opaque; k++) pixels[base + place[k]] = colour[k];
      for (let k = opaque; k < colour.length; k++) pixels[base + place[k]] = over(colour[k], pixels[base + place[k]]);
    } else {
      stampAtEdge(pixels, width, height, x, y, pictures[phase]);
    }
  }
}

/** @param {Int32Array} pixels @param {number} width @param {number} height @param {number} x @param {number} y @param {Picture} picture */
function stampAtEdge(pixels, width, height, x, y, picture) {
  for (let k = 0; k < picture.colour.length; k++) {
    const [px, py] = [x + picture.x[k], y + picture.y[k]];
    if (px < 0 || py < 0 || px >= width || py >= height) continue;
    pixels[py * width + px] = over(picture.colour[k], pixels[py * width + px]);
  }
}

/**
 * One pixel over another: Porter & Duff 1984, for colours that are not multiplied by their alpha.
 * @param {number} source
 * @param {number} below
 */
export function over(source, below) {
  const a = source >>> ALPHA;
  const under = below >>> ALPHA;
  if (under === 0 || a === 255) return source;
  if (under === 255) {
    // The usual case, in whole numbers: red and blue are mixed in one multiplication, a byte apart. 0–255 → 0–256.
    const share = a + (a >>> 7);
    const rest = 256 - share;
    const redBlue = (Math.imul(source & 0xff00ff, share) + Math.imul(below & 0xff00ff, rest)) >>> 8;
    const green = (Math.imul(source & 0x00ff00, share) + Math.imul(below & 0x00ff00, rest)) >>> 8;
    return 0xff000000 | (redBlue & 0xff00ff) | (green & 0x00ff00);
  }
  const b = (under * (255 - a)) / 255;
  const alpha = a + b;
  const red = ((source & 255) * a + (below & 255) * b) / alpha + 0.5;
  const green = (((source >>> 8) & 255) * a + ((below >>> 8) & 255) * b) / alpha + 0.5;
  const blue = (((source >>> 16) & 255) * a + ((below >>> 16) & 255) * b) / alpha + 0.5;
  return ((alpha + 0.5) << ALPHA) | (blue << 16) | (green << 8) | red;
}
