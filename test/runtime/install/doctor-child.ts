// `banyan doctor` in a process of its own, since a process has one runtime. Arguments: a requirement, --json.
import { doctorCommand } from '../../../src/runtime/index.ts';

const [require] = process.argv.slice(2).filter((word) => word !== '--json');
process.exitCode = await doctorCommand({ json: process.argv.includes('--json'), require });
