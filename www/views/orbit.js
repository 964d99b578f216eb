/** A camera that circles the terrain: drag, wheel, two fingers, arrow keys and + −. */

const HOME = { azimuth: 0.5, elevation: 0.75, distance: 2.2 };
const ELEVATION = { least: 0.1, most: Math.PI / 2 - 0.01 };
const DISTANCE = { least: 0.8, most: 5 };
/** Radians a CSS pixel, and a key press. */
const DRAG = 0.008;
const KEY = 0.12;

/**
 * @param {HTMLElement} element
 * @param {() => void} changed
 */
export function makeOrbit(element, changed) {
  let { azimuth, elevation, distance } = HOME;
  /** @type {Map<number, [number, number]>} */
  const pointers = new Map();

  /** @param {number} da @param {number} de @param {number} zoom */
  const turn = (da, de, zoom = 1) => {
    azimuth += da;
    elevation = Math.min(ELEVATION.most, Math.max(ELEVATION.least, elevation + de));
    distance = Math.min(DISTANCE.most, Math.max(DISTANCE.least, distance / zoom));
    changed();
  };
  const apart = () => {
    const [a, b] = pointers.values();
    return a && b ? Math.hypot(a[0] - b[0], a[1] - b[1]) : 0;
  };

  /** @param {PointerEvent} event */
  const onDown = (event) => {
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
  };
  /** @param {PointerEvent} event */
  const onMove = (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) return;
    const before = apart();
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    const after = apart();
    // Of two fingers each turns by half.
    const share = DRAG / pointers.size;
    turn(-(event.clientX - last[0]) * share, (event.clientY - last[1]) * share, before > 0 ? after / before : 1);
  };
  /** @param {PointerEvent} event */
  const onUp = (event) => pointers.delete(event.pointerId);
  /** @param {WheelEvent} event */
  const onWheel = (event) => {
    event.preventDefault();
    turn(0, 0, Math.exp(-event.deltaY * 0.0016));
  };
  const onDouble = () => {
    ({ azimuth, elevation, distance } = HOME);
    changed();
  };
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowLeft: () => turn(-KEY, 0),
    ArrowRight: () => turn(KEY, 0),
    ArrowUp: () => turn(0, KEY),
    ArrowDown: () => turn(0, -KEY),
    '+': () => turn(0, 0, 1.2),
    '=': () => turn(0, 0, 1.2),
    '-': () => turn(0, 0, 1 / 1.2),
    0: onDouble,
  };
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    const act = keys[event.key];
    if (!act || event.target !== element || event.ctrlKey || event.metaKey) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  };

  element.tabIndex = 0;
  const listeners = /** @type {[string, (event: any) => void, object?][]} */ ([
    ['pointerdown', onDown],
    ['pointermove', onMove],
    ['pointerup', onUp],
    ['pointercancel', onUp],
    ['wheel', onWheel, { passive: false }],
    ['dblclick', onDouble],
    ['keydown', onKey],
  ]);
  for (const [type, listener, options] of listeners) element.addEventListener(type, listener, options);

  return {
    /** Azimuth and elevation in radians, distance in sides of the terrain. @returns {[number, number, number]} */
    get position() {
      return [azimuth, elevation, distance];
    },
    dispose() {
      for (const [type, listener] of listeners) element.removeEventListener(type, listener);
    },
  };
}
