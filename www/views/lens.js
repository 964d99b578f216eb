/**
 * One Langevin step under a magnifying glass: x' = x − h∇E(x) + σz as arrows, the drift from the particle, the noise from the
 * drift's tip, and the gradient dashed, uphill. Steps are a few pixels long on the plot, so the glass enlarges until the step
 * fills it, and says how much.
 */

import { isolines } from './isolines.js';
import { surfaceHeight } from './relief.js';
import { multiples, niceStep } from './ticks.js';

/** @import {Landscape, ParticleMove} from '../engine/protocol.js' */
/** @import {Palette} from './palette.js' */

/** Share of the glass's radius that the longest arrow takes. */
const FILL = 0.72;
/** Points a side, and lines, of the contour under the glass. */
const FINE = 25;
const LINES = 7;

/**
 * CSS pixels a world unit inside the glass.
 * @param {Pick<ParticleMove, 'position' | 'drift' | 'noise' | 'proposal'>} move
 * @param {number} radius Of the glass, CSS pixels.
 */
export function lensScale({ position, drift, noise, proposal }, radius) {
  const lengths = [
    Math.hypot(drift[0], drift[1]),
    Math.hypot(noise[0], noise[1]),
    Math.hypot(proposal[0] - position[0], proposal[1] - position[1]),
  ];
  // A step of nothing (a flat energy, no noise) is shown at the size of a thousandth of a unit.
  return (FILL * radius) / Math.max(1e-3, ...lengths);
}

/**
 * @param {CanvasRenderingContext2D} ctx Of a square canvas of 2 · radius CSS pixels.
 * @param {number} radius
 * @param {ParticleMove} move
 * @param {Palette} palette
 * @param {{canvas: HTMLCanvasElement, landscape: Landscape} | null} heat The coloured grid behind the arrows.
 */
export function drawLens(ctx, radius, move, palette, heat) {
  const scale = lensScale(move, radius);
  const { position, drift, noise, proposal, gradient } = move;
  /** @param {ArrayLike<number>} p World. @returns {[number, number]} */
  const at = (p) => [radius + (p[0] - position[0]) * scale, radius - (p[1] - position[1]) * scale];

  ctx.clearRect(0, 0, 2 * radius, 2 * radius);
  ctx.save();
  ctx.beginPath();
  ctx.arc(radius, radius, radius - 1, 0, 2 * Math.PI);
  ctx.fillStyle = palette.surface;
  ctx.fill();
  ctx.clip();
  if (heat) {
    const { columns, rows, extent } = heat.landscape;
    const [left, top] = at([extent[0], extent[3]]);
    ctx.drawImage(
      heat.canvas,
      0,
      0,
      columns,
      rows,
      left,
      top,
      (extent[1] - extent[0]) * scale,
      (extent[3] - extent[2]) * scale,
    );
    // Lines of the energy, as many as the glass has room for: the drift crosses them at right angles.
    const corner = { x: position[0] - radius / scale, y: position[1] - radius / scale, side: (2 * radius) / scale };
    drawLines(ctx, radius, corner, heat.landscape, palette.ink);
  }
  const tip = [position[0] + drift[0], position[1] + drift[1]];
  const slope = Math.hypot(gradient[0], gradient[1]);
  if (slope > 0) {
    const reach = (0.5 * radius) / (slope * scale);
    ctx.setLineDash([3, 3]);
    arrow(
      ctx,
      at(position),
      at([position[0] + gradient[0] * reach, position[1] + gradient[1] * reach]),
      palette.gradient,
      palette.surface,
    );
    ctx.setLineDash([]);
  }
  if (move.path?.length) way(ctx, [position, ...pairs(move.path), proposal].map(at), palette);
  arrow(ctx, at(position), at(tip), palette.drift, palette.surface);
  arrow(ctx, at(tip), at([tip[0] + noise[0], tip[1] + noise[1]]), palette.noise, palette.surface);
  mark(ctx, at(position), 3.5, palette.model, palette.surface, true);
  mark(ctx, at(proposal), 5.5, palette.proposal, palette.surface, move.accepted === true);
  if (move.accepted === false) strike(ctx, at(proposal), palette.ink);
  ctx.restore();

  ctx.beginPath();
  ctx.arc(radius, radius, radius - 1, 0, 2 * Math.PI);
  ctx.strokeStyle = palette.line;
  ctx.lineWidth = 1;
  ctx.stroke();
}

