import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** Tells whether an NVIDIA driver is here and its devices are not hidden from this process. */
export function hasNvidia(): boolean {
  const { CUDA_VISIBLE_DEVICES } = process.env;
  if (CUDA_VISIBLE_DEVICES === '' || CUDA_VISIBLE_DEVICES?.startsWith('-1')) return false;
  return existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidia0');
}

/** Names the device as its reader would. */
export function deviceName(gpu: boolean): string {
  if (!gpu) return `CPU (${cpus()[0]?.model.trim() || process.arch}, ${availableParallelism()} threads)`;
  const folder = '/proc/driver/nvidia/gpus';
  try {
    const models = readdirSync(folder).map((id) =>
      /^Model:\s*(.+)$/m.exec(readFileSync(`${folder}/${id}/information`, 'utf8'))?.[1]?.trim(),
    );
    return `GPU (${models.join(', ')})`;
  } catch {
    return 'GPU';
  }
}

let flags: ReadonlySet<string> | undefined;

/** Tells whether this processor has a feature, by Linux's name for it. */
export function processorHas(feature: string): boolean {
  if (flags === undefined) {
    try {
      flags = new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim().split(' '));
    } catch {
      flags = new Set();
    }
  }
  return flags.has(feature);
}

/** Tells whether this processor multiplies bfloat16 by instructions of its own. */
export const hasHalfPrecision = (): boolean => ['avx512_bf16', 'amx_bf16', 'bf16'].some(processorHas);

/** Says in one clause why no TensorFlow can be made on this system; undefined where it can. */
export function unsupported(): string | undefined {
  const { platform, arch } = process;
  if (platform !== 'linux' || arch !== 'x64')
    return `TensorFlow can be set up on Linux x64 only, and this is ${platform} ${arch}`;
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  const [major = 0, minor = 0] = (header.glibcVersionRuntime ?? '').split('.').map(Number);
  if (major > 2 || (major === 2 && minor >= 27)) return undefined;
  return `TensorFlow needs the GNU C library 2.27 or later, and this system has ${header.glibcVersionRuntime ?? 'another one'}`;
}
