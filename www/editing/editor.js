/**
 * Pointers on the plot: mouse, pen and finger. One pointer works the tool, or moves the view where the tool finds nothing to
 * take; two fingers zoom and move the view. Positions are taken once a screen frame, however many events a fast mouse sends.
 */

import { effect } from '@preact/signals-core';
import { HOME, panned } from '../views/transform.js';
import { watchImports } from './import.js';
import { watchHistoryKeys, watchKeys } from './keyboard.js';
import { makeSelectionBar } from './selection-bar.js';
import { makeTools } from './tools.js';
import { makePinch, watchWheel } from './zoom.js';

/** @import {Store} from '../state/store.js' */
/** @import {Plot} from '../views/plot.js' */
/** @import {Tool, Touch} from './tools.js' */

/** Hit radii, CSS pixels. */
const HIT = { mouse: 12, pen: 14, touch: 22 };
/** A pointer that strayed no further than this (CSS pixels) clicked. */
const SLACK = { mouse: 3, pen: 5, touch: 8 };
/** Two clicks within this time (milliseconds) and distance (CSS pixels) reset the view. */
const DOUBLE = { time: 320, distance: 24 };
/** `buttons` of a pen that is held upside down. */
const PEN_ERASER = 32;
/** `button` of a mouse's wheel. */
const MIDDLE = 1;

/**
 * @param {object} options
 * @param {HTMLElement} options.element The plot.
 * @param {Store} options.store
 * @param {Pick<Plot, 'transform' | 'sketch' | 'say'>} options.plot
 */
