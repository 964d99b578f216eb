/** Images on canvases: grey ones as the data are, and signed ones in the two colours of the page. */

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;

/** Pixels between two images of a sheet. */
const GAP = 1;

/**
 * Images as their space has them: in black and white, each pixel is the nearer of both.
 * @param {import('../engine/protocol.js').Space} space @param {Float32Array} images
 */
export const settled = (space, images) =>
  ['binary', 'patterns'].includes(space) ? images.map((x) => (x < 0 ? -1 : 1)) : images;

/** @typedef {number} Shade A pixel: alpha, blue, green and red from the highest byte to the lowest. */
/** @typedef {[red: number, green: number, blue: number]} Rgb From 0 to 255. */

/** @param {Rgb} colour @param {number} alpha @returns {Shade} */
const pixel = ([r, g, b], alpha) => ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;

/** Black for −1, white for 1. @param {number} x @returns {Shade} */
const grey = (x) => {
  const level = Math.round(127.5 * (Math.min(1, Math.max(-1, x)) + 1));
  return pixel([level, level, level], 255);
};

/**
 * Shades of a signed image: clear for 0, up to full colour for the largest magnitude.
 * @param {ArrayLike<number>} values @param {{below: Rgb, above: Rgb}} colours
 * @returns {(x: number) => Shade}
 */
export function signed(values, { below, above }) {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return (x) => pixel(x < 0 ? below : above, most === 0 ? 0 : Math.round((255 * Math.abs(x)) / most));
}

/**
 * Paints square images [n · side²] row by row; of small ones every pixel is several of the canvas, up to SIDE in a row.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} images @param {number} columns
 * @param {object} [how]
 * @param {(x: number) => Shade} [how.shade] @param {number} [how.side] @param {number} [how.gap] @param {number} [how.room] Rows of pixels left free under each.
 * @returns {{width: number, height: number}} From one image to the next, in pixels of the canvas.
 */
export function paint(canvas, images, columns, { shade = grey, side = SIDE, gap = GAP, room = 0 } = {}) {
  const count = Math.floor(images.length / side ** 2);
  const rows = Math.ceil(count / columns);
  const times = Math.floor(SIDE / side);
  const cell = side * times;
  const [across, down] = [cell + gap, cell + gap + room];
  canvas.width = Math.max(1, columns * across - gap);
  canvas.height = Math.max(1, rows * down - gap);
  const context = canvas.getContext('2d');
  if (context === null || count === 0) return { width: across, height: down };
  const picture = context.createImageData(canvas.width, canvas.height);
  // One number a pixel, alpha last, as every machine that browsers run on stores it.
  const pixels = new Uint32Array(picture.data.buffer);
  for (let i = 0; i < count; i++) {
    const corner = Math.floor(i / columns) * canvas.width * down + (i % columns) * across;
    for (let y = 0; y < cell; y++) {
      const row = (i * side + Math.floor(y / times)) * side;
      for (let x = 0; x < cell; x++) pixels[corner + y * canvas.width + x] = shade(images[row + Math.floor(x / times)]);
    }
  }
  context.putImageData(picture, 0, 0);
  return { width: across, height: down };
}

/** Which image of a sheet lies at a share of its width and height. @param {number} x @param {number} y @param {number} columns @param {number} count */
export function imageAt(x, y, columns, count) {
  const rows = Math.ceil(count / columns);
  const column = Math.min(columns - 1, Math.max(0, Math.floor(x * columns)));
  const row = Math.min(rows - 1, Math.max(0, Math.floor(y * rows)));
  return Math.min(count - 1, row * columns + column);
}
