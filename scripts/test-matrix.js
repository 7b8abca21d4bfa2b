import { existsSync } from 'node:fs'
import { build } from './build.js'
import { runJest } from './run-jest.js'

// Major by major, so that five servers never share two cores: `npm run test:matrix -- 14 18` takes only those.
const MAJORS = process.argv.slice(2).filter((word) => /^\d+$/.test(word))
const majors = MAJORS.length > 0 ? MAJORS : ['14', '15', '16', '17', '18']
const total = { passed: 0, failed: 0 }

if (!existsSync(new URL('../test/fixtures.test.ts', import.meta.url))) throw new Error('test/fixtures.test.ts is missing')
await build()
for (const major of majors) {
  console.log(`PostgreSQL ${major}`)
  const { passed, failed } = await runJest(['test/fixtures.test.ts'], { env: { SCHEMACTL_TEST_MAJORS: major } })
  total.passed += passed
  total.failed += failed
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
