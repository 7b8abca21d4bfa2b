import { connect, createServer, type Socket } from 'node:net'

export interface Line {
  /** The given URL, through the proxy. */
  readonly url: string
  /** Of the next connection, what the client asks from question `after` on never arrives (`lose: 'question'`), or is answered to nobody. */
  cut(after: number, lose: 'question' | 'answer'): void
  /** Cuts every connection now. */
  cutAll(): void
  /** Questions that were asked since `cut`: simple queries and Syncs. */
  asked(): number
  close(): Promise<void>
}

/** Stands between a client and a PostgreSQL server, counts what is asked, and cuts the line where it is told to. */
export async function startProxy(url: string): Promise<Line> {
  const target = new URL(url)
  const open = new Set<Socket>()
  let armed: { after: number; lose: 'question' | 'answer' } | null = null
  let asked = 0
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname)
    const plan = armed
    armed = null
    let state: 'open' | 'mute' = 'open'
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        // A server notices that its client is gone once it has answered.
        if (state === 'open') upstream.destroy()
        else upstream.end()
      })
    }
    const count = questionCounter()
    client.on('data', (chunk) => {
      const questions = count(chunk)
      if (plan !== null) asked += questions
      if (plan === null || asked < plan.after) return void upstream.write(chunk)
      if (state === 'mute') return
      state = 'mute'
      if (plan.lose === 'answer') upstream.write(chunk, () => setTimeout(() => client.destroy(), 15))
      else client.destroy()
    })
    upstream.on('data', (chunk) => {
      if (state === 'open') client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String(address.port)
  return {
    url: through.href,
    cut: (after, lose) => {
      asked = 0
      armed = { after, lose }
    },
    cutAll: () => {
      for (const socket of open) socket.destroy()
    },
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** Counts Query and Sync messages in what a client sends, whatever the chunks. The first messages have no type. */
function questionCounter(): (chunk: Buffer) => number {
  let rest = Buffer.alloc(0)
  let started = false
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    let questions = 0
    for (;;) {
      const head = started ? 1 : 0
      if (rest.length < head + 4) return questions
      const size = head + rest.readUInt32BE(head)
      if (rest.length < size) return questions
      const type = started ? String.fromCharCode(rest[0] ?? 0) : ''
      // An SSLRequest is eight bytes long, and the start-up message follows.
      if (!started && size > 8) started = true
      if (type === 'Q' || type === 'S') questions += 1
      rest = rest.subarray(size)
    }
  }
}
