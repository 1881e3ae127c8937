import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What is known of the adapter that WebGPU runs on. */
export interface Adapter {
  /** Empty where the system does not say. */
  readonly name: string;
  /** A processor that plays a GPU: right results, and times that say nothing about one. */
  readonly isSoftware: boolean;
}

/** onnxruntime does not name its adapter, so this goes by what Vulkan is told to load, and by NVIDIA's own tool. */
export async function adapter(): Promise<Adapter> {
  const { VK_DRIVER_FILES = '', VK_ICD_FILENAMES = '' } = process.env;
  if (/lvp|lavapipe|llvmpipe|swiftshader/i.test(`${VK_DRIVER_FILES} ${VK_ICD_FILENAMES}`))
    return { name: "software Vulkan (Mesa's lavapipe)", isSoftware: true };
  return { name: await nvidiaName(), isSoftware: false };
}

async function nvidiaName(): Promise<string> {
  const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: 5000 });
    const [name, driver, memory] = (stdout.split('\n')[0] ?? '').split(',').map((part) => part.trim());
    return name ? `${name}, driver ${driver}, ${memory}` : '';
  } catch {
    return '';
  }
}

/** A sentence for the notes of whatever was measured on the GPU. */
export function adapterNote({ name, isSoftware }: Adapter): string {
  if (isSoftware) return `WebGPU ran on ${name}: its times say nothing about a GPU.`;
  return name === ''
    ? 'Which adapter WebGPU ran on is unknown, since onnxruntime does not name it: on software Vulkan, as in a virtual machine, its times say nothing about a GPU.'
    : `WebGPU ran on the adapter that it prefers; nvidia-smi names ${name}.`;
}
