import { afterEach, expect, jest, test } from '@jest/globals'
import { talkOn } from '../../src/cli/talk.js'

afterEach(() => {
  jest.restoreAllMocks()
})

function written(isTTY: boolean): { readonly text: () => string; readonly talk: ReturnType<typeof talkOn> } {
  let text = ''
  const talk = talkOn({ isTTY, write: (part) => (text += part) })
  return { text: () => text, talk }
}

test('on a terminal a line is written over, and stays once something else is said', () => {
  const { text, talk } = written(true)
  talk.say('a step')
  talk.tick('1 row')
  talk.tick('2 rows')
  talk.say('the next')
  expect(text()).toBe('a step\n\r\u001b[2K1 row\r\u001b[2K2 rows\nthe next\n')
})

test('elsewhere there is a line every few seconds', () => {
  let now = 0
  jest.spyOn(Date, 'now').mockImplementation(() => now)
  const { text, talk } = written(false)
  for (now = 0; now <= 12_000; now += 1000) talk.tick(`${now / 1000} s`)
  expect(text()).toBe('5 s\n10 s\n')
})
