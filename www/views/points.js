/**
 * Points that are picked out: the batch and the negatives of a training update, the moves of a sub-step, the visitor's choice.
 * Data are blue circles, samples orange diamonds, test points green crosses: each differs by shape and by colour.
 */

import { circle, cross, diamond, drawMarkers } from './markers.js';

/** @import {Frame, Move} from '../engine/protocol.js' */
/** @import {Palette} from './palette.js' */
/** @import {Transform} from './transform.js' */

/** Plot's shorter side at which markers have their full size, CSS pixels. */
const FULL = 700;

/** Points up to which markers have their full size. */
const FEW = 512;

/**
 * Radius of a marker: many points are drawn smaller, so that their density shows, and so are those on a small plot.
 * @param {number} count
 * @param {number} few CSS pixels, for few points on a large plot.
 * @param {Pick<Transform, 'width' | 'height'>} plot
 */
export function markerRadius(count, few, { width, height }) {
  const crowd = Math.min(1, Math.max(0.4, (FEW / count) ** 0.3));
  return few * crowd * Math.min(1, Math.max(0.7, Math.sqrt(Math.min(width, height) / FULL)));
}

/** The data of the batch, larger than the rest. @param {CanvasRenderingContext2D} ctx @param {Transform} transform @param {ArrayLike<number>} batch @param {Palette} palette */
export function drawBatch(ctx, transform, batch, palette) {
  drawMarkers(ctx, transform, batch, { shape: circle, radius: 4, fill: palette.data, halo: palette.surface });
}

/** Hollow diamonds: the negatives that the data are compared with. @param {CanvasRenderingContext2D} ctx @param {Transform} transform @param {ArrayLike<number>} negatives @param {Palette} palette */
export function drawNegatives(ctx, transform, negatives, palette) {
  drawMarkers(ctx, transform, negatives, {
    shape: diamond,
    radius: 4.6,
    fill: palette.surface,
    stroke: palette.model,
    width: 1.6,
  });
}

/**
 * The moves of one sub-step: a line from where each particle was to its proposal, and a struck-out mark where the proposal
 * was refused.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Transform} transform
 * @param {Move} move
 * @param {Palette} palette
 */
export function drawMoves(ctx, transform, { position, proposal, path, accepted }, palette) {
  const refused = [];
  const columns = (2 * path.length) / position.length;
  ctx.beginPath();
  for (let i = 0; i < position.length; i += 2) {
    ctx.moveTo(transform.x(position[i]), transform.y(position[i + 1]));
    for (let k = (i / 2) * columns; k < (i / 2 + 1) * columns; k += 2)
      ctx.lineTo(transform.x(path[k]), transform.y(path[k + 1]));
    ctx.lineTo(transform.x(proposal[i]), transform.y(proposal[i + 1]));
    if (!accepted[i / 2]) refused.push(proposal[i], proposal[i + 1]);
  }
  ctx.strokeStyle = palette.proposal;
  ctx.lineWidth = 1.25;
  ctx.stroke();
  drawMarkers(ctx, transform, refused, {
    shape: cross,
    radius: 3,
    stroke: palette.ink,
    halo: palette.surface,
    width: 1.4,
  });
}

/**
 * Rings around chosen points.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Transform} transform
 * @param {ArrayLike<number>} data [2n]
 * @param {Iterable<number>} chosen Indices.
 * @param {Palette} palette
 */
export function drawChosen(ctx, transform, data, chosen, palette) {
  const points = [];
  for (const i of chosen) if (2 * i + 1 < data.length) points.push(data[2 * i], data[2 * i + 1]);
  drawMarkers(ctx, transform, points, {
    shape: circle,
    radius: 6.5,
    stroke: palette.ink,
    halo: palette.surface,
    width: 1.75,
  });
}

/** What of a frame is drawn of a step that was taken by hand. @param {Frame | null} frame */
export function stepShown(frame) {
  const stepping = frame !== null && frame.clock.stage !== null;
  return {
    batch: stepping ? (frame.batch ?? null) : null,
    negatives: stepping ? (frame.negatives ?? null) : null,
    move: frame?.event?.move ?? null,
  };
}
