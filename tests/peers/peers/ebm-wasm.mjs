import { dsm2d as train, langevin2dInWorkers, mnistcd as images, pcd2d as contrast, start } from './_ebm.mjs';

export const meta = { peer: 'ebm', backend: 'wasm', version: '0.1.0', serve: { '/ebm/': 'pkg/' } };
export const setup = start;
export const dsm2d = () => train('wasm');
export const mnistcd = () => images('wasm');
export const pcd2d = () => contrast('wasm');
export const langevin2d = langevin2dInWorkers;
