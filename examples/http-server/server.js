// DATABASE_URL=postgres://… PORT=3000 node server.js: as many at once as you like; each plan runs once.
import { createServer } from 'node:http'
import pg from 'pg'
import { migrate } from 'schemactl'

const url = process.env.DATABASE_URL
const { applied } = await migrate({ cwd: import.meta.dirname, url, ifAhead: 'fail', say: console.error })
console.error(applied.length === 0 ? 'The database is current.' : `Applied ${applied.map(({ plan }) => plan).join(', ')}.`)

const pool = new pg.Pool({ connectionString: url })
const server = createServer(async (request, response) => {
  try {
    const { rows } = await pool.query('insert into visit (path) values ($1) returning id', [request.url])
    response.end(`You are visitor ${rows[0].id}.\n`)
  } catch (error) {
    console.error(error)
    response.writeHead(500).end()
  }
})
server.listen(Number(process.env.PORT ?? 3000), () => console.log(`http://localhost:${server.address().port}`))

process.once('SIGTERM', () => server.close(() => pool.end()))