export function makeEditor({ element, store, plot }) {
  const tools = makeTools(store, (sketch) => {
    plot.sketch.value = sketch;
  });
  const pinch = makePinch(store, plot);
  const bar = makeSelectionBar({ element, store });
  /** The press under way. @type {{id: number, tool: Tool | null, start: [number, number], at: [number, number], type: string, moved: boolean, more: boolean, fresh: boolean} | null} */
  let press = null;
  /** @type {{time: number, at: [number, number]} | null} */
  let lastClick = null;
  /** @type {PointerEvent | null} */
  let hovering = null;
  let waiting = 0;
  let lastFrame = 0;

  /** @param {PointerEvent} event @returns {[number, number]} CSS pixels of the plot. */
  const position = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  /** @param {[number, number]} at CSS pixels of the plot. @param {string} type @param {boolean} more @returns {Touch} */
  const touch = ([x, y], type, more) => {
    const { transform } = plot;
    const hit = HIT[/** @type {keyof typeof HIT} */ (type)] ?? HIT.mouse;
    return { at: [transform.worldX(x), transform.worldY(y)], radius: hit / transform.scale, more };
  };

  /** @param {PointerEvent} event */
  const toolOf = (event) => {
    if (event.button === MIDDLE) return null;
    return event.pointerType === 'pen' && event.buttons & PEN_ERASER ? tools.erase : tools[store.tool.peek()];
  };

  const letGo = () => {
    if (press === null) return;
    press.tool?.up(touch(press.at, press.type, press.more), true);
    press = null;
    element.classList.remove('pressed');
  };

  /** @param {PointerEvent} event */
  const onDown = (event) => {
    if (event.button > MIDDLE || ofControl(event)) return;
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    const at = position(event);
    if (event.pointerType === 'touch' && pinch.down(event.pointerId, at)) {
      letGo();
      return;
    }
    if (press !== null) return;
    const type = event.pointerType;
    const more = event.shiftKey;
    const tool = toolOf(event);
    const taken = tool?.down(touch(at, type, more)) ?? false;
    press = {
      id: event.pointerId,
      tool: taken ? tool : panning(tool, at),
      start: at,
      at,
      type,
      moved: false,
      more,
      fresh: false,
    };
    element.classList.add('pressed');
    tick();
  };

  /** Moves the view; a click goes on to the tool. @param {Tool | null} tool @param {[number, number]} from @returns {Tool} */
  const panning = (tool, from) => {
    let last = from;
    return {
      down: () => true,
      move() {
        if (press === null) return;
        const { scale } = plot.transform;
        store.view.value = panned(store.view.peek(), (press.at[0] - last[0]) / scale, (last[1] - press.at[1]) / scale);
        last = press.at;
      },
      up(at, moved) {
        if (!moved) tool?.up(at, false);
      },
      hover: () => null,
    };
  };

  /** @param {PointerEvent} event */
  const onMove = (event) => {
    if (event.pointerType === 'touch' && pinch.move(event.pointerId, position(event))) return;
    if (press === null) {
      hovering = ofControl(event) ? null : event;
    } else if (event.pointerId === press.id) {
      press.at = position(event);
      press.fresh = true;
      const slack = SLACK[/** @type {keyof typeof SLACK} */ (press.type)] ?? SLACK.mouse;
      press.moved ||= Math.hypot(press.at[0] - press.start[0], press.at[1] - press.start[1]) > slack;
    }
    tick();
  };

  /** Once a screen frame: what the pointer did since the last. */
  const onFrame = () => {
    const now = performance.now();
    const seconds = Math.min(0.1, (now - lastFrame) / 1000);
    lastFrame = now;
    waiting = 0;
    if (press !== null) {
      const here = touch(press.at, press.type, press.more);
      if (press.fresh && press.moved) press.tool?.move(here);
      press.fresh = false;
      press.tool?.hold?.(here, seconds);
      if (press.tool?.hold) tick();
    } else if (hovering !== null && hovering.pointerType !== 'touch') {
      const found = tools[store.tool.peek()].hover(touch(position(hovering), hovering.pointerType, false));
      plot.sketch.value = found;
      element.dataset.over = found?.kind ?? 'nothing';
    } else {
      plot.sketch.value = null;
    }
  };
  const tick = () => {
    if (waiting !== 0) return;
    if (lastFrame === 0 || performance.now() - lastFrame > 100) lastFrame = performance.now();
    waiting = requestAnimationFrame(onFrame);
  };

  /** @param {PointerEvent} event */
  const onUp = (event) => {
    if (event.pointerType === 'touch' && pinch.up(event.pointerId)) return;
    if (press === null || event.pointerId !== press.id) return;
    const { tool, moved, type, more } = press;
    press.at = position(event);
    const here = touch(press.at, type, more);
    if (press.fresh && moved) tool?.move(here);
    // A tap can be over before the first screen frame: what the tool does while held still happens once.
    if (waiting !== 0) tool?.hold?.(here, 0);
    tool?.up(here, moved);
    press = null;
    element.classList.remove('pressed');
    if (!moved) clicked(event, tool);
    if (type === 'touch') plot.sketch.value = null;
    tick();
  };

  /** @param {PointerEvent} event @param {Tool | null} tool */
  const clicked = (event, tool) => {
    const at = position(event);
    // When it happened, not when a busy page came to it.
    const now = event.timeStamp;
    const again =
      lastClick !== null &&
      now - lastClick.time < DOUBLE.time &&
      Math.hypot(at[0] - lastClick.at[0], at[1] - lastClick.at[1]) < DOUBLE.distance;
    lastClick = again ? null : { time: now, at };
    // Tools that took the click (a point was there, or one was added) have their own use for the second one.
    const onGround = tool !== null && !Object.values(tools).includes(tool);
    if (again && onGround) store.view.value = HOME;
  };

  /** @param {PointerEvent} event */
  const onCancel = (event) => {
    pinch.up(event.pointerId);
    if (press?.id === event.pointerId) letGo();
  };
  const onLeave = () => {
    hovering = null;
    tick();
  };

  element.addEventListener('pointerdown', onDown);
  element.addEventListener('pointermove', onMove);
  element.addEventListener('pointerup', onUp);
  element.addEventListener('pointercancel', onCancel);
  element.addEventListener('pointerleave', onLeave);
  const stops = [
    watchWheel({ element, store, plot }),
    watchKeys({ element, store, plot }),
    watchHistoryKeys(store),
    watchImports({ element, store }),
    effect(() => {
      element.dataset.tool = store.tool.value;
      plot.sketch.value = null;
    }),
  ];

  return {
    dispose() {
      cancelAnimationFrame(waiting);
      element.removeEventListener('pointerdown', onDown);
      element.removeEventListener('pointermove', onMove);
      element.removeEventListener('pointerup', onUp);
      element.removeEventListener('pointercancel', onCancel);
      element.removeEventListener('pointerleave', onLeave);
      for (const stop of stops) stop();
      bar.dispose();
    },
  };
}

/** Whether an event belongs to a card or a button that lies on the plot. @param {PointerEvent} event */
function ofControl(event) {
  return event.target instanceof Element && event.target.closest('.step-card, .selection-bar, .anchor-handle') !== null;
}
