import { build } from './build.js'
import { runJest } from './run-jest.js'

await build()
const { passed, failed } = await runJest(process.argv.slice(2))
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
