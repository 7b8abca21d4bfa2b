/** Talk on standard error: lines one after another, and one that is written over while something long runs. */
export interface Talk {
  readonly say: (text: string) => void
  /** On a terminal, in the place of the one before; elsewhere a line of its own every few seconds. */
  readonly tick: (text: string) => void
  /** Before anything else is written: the line that was written over stays. */
  readonly end: () => void
}

/** Milliseconds between lines where none can be written over. */
const EVERY = 5000

export function talkOn(stream: { readonly isTTY?: boolean; write(text: string): unknown }): Talk {
  let since = Date.now()
  let open = false
  const end = () => {
    if (open) stream.write('\n')
    open = false
    since = Date.now()
  }
  const say = (text: string) => {
    end()
    stream.write(`${text}\n`)
  }
  const tick = (text: string) => {
    if (stream.isTTY === true) {
      stream.write(`\r\u001b[2K${text}`)
      open = true
    } else if (Date.now() - since >= EVERY) say(text)
  }
  return { say, tick, end }
}
