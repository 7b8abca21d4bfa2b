/** A running PostgreSQL that tests may fill with databases. */
export interface TestServer {
  readonly major: number
  /** As a superuser, to the database `postgres`. */
  readonly url: string
  readonly port: number
  /** Where it came from, for the run's first line. */
  readonly origin: string
  stop(): Promise<void>
}

/** Settings of every server that we start: nothing in it has to survive. */
export const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  jit: 'off',
  wal_level: 'logical',
  max_connections: '200',
  max_locks_per_transaction: '1024',
  max_prepared_transactions: '10',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  timezone: 'UTC',
} as const
