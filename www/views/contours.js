/** Contour lines of the landscape, one hair's breadth each, at the levels of the colour scale. */

import { isolines } from './isolines.js';

/** @import {Landscape} from '../engine/protocol.js' */
/** @import {ColourScale} from './scale.js' */
/** @import {Transform} from './transform.js' */

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Transform} transform
 * @param {Landscape} landscape
 * @param {ColourScale} scale
 * @param {string} colour
 */
export function drawContours(ctx, transform, landscape, scale, colour) {
  const { columns, rows, extent, energy } = landscape;
  // Grid values belong to the middles of their cells.
  const dx = ((extent[1] - extent[0]) / columns) * transform.scale;
  const dy = ((extent[3] - extent[2]) / rows) * transform.scale;
  const x = transform.x(extent[0]) + dx / 2;
  const y = transform.y(extent[2]) - dy / 2;
  ctx.beginPath();
  isolines(energy, columns, rows, energyLevels(scale, landscape.logZ), (ax, ay, bx, by) => {
    ctx.moveTo(x + ax * dx, y - ay * dy);
    ctx.lineTo(x + bx * dx, y - by * dy);
  });
  ctx.strokeStyle = colour;
  ctx.globalAlpha = 0.3;
  ctx.lineWidth = 1;
  ctx.lineCap = 'round';
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/**
 * The levels as energies, ascending: p = exp(−E)/Z is constant where E is, so lines of either quantity are traced in E,
 * which is the smoother of the two between grid points.
 * @param {ColourScale} scale
 * @param {number} logZ
 */
export function energyLevels({ quantity, levels }, logZ) {
  return quantity === 'energy' ? levels : levels.map((p) => -Math.log(p) - logZ).reverse();
}
