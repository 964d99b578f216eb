/** The pixels of a canvas as numbers: an image of the canvas's size that is written to and then put on it as a whole. */

/** @import {Surface} from './surface.js' */

/** @param {Surface} surface */
export function makeCanvasImage(surface) {
  /** @type {ImageData | null} */
  let image = null;
  let pixels = new Int32Array(0);

  return {
    /** The image, as large as the canvas is now; what it held is undefined after a change of size. */
    get plane() {
      const { width, height } = surface.canvas;
      if (image === null || image.width !== width || image.height !== height) {
        image = surface.ctx.createImageData(width, height);
        pixels = new Int32Array(image.data.buffer);
      }
      return { pixels, width, height };
    },

    /** Puts the image on the canvas, in place of what is there. */
    show() {
      if (image !== null) surface.ctx.putImageData(image, 0, 0);
    },
  };
}

/** A CSS colour as an opaque pixel. @param {string} colour */
export function pixelOf(colour) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  ctx.fillStyle = colour;
  ctx.fillRect(0, 0, 1, 1);
  return new Int32Array(ctx.getImageData(0, 0, 1, 1).data.buffer)[0];
}
