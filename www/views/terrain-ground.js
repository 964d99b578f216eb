/** The terrain's surface: one vertex a cell of the grid, coloured as the cell is on the flat plot. */

import { BufferAttribute, BufferGeometry, DoubleSide, Mesh, MeshLambertMaterial } from 'three';
import { RELIEF, sides } from './relief.js';

/** @import {Landscape} from '../engine/protocol.js' */

export function makeGround() {
  const geometry = new BufferGeometry();
  // Pushed back a little, so that points that lie on the surface are not half buried in it.
  const material = new MeshLambertMaterial({
    vertexColors: true,
    side: DoubleSide,
    polygonOffset: true,
    polygonOffsetFactor: 2,
    polygonOffsetUnits: 8,
  });
  let position = new Float32Array(0);
  let colour = new Float32Array(0);
  let shape = '';

  return {
    mesh: new Mesh(geometry, material),

    /**
     * @param {Landscape} landscape
     * @param {Float32Array} place [rows · columns] Places on the colour scale.
     * @param {Float32Array} height [rows · columns]
     * @param {Uint32Array} table Colours.
     */
    set({ columns, rows, extent }, place, height, table) {
      if (shape !== `${columns} ${rows}`) {
        shape = `${columns} ${rows}`;
        position = new Float32Array(3 * columns * rows);
        colour = new Float32Array(3 * columns * rows);
        // Frees the old buffers on the GPU: three.js forgets attributes that are merely replaced.
        geometry.dispose();
        geometry.setIndex(triangles(columns, rows));
        geometry.setAttribute('position', new BufferAttribute(position, 3));
        geometry.setAttribute('color', new BufferAttribute(colour, 3));
      }
      const bytes = new Uint8Array(table.buffer);
      const [width, depth] = sides(extent);
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          const k = r * columns + c;
          position[3 * k] = ((c + 0.5) / columns - 0.5) * width;
          position[3 * k + 1] = RELIEF * height[k];
          position[3 * k + 2] = (0.5 - (r + 0.5) / rows) * depth;
          const from = 4 * Math.round(Math.min(1, Math.max(0, place[k])) * (table.length - 1));
          for (let channel = 0; channel < 3; channel++) colour[3 * k + channel] = LINEAR[bytes[from + channel]];
        }
      }
      geometry.attributes.position.needsUpdate = true;
      geometry.attributes.color.needsUpdate = true;
      geometry.computeVertexNormals();
      geometry.computeBoundingSphere();
    },

    dispose() {
      geometry.dispose();
      material.dispose();
    },
  };
}

/** sRGB bytes as linear light, in which three.js takes the colours of vertices (IEC 61966-2-1). */
const LINEAR = Float32Array.from({ length: 256 }, (_, byte) => {
  const v = byte / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});

/** Two triangles a cell. @param {number} columns @param {number} rows */
function triangles(columns, rows) {
  const index = [];
  for (let r = 0; r + 1 < rows; r++) {
    for (let c = 0; c + 1 < columns; c++) {
      const a = r * columns + c;
      index.push(a, a + 1, a + columns, a + 1, a + columns + 1, a + columns);
    }
  }
  return index;
}
