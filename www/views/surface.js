/**
 * A stack of canvases of one size. What changes at different rates lies on different canvases: a moved particle redraws no
 * contour line. Sizes are CSS pixels; the device's pixel ratio is applied here alone.
 */

/** Beyond two device pixels to a CSS pixel the eye gains nothing and the pixels to fill double … */
const MOST_RATIO = 2;
/** … and a canvas of more pixels than this takes longer to write than a frame has. */
const MOST_PIXELS = 2e6;

/** @typedef {ReturnType<typeof makeSurface>} Surface */

/**
 * @param {HTMLElement} parent
 * @param {string} name
 */
export function makeSurface(parent, name) {
  const canvas = document.createElement('canvas');
  canvas.className = `surface surface-${name}`;
  canvas.setAttribute('aria-hidden', 'true');
  parent.append(canvas);
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  let width = 0;
  let height = 0;
  let ratio = 1;
  let mostRatio = MOST_RATIO;

  return {
    canvas,
    ctx,

    /** Device pixels to a CSS pixel. */
    get ratio() {
      return ratio;
    },

    /** Fits the canvas; what was drawn is gone. @param {number} w @param {number} h */
    resize(w, h) {
      width = w;
      height = h;
      ratio = Math.min(devicePixelRatio, mostRatio, Math.max(1, Math.sqrt(MOST_PIXELS / (w * h))));
      canvas.width = Math.max(1, Math.round(w * ratio));
      canvas.height = Math.max(1, Math.round(h * ratio));
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    },

    /** Takes fewer pixels from now on, for a machine that is slow to write them. @returns {boolean} Whether there was room for that. */
    coarsen() {
      if (ratio <= 1) return false;
      mostRatio = Math.max(1, 0.75 * ratio);
      this.resize(width, height);
      return true;
    },

    clear() {
      ctx.clearRect(0, 0, width, height);
    },
  };
}
