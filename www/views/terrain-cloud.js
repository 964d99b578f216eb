/** Points that lie on the terrain, as flat markers of the same shapes as on the plot. */

import { BufferAttribute, BufferGeometry, CanvasTexture, Points, PointsMaterial, SRGBColorSpace } from 'three';
import { circle, diamond } from './markers.js';
import { RELIEF, sides } from './relief.js';

/** @import {Extent} from '../engine/protocol.js' */

/** Pixels of a marker's picture. */
const PICTURE = 64;

/**
 * @param {'circle' | 'diamond'} shape
 * @param {number} size CSS pixels across.
 */
export function makeCloud(shape, size) {
  const geometry = new BufferGeometry();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = PICTURE;
  const picture = new CanvasTexture(canvas);
  picture.colorSpace = SRGBColorSpace;
  const material = new PointsMaterial({ map: picture, size, sizeAttenuation: false, alphaTest: 0.5 });
  // Drawn a little nearer than they are: a flat marker would be cut in half by the slope that it lies on.
  material.onBeforeCompile = (shader) => {
    shader.vertexShader = shader.vertexShader.replace(
      '#include <project_vertex>',
      '#include <project_vertex>\n  gl_Position.z -= 0.008 * gl_Position.w / -mvPosition.z;',
    );
  };
  const points = new Points(geometry, material);
  // The points change every frame; a bounding sphere to cull by would be computed for nothing.
  points.frustumCulled = false;
  let position = new Float32Array(0);
  let painted = '';

  /** @param {string} colour @param {string} halo */
  const paint = (colour, halo) => {
    if (painted === colour + halo) return;
    painted = colour + halo;
    const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    ctx.clearRect(0, 0, PICTURE, PICTURE);
    ctx.beginPath();
    (shape === 'circle' ? circle : diamond)(
      ctx,
      PICTURE / 2,
      PICTURE / 2,
      PICTURE * (shape === 'circle' ? 0.36 : 0.32),
    );
    ctx.strokeStyle = halo;
    ctx.lineWidth = PICTURE * 0.24;
    ctx.lineJoin = 'round';
    ctx.stroke();
    ctx.fillStyle = colour;
    ctx.fill();
    picture.needsUpdate = true;
  };

  return {
    points,

    /** Device pixels to a CSS pixel. @param {number} ratio */
    set ratio(ratio) {
      material.size = size * ratio;
    },

    /**
     * @param {ArrayLike<number>} world [2n]; what lies outside the extent is left out.
     * @param {Extent} extent
     * @param {(x: number, y: number) => number} height
     * @param {string} colour
     * @param {string} halo
     */
    set(world, extent, height, colour, halo) {
      paint(colour, halo);
      const most = world.length / 2;
      if (position.length < 3 * most) {
        position = new Float32Array(3 * most);
        geometry.dispose();
        geometry.setAttribute('position', new BufferAttribute(position, 3));
      }
      const [width, depth] = sides(extent);
      let n = 0;
      for (let i = 0; i < world.length; i += 2) {
        const u = (world[i] - extent[0]) / (extent[1] - extent[0]);
        const v = (world[i + 1] - extent[2]) / (extent[3] - extent[2]);
        if (u < 0 || u > 1 || v < 0 || v > 1) continue;
        position[n++] = (u - 0.5) * width;
        position[n++] = RELIEF * height(world[i], world[i + 1]);
        position[n++] = (0.5 - v) * depth;
      }
      geometry.setDrawRange(0, n / 3);
      if (geometry.attributes.position) geometry.attributes.position.needsUpdate = true;
    },

    dispose() {
      geometry.dispose();
      material.dispose();
      picture.dispose();
    },
  };
}
