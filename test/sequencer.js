import { basename } from 'node:path'
import Sequencer from '@jest/test-sequencer'

/** Those that take minutes, longest first: started last, one would run on alone. */
const LONG = [
  'rows.test.ts',
  'fixtures.test.ts',
  'cut.test.ts',
  'killed.test.ts',
  'dev.test.ts',
  'loop.test.ts',
  'wanted-cache.test.ts',
  'rebase.test.ts',
]

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = LONG.indexOf(basename(path))
      return place === -1 ? LONG.length : place
    }
    return [...tests].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1))
  }
}
