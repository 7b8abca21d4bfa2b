// Four connections that change rows one by one until they are told to end; then it prints how many changes there were, and how long one waited.
import pg from 'pg'

const [url, rows] = process.argv.slice(2)
const CONNECTIONS = 4
const waits = []
let ended = false
process.on('SIGTERM', () => {
  ended = true
})

async function write() {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  while (!ended) {
    const start = process.hrtime.bigint()
    await client.query('update item set changed = changed + 1 where id = $1', [1 + Math.floor(Math.random() * Number(rows))])
    waits.push(Number(process.hrtime.bigint() - start) / 1e6)
    // A pace that leaves something of the machine to what is measured.
    await new Promise((resume) => setTimeout(resume, 2))
  }
  await client.end()
}

const all = Promise.all(Array.from({ length: CONNECTIONS }, write))
process.stdout.write('ready\n')
await all
waits.sort((a, b) => a - b)
process.stdout.write(JSON.stringify({ writes: waits.length, longest: waits.at(-1) ?? 0, p99: waits[Math.floor(waits.length * 0.99)] ?? 0 }))
