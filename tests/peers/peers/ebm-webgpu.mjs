import { dsm2d as train, langevin2d as sample, mnistcd as images, pcd2d as contrast, start } from './_ebm.mjs';

export const meta = { peer: 'ebm', backend: 'webgpu', version: '0.1.0', serve: { '/ebm/': 'pkg/' } };
export const setup = start;
export const dsm2d = () => train('webgpu');
export const mnistcd = () => images('webgpu');
export const pcd2d = () => contrast('webgpu');
export const langevin2d = () => sample('webgpu');
