/** The world's axes: short ticks and small numbers along the lower and left edges, and a hairline around the world [−4, 4]². */

import { multiples, niceStep, tickFormat } from './ticks.js';

/** @import {Transform} from './transform.js' */
/** @import {Palette} from './palette.js' */

/** CSS pixels from number to number, about. */
const SPACING = 90;

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Transform} transform
 * @param {Palette} palette
 * @param {object} options
 * @param {string} options.locale
 * @param {[number, number]} options.world From, to, on both axes.
 */
export function drawAxes(ctx, transform, palette, { locale, world }) {
  const { width, height, extent } = transform;
  const step = niceStep(SPACING / transform.scale, 1);
  const text = tickFormat(locale, step);
  ctx.lineWidth = 1;

  ctx.strokeStyle = palette.ink;
  ctx.globalAlpha = 0.14;
  const [from, to] = world;
  ctx.strokeRect(transform.x(from), transform.y(to), (to - from) * transform.scale, (to - from) * transform.scale);

  ctx.globalAlpha = 0.55;
  ctx.beginPath();
  const xs = multiples(extent[0], extent[1], step).filter((x) => inner(transform.x(x), width));
  const ys = multiples(extent[2], extent[3], step).filter((y) => inner(transform.y(y), height));
  for (const x of xs) {
    ctx.moveTo(transform.x(x), height);
    ctx.lineTo(transform.x(x), height - 5);
  }
  for (const y of ys) {
    ctx.moveTo(0, transform.y(y));
    ctx.lineTo(5, transform.y(y));
  }
  ctx.stroke();

  ctx.font = `10.5px ${palette.font}`;
  ctx.globalAlpha = 0.8;
  ctx.fillStyle = palette.ink;
  ctx.strokeStyle = palette.surface;
  ctx.lineJoin = 'round';
  ctx.lineWidth = 2.5;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'alphabetic';
  for (const x of xs) label(ctx, text(x), transform.x(x), height - 8);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  for (const y of ys) label(ctx, text(y), 8, transform.y(y));
  ctx.globalAlpha = 1;
}

/** Whether a tick keeps clear of the corners. @param {number} at @param {number} size */
function inner(at, size) {
  return at > 24 && at < size - 24;
}

/** @param {CanvasRenderingContext2D} ctx @param {string} text @param {number} x @param {number} y */
function label(ctx, text, x, y) {
  ctx.strokeText(text, x, y);
  ctx.fillText(text, x, y);
}
