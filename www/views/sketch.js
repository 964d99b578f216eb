/** What the pointer is about: the outline of the lasso, the disc of a brush, the point that a press would take. */

/** @import {ParticleMove} from '../engine/protocol.js' */
/** @import {Palette} from './palette.js' */
/** @import {Transform} from './transform.js' */

/**
 * @typedef {{kind: 'lasso', polygon: [number, number][]}
 *   | {kind: 'brush', centre: [number, number], radius: number}
 *   | {kind: 'point', index: number}
 *   | {kind: 'particle', at: [number, number]}} Sketch World units.
 */

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Transform} transform
 * @param {object} options
 * @param {Sketch | null} options.sketch
 * @param {ArrayLike<number>} options.data [2n]
 * @param {ParticleMove | null} options.move Of the selected particle, which gets a ring.
 * @param {Palette} options.palette
 */
export function drawSketch(ctx, transform, { sketch, data, move, palette }) {
  if (move) ring(ctx, transform, [move.position[0], move.position[1]], 9, palette.model, palette.surface);
  if (sketch === null) return;
  switch (sketch.kind) {
    case 'lasso': {
      ctx.beginPath();
      for (const [x, y] of sketch.polygon) ctx.lineTo(transform.x(x), transform.y(y));
      ctx.closePath();
      ctx.globalAlpha = 0.12;
      ctx.fillStyle = palette.focus;
      ctx.fill();
      ctx.globalAlpha = 1;
      outline(ctx, palette, [5, 4]);
      break;
    }
    case 'brush': {
      const [x, y] = sketch.centre;
      ctx.beginPath();
      ctx.arc(transform.x(x), transform.y(y), sketch.radius * transform.scale, 0, 2 * Math.PI);
      outline(ctx, palette, []);
      break;
    }
    case 'point':
      if (2 * sketch.index + 1 < data.length)
        ring(ctx, transform, [data[2 * sketch.index], data[2 * sketch.index + 1]], 7.5, palette.data, palette.surface);
      break;
    case 'particle':
      ring(ctx, transform, sketch.at, 7.5, palette.model, palette.surface);
      break;
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {Palette} palette @param {number[]} dash */
function outline(ctx, palette, dash) {
  ctx.strokeStyle = palette.surface;
  ctx.lineWidth = 3;
  ctx.stroke();
  ctx.setLineDash(dash);
  ctx.strokeStyle = palette.ink;
  ctx.lineWidth = 1.25;
  ctx.stroke();
  ctx.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Transform} transform
 * @param {[number, number]} at World.
 * @param {number} radius CSS pixels.
 * @param {string} colour
 * @param {string} halo
 */
function ring(ctx, transform, [x, y], radius, colour, halo) {
  ctx.beginPath();
  ctx.arc(transform.x(x), transform.y(y), radius, 0, 2 * Math.PI);
  ctx.strokeStyle = halo;
  ctx.lineWidth = 4.5;
  ctx.stroke();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.stroke();
}
