/**
 * The landscape in three dimensions: energy is height, so that samples run downhill, in the colours of the flat plot. This
 * module brings three.js with it; import it only when the terrain is asked for: `await import('./views/terrain.js')`.
 */

import { effect } from '@preact/signals-core';
import { AmbientLight, DirectionalLight, PerspectiveCamera, Scene, WebGLRenderer } from 'three';
import './plot.css';
import { makeOrbit } from './orbit.js';
import { readPalette } from './palette.js';
import { places, RELIEF, rounded, surfaceHeight } from './relief.js';
import { colourScale } from './scale.js';
import { makeCloud } from './terrain-cloud.js';
import { makeGround } from './terrain-ground.js';

/** @import {Frame} from '../engine/protocol.js' */
/** @import {Store} from '../state/store.js' */

/** Angle of view along the plot's shorter side, degrees. */
const ANGLE = 32;

/**
 * @param {object} options
 * @param {HTMLElement} options.element
 * @param {Store} options.store
 */
export function makeTerrain({ element, store }) {
  element.classList.add('terrain');
  element.setAttribute('role', 'img');
  element.setAttribute('aria-label', store.t('terrain.name'));
  const scale = colourScale(store);
  const renderer = new WebGLRenderer({ antialias: true, alpha: true });
  renderer.domElement.className = 'surface';
  renderer.domElement.setAttribute('aria-hidden', 'true');
  element.append(renderer.domElement);

  const scene = new Scene();
  const camera = new PerspectiveCamera(ANGLE, 1, 0.05, 20);
  const sky = new AmbientLight(0xffffff, 2.1);
  const sun = new DirectionalLight(0xffffff, 1.5);
  sun.position.set(-1.2, 2, 0.8);
  const ground = makeGround();
  const data = makeCloud('circle', 9);
  const samples = makeCloud('diamond', 10);
  scene.add(sky, sun, ground.mesh, data.points, samples.points);

  /** @type {Frame | null} */
  let frame = null;
  let waiting = 0;
  let stale = true;

  /** @param {boolean} [reshape] Whether more than the camera has moved. */
  const redraw = (reshape = false) => {
    stale ||= reshape;
    waiting ||= requestAnimationFrame(draw);
  };
  const orbit = makeOrbit(element, redraw);

  const shape = () => {
    const landscape = frame?.landscape;
    if (!landscape) return;
    const place = places(landscape, scale.peek());
    const height = place.map(rounded);
    ground.set(landscape, place, height, scale.peek().table);
    const palette = readPalette(element);
    // Mountains are near black in the dark: they need more light to have a shape.
    sun.intensity = store.theme.peek() === 'dark' ? 4.5 : 1.5;
    const layers = store.layers.peek();
    /** @param {number} x @param {number} y */
    const on = (x, y) => surfaceHeight(landscape, height, x, y);
    data.set(layers.data ? store.data.peek() : [], landscape.extent, on, palette.data, palette.surface);
    const particles = layers.particles ? (frame?.particles ?? []) : [];
    samples.set(particles, landscape.extent, on, palette.model, palette.surface);
  };

  const draw = () => {
    waiting = 0;
    if (stale) shape();
    stale = false;
    const [azimuth, elevation, distance] = orbit.position;
    const flat = Math.cos(elevation) * distance;
    camera.position.set(flat * Math.sin(azimuth), Math.sin(elevation) * distance, flat * Math.cos(azimuth));
    camera.lookAt(0, RELIEF / 3, 0);
    renderer.render(scene, camera);
  };

  const resize = () => {
    const { clientWidth: width, clientHeight: height } = element;
    if (width === 0 || height === 0) return;
    const ratio = Math.min(devicePixelRatio, 2);
    renderer.setPixelRatio(ratio);
    renderer.setSize(width, height, false);
    data.ratio = samples.ratio = ratio;
    camera.aspect = width / height;
    // three.js takes the angle from bottom to top; on a tall plot it is widened until the terrain's width fits.
    const half = Math.tan((ANGLE * Math.PI) / 360) / Math.min(1, camera.aspect);
    camera.fov = (Math.atan(half) * 360) / Math.PI;
    camera.updateProjectionMatrix();
    redraw();
  };
  const observer = new ResizeObserver(resize);
  observer.observe(element);
  const stop = effect(() => {
    scale.value;
    store.layers.value;
    store.data.value;
    redraw(true);
  });

  return {
    /** @param {Frame} next */
    update(next) {
      const moved = next.landscape !== frame?.landscape || next.particles !== frame?.particles;
      frame = next;
      if (moved) redraw(true);
    },

    dispose() {
      stop();
      observer.disconnect();
      orbit.dispose();
      cancelAnimationFrame(waiting);
      ground.dispose();
      data.dispose();
      samples.dispose();
      renderer.dispose();
      // A browser keeps only so many WebGL contexts, and collects what was dropped when it likes.
      renderer.forceContextLoss();
      renderer.domElement.remove();
      element.classList.remove('terrain');
      element.removeAttribute('role');
      element.removeAttribute('aria-label');
    },
  };
}
