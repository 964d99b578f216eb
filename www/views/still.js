/** What stays where it is until somebody moves it: data and test points, written as pixels. */

import { makeCanvasImage } from './canvas-image.js';
import { circle, cross } from './markers.js';
import { markerRadius } from './points.js';
import { makeStamp, stampAll } from './stamps.js';

/** @import {Palette} from './palette.js' */
/** @import {Stamp} from './stamps.js' */
/** @import {Surface} from './surface.js' */
/** @import {Transform} from './transform.js' */

/** CSS pixels of the markers' radii on a large plot. */
const RADIUS = { data: 3.4, test: 2.6 };

/** @param {Surface} surface */
export function makeStill(surface) {
  const image = makeCanvasImage(surface);
  /** The last stamp of each kind. @type {Record<string, {look: string, stamp: Stamp}>} */
  const stamps = {};

  /** @param {'data' | 'test'} kind @param {number} count @param {Transform} transform @param {Palette} palette */
  const stampOf = (kind, count, transform, palette) => {
    const radius = markerRadius(count, RADIUS[kind], transform);
    const look = `${radius} ${surface.ratio} ${palette[kind]} ${palette.surface}`;
    if (stamps[kind]?.look !== look) {
      const colours = kind === 'data' ? { shape: circle, fill: palette.data } : { shape: cross, stroke: palette.test };
      stamps[kind] = { look, stamp: makeStamp({ ...colours, radius, halo: palette.surface }, surface.ratio) };
    }
    return stamps[kind].stamp;
  };

  return {
    /**
     * @param {{data: ArrayLike<number> | null, test: ArrayLike<number> | null}} points [2n] each; null is not drawn.
     * @param {Transform} transform
     * @param {Palette} palette
     */
    draw({ data, test }, transform, palette) {
      const plane = image.plane;
      plane.pixels.fill(0);
      if (test) stampAll(plane, test, transform, surface.ratio, stampOf('test', test.length / 2, transform, palette));
      if (data) stampAll(plane, data, transform, surface.ratio, stampOf('data', data.length / 2, transform, palette));
      image.show();
    },
  };
}
