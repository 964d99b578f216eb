/** A canvas of its own over the plot, for what a model of one kind has to show there. */

/** @import {Plot} from './plot.js' */

/** @param {HTMLElement} after What it lies on. @param {string} name @returns {HTMLCanvasElement} */
export function canvasOver(after, name) {
  const canvas = document.createElement('canvas');
  canvas.className = `surface surface-${name}`;
  canvas.setAttribute('aria-hidden', 'true');
  after.after(canvas);
  return canvas;
}

/**
 * @param {object} options
 * @param {HTMLElement} options.element The plot's.
 * @param {Plot} options.plot
 * @param {string} options.over The surface that it lies on.
 * @param {string} options.name
 */
export function makeOverlay({ element, plot, over, name }) {
  const canvas = canvasOver(/** @type {HTMLElement} */ (element.querySelector(`.surface-${over}`)), name);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  return {
    /** Empty, and of the plot's size. */
    begin() {
      const { width, height } = plot.transform;
      const ratio = Math.min(2, devicePixelRatio);
      canvas.width = Math.max(1, Math.round(width * ratio));
      canvas.height = Math.max(1, Math.round(height * ratio));
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      return context;
    },

    remove: () => canvas.remove(),
  };
}
