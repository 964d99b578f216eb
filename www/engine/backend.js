/** Which backend a browser can use, and so which core the worker downloads. */

/** @import {Backend, BackendChoice} from './protocol.js' */

/**
 * What of navigator.gpu decides.
 * @typedef {{requestAdapter: (options: {powerPreference: 'high-performance'}) =>
 *   Promise<{info: {isFallbackAdapter?: boolean}} | null>}} Adapters
 */

/**
 * The backend for a choice, with the reason: a locale key under `backend.reason`.
 * @param {BackendChoice} choice
 * @param {Adapters | undefined} gpu
 * @returns {Promise<Backend>}
 */
export async function suited(choice, gpu) {
  if (choice === 'wasm') return { name: 'wasm', reason: 'chosen' };
  if (!gpu) return { name: 'wasm', reason: 'no-webgpu' };
  // As the core asks for it.
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!adapter) return { name: 'wasm', reason: 'no-adapter' };
  if (choice === 'webgpu') return { name: 'webgpu', reason: 'chosen' };
  if (adapter.info.isFallbackAdapter) return { name: 'wasm', reason: 'software' };
  return { name: 'webgpu', reason: 'available' };
}
