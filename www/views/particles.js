/** The samples and their trails: the one layer that changes in every frame, written as pixels. */

import { makeCanvasImage, pixelOf } from './canvas-image.js';
import { diamond } from './markers.js';
import { markerRadius } from './points.js';
import { makeStamp, stampAll } from './stamps.js';
import { drawPiece, makePlane, moves, paint, trailPixels } from './trails.js';

/** @import {Palette} from './palette.js' */
/** @import {Stamp} from './stamps.js' */
/** @import {Surface} from './surface.js' */
/** @import {Transform} from './transform.js' */

/** CSS pixels of a marker's radius on a large plot. */
const RADIUS = 3.2;

/** @param {Surface} surface */
export function makeParticles(surface) {
  const image = makeCanvasImage(surface);
  let freshness = makePlane(0);
  let colours = trailPixels(0);
  /** @type {Stamp | null} */
  let stamp = null;
  let look = '';
  /** Particles of the last draw. @type {Float32Array | null} */
  let last = null;

  return {
    /**
     * @param {Float32Array} particles [2n]
     * @param {boolean} trails
     * @param {Transform} transform
     * @param {Palette} palette
     */
    draw(particles, trails, transform, palette) {
      const plane = image.plane;
      const { pixels, width, height } = plane;
      const { ratio } = surface;
      const radius = markerRadius(particles.length / 2, RADIUS, transform);
      const wanted = `${radius} ${ratio} ${palette.model} ${palette.surface}`;
      if (stamp === null || look !== wanted) {
        look = wanted;
        stamp = makeStamp({ shape: diamond, radius, fill: palette.model, halo: palette.surface }, ratio);
        colours = trailPixels(pixelOf(palette.model));
      }
      if (freshness.words.length !== Math.ceil(pixels.length / 4)) freshness = makePlane(pixels.length);
      const moved = last !== null && last !== particles;
      if (trails && moved && last !== null) {
        moves(last, particles, (x0, y0, x1, y1) =>
          drawPiece(
            freshness.bytes,
            width,
            height,
            transform.x(x0) * ratio,
            transform.y(y0) * ratio,
            transform.x(x1) * ratio,
            transform.y(y1) * ratio,
          ),
        );
      }
      pixels.fill(0);
      if (trails) paint(freshness, pixels, colours, moved);
      last = particles;
      stampAll(plane, particles, transform, ratio, stamp);
      image.show();
    },

    /** Forgets the trails: what they were drawn for has changed. */
    clear() {
      freshness.words.fill(0);
      last = null;
    },
  };
}
