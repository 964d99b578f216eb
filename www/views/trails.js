/**
 * Trails: where particles have just been. A plane of bytes holds how fresh the trail is at each pixel; every move draws
 * one straight piece a particle at full freshness and lets the whole plane fade, so the cost does not grow with the length
 * of the trails. On a canvas of its own a fade would stop short of nothing: eight bits of alpha round back to themselves.
 */

/** Freshness that is left after a move. */
const KEPT = 0.84;
/** Moves longer than this (world units) are no moves of a chain: the particle was started anew elsewhere. */
const LEAP = 1;
/** Opacity of a fresh trail. */
const OPACITY = 0.5;

/** Freshness after one move, always less than before, so that a trail ends. */
const FADED = Uint8Array.from({ length: 256 }, (_, v) => Math.floor(KEPT * v));

/**
 * Pieces of the newest moves, in world units.
 * @param {ArrayLike<number>} before [2n]
 * @param {ArrayLike<number>} after [2n]; nothing when the number of particles changed.
 * @param {(x0: number, y0: number, x1: number, y1: number) => void} piece
 */
export function moves(before, after, piece) {
  if (before.length !== after.length) return;
  for (let i = 0; i < after.length; i += 2) {
    const dx = after[i] - before[i];
    const dy = after[i + 1] - before[i + 1];
    if ((dx !== 0 || dy !== 0) && dx * dx + dy * dy < LEAP * LEAP)
      piece(before[i], before[i + 1], after[i], after[i + 1]);
  }
}

/**
 * A plane of freshness for some pixels. Most of it is bare, and bare pixels are passed over four at a time.
 * @param {number} count
 */
export function makePlane(count) {
  const words = new Uint32Array(Math.ceil(count / 4));
  return { words, bytes: new Uint8Array(words.buffer) };
}

/**
 * Writes the trails to an image that is empty, and lets them fade by one move if asked to: one walk over the plane for both.
 * @param {ReturnType<typeof makePlane>} plane
 * @param {Int32Array} pixels
 * @param {Int32Array} colours The pixel of each freshness.
 * @param {boolean} fading
 */
export function paint({ words }, pixels, colours, fading) {
  for (let w = 0; w < words.length; w++) {
    let word = words[w];
    if (word === 0) continue;
    if (fading) {
      word =
        FADED[word & 255] |
        (FADED[(word >>> 8) & 255] << 8) |
        (FADED[(word >>> 16) & 255] << 16) |
        (FADED[word >>> 24] << 24);
      words[w] = word;
    }
    pixels[4 * w] = colours[word & 255];
    pixels[4 * w + 1] = colours[(word >>> 8) & 255];
    pixels[4 * w + 2] = colours[(word >>> 16) & 255];
    pixels[4 * w + 3] = colours[word >>> 24];
  }
}

/**
 * Draws a fresh piece: along its longer axis pixel by pixel, each shared between the two nearest across (Wu 1991).
 * @param {Uint8Array} plane [height · width] Freshness.
 * @param {number} width
 * @param {number} height
 * @param {number} x0 Pixels, as are the others.
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 */
export function drawPiece(plane, width, height, x0, y0, x1, y1) {
  const steep = Math.abs(y1 - y0) > Math.abs(x1 - x0);
  const from = steep ? y0 : x0;
  const length = steep ? y1 - y0 : x1 - x0;
  const fromAcross = steep ? x0 : y0;
  const slope = (steep ? x1 - x0 : y1 - y0) / (length || 1);
  const most = steep ? height : width;
  const mostAcross = steep ? width : height;
  const stride = steep ? width : 1;
  const across = steep ? 1 : width;
  const way = length < 0 ? -1 : 1;
  const steps = Math.ceil(Math.abs(length));
  for (let k = 0; k <= steps; k++) {
    const along = Math.round(from + way * k);
    const b = fromAcross + way * k * slope;
    const low = Math.floor(b);
    if (along < 0 || along >= most || low < 0 || low + 1 >= mostAcross) continue;
    const at = along * stride + low * across;
    const share = (255 * (b - low)) | 0;
    if (plane[at] < 255 - share) plane[at] = 255 - share;
    if (plane[at + across] < share) plane[at + across] = share;
  }
}

/**
 * The pixel of each freshness.
 * @param {number} colour A pixel of the trails' colour.
 * @returns {Int32Array} [256]
 */
export function trailPixels(colour) {
  return Int32Array.from({ length: 256 }, (_, v) => (colour & 0xffffff) | (Math.round(OPACITY * v) << 24));
}