/**
 * Contour lines of the piece of the landscape under the glass, sampled finely from between the grid's cells.
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} radius
 * @param {{x: number, y: number, side: number}} corner Lower left of the square under the glass, and its side, world.
 * @param {Landscape} landscape
 * @param {string} colour
 */
function drawLines(ctx, radius, { x, y, side }, landscape, colour) {
  const piece = new Float32Array(FINE * FINE);
  for (let i = 0; i < piece.length; i++) {
    const u = (i % FINE) / (FINE - 1);
    const v = Math.floor(i / FINE) / (FINE - 1);
    piece[i] = surfaceHeight(landscape, landscape.energy, x + u * side, y + v * side);
  }
  const [low, high] = [Math.min(...piece), Math.max(...piece)];
  if (!(high > low)) return;
  const cell = (2 * radius) / (FINE - 1);
  ctx.beginPath();
  isolines(piece, FINE, FINE, multiples(low, high, niceStep(high - low, LINES)), (ax, ay, bx, by) => {
    ctx.moveTo(ax * cell, 2 * radius - ay * cell);
    ctx.lineTo(bx * cell, 2 * radius - by * cell);
  });
  ctx.globalAlpha = 0.25;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {[number, number]} from
 * @param {[number, number]} to
 * @param {string} colour
 * @param {string} halo
 */
function arrow(ctx, from, to, colour, halo) {
  const [vx, vy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(vx, vy);
  if (length < 1) return;
  const head = Math.min(8, 0.5 * length);
  const [ux, uy] = [(vx / length) * head, (vy / length) * head];
  ctx.beginPath();
  ctx.moveTo(from[0], from[1]);
  ctx.lineTo(to[0], to[1]);
  ctx.moveTo(to[0] - ux - 0.5 * uy, to[1] - uy + 0.5 * ux);
  ctx.lineTo(to[0], to[1]);
  ctx.lineTo(to[0] - ux + 0.5 * uy, to[1] - uy - 0.5 * ux);
  ctx.lineCap = ctx.lineJoin = 'round';
  ctx.strokeStyle = halo;
  ctx.lineWidth = 4.5;
  ctx.stroke();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.stroke();
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {[number, number]} at
 * @param {number} d CSS pixels from the middle to a corner.
 * @param {string} colour
 * @param {string} halo
 * @param {boolean} filled
 */
function mark(ctx, [x, y], d, colour, halo, filled) {
  ctx.beginPath();
  ctx.moveTo(x, y - d);
  ctx.lineTo(x + d, y);
  ctx.lineTo(x, y + d);
  ctx.lineTo(x - d, y);
  ctx.closePath();
  ctx.strokeStyle = halo;
  ctx.lineWidth = 4;
  ctx.stroke();
  ctx.fillStyle = filled ? colour : halo;
  ctx.fill();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.75;
  ctx.stroke();
}

/** @param {CanvasRenderingContext2D} ctx @param {[number, number]} at @param {string} colour */
function strike(ctx, [x, y], colour) {
  ctx.beginPath();
  ctx.moveTo(x - 5, y - 5);
  ctx.lineTo(x + 5, y + 5);
  ctx.moveTo(x - 5, y + 5);
  ctx.lineTo(x + 5, y - 5);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.stroke();
}

/** Points of a flat list. @param {ArrayLike<number>} flat [2n] */
function pairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}

/** The way of a kernel that goes to its proposal by many steps. @param {CanvasRenderingContext2D} ctx @param {[number, number][]} places @param {Palette} palette */
function way(ctx, places, palette) {
  ctx.beginPath();
  for (const [x, y] of places) ctx.lineTo(x, y);
  ctx.strokeStyle = palette.proposal;
  ctx.lineWidth = 1.5;
  ctx.stroke();
  for (const place of places) mark(ctx, place, 2, palette.proposal, palette.surface, true);
}
