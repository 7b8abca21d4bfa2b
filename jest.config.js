import { bundled } from './scripts/import-typescript.js'

// Jest runs these two outside its own module system, which is what could read TypeScript.
const hook = (name) =>
  bundled('test/servers/global-setup.ts', {
    name: `jest-${name}`,
    contents: `export { ${name} as default } from './test/servers/global-setup.ts'`,
  })

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  globalSetup: hook('setup'),
  globalTeardown: hook('teardown'),
  testTimeout: 60_000,
  testSequencer: '<rootDir>/test/sequencer.js',
  maxWorkers: 2,
}
