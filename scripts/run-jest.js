import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const JEST = join(ROOT, 'node_modules/jest/bin/jest.js')

/** Runs jest to its own end and counts: a file that cannot run, a run that does not end or finds nothing, is a failure. */
export async function runJest(args, { env = {}, minutes = 40 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'schemactl-jest-'))
  const report = join(folder, 'report.json')
  try {
    const ended = await run([JEST, '--json', `--outputFile=${report}`, ...args], env, minutes)
    return count(report, ended)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function count(report, { status, signal, late }) {
  if (late) console.error('jest did not end by itself')
  const read = readReport(report)
  const passed = read?.numPassedTests ?? 0
  const failed = (read?.numFailedTests ?? 0) + (read?.numRuntimeErrorTestSuites ?? 0)
  const broken = failed === 0 && (late || signal !== null || status !== 0 || passed === 0)
  return { passed, failed: broken ? 1 : failed }
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

function run(args, env, minutes) {
  // `--json` prints the report on stdout too, hence only stderr is shown: progress and failures are there.
  const jest = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --no-warnings=ExperimentalWarning`.trim(),
      ...env,
    },
  })
  const forward = (signal) => jest.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward)
  let late = false
  const limit = setTimeout(() => {
    late = true
    jest.kill('SIGKILL')
  }, minutes * 60_000)
  return new Promise((resume) => {
    jest.once('exit', (status, signal) => {
      clearTimeout(limit)
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, forward)
      resume({ status, signal, late })
    })
  })
}
