/**
 * The landscape as colours. One canvas pixel a grid cell, stretched by the compositor with its bilinear filter: the main
 * thread writes 128² pixels and scales nothing, however large the plot is.
 */

/** @import {Landscape} from '../engine/protocol.js' */
/** @import {ColourScale} from './scale.js' */
/** @import {Transform} from './transform.js' */

/** @param {HTMLElement} parent */
export function makeHeatmap(parent) {
  const canvas = document.createElement('canvas');
  canvas.className = 'surface surface-heat';
  canvas.setAttribute('aria-hidden', 'true');
  canvas.width = canvas.height = 1;
  parent.append(canvas);
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  /** @type {ImageData | null} */
  let image = null;

  return {
    canvas,

    /** @param {boolean} visible */
    show(visible) {
      canvas.hidden = !visible;
    },

    /** @param {Landscape} landscape @param {ColourScale} scale */
    paint(landscape, scale) {
      const { columns, rows } = landscape;
      if (image === null || image.width !== columns || image.height !== rows) {
        canvas.width = columns;
        canvas.height = rows;
        image = ctx.createImageData(columns, rows);
      }
      colourCells(new Uint32Array(image.data.buffer), landscape, scale);
      ctx.putImageData(image, 0, 0);
    },

    /** Lays the grid's extent where it belongs on the plot. @param {Landscape} landscape @param {Transform} transform */
    place({ extent, columns, rows }, transform) {
      const left = transform.x(extent[0]);
      const top = transform.y(extent[3]);
      const sx = (transform.x(extent[1]) - left) / columns;
      const sy = (transform.y(extent[2]) - top) / rows;
      canvas.style.transform = `translate(${left}px, ${top}px) scale(${sx}, ${sy})`;
    },
  };
}

/**
 * Colours of the cells, the top row of the image being the last of the grid.
 * @param {Uint32Array} pixels [rows · columns]
 * @param {Landscape} landscape
 * @param {ColourScale} scale
 */
export function colourCells(pixels, { columns, rows, energy, logZ }, { quantity, range, table }) {
  const [low, high] = range;
  const last = table.length - 1;
  const gain = last / (high - low);
  const density = quantity === 'density';
  for (let r = 0; r < rows; r++) {
    const to = (rows - 1 - r) * columns;
    const from = r * columns;
    for (let c = 0; c < columns; c++) {
      const e = energy[from + c];
      const place = ((density ? Math.exp(-e - logZ) : e) - low) * gain + 0.5;
      pixels[to + c] = table[place > last ? last : place > 0 ? place | 0 : 0];
    }
  }
}
