import type { Notice, Session } from '../postgres/session.js'

/** A session that outlives its connection: `renew` puts a new one in the place of a lost one. Never by itself: a transaction went with it. */
export interface LastingSession extends Session {
  renew(): Promise<Session>
  renewed(): boolean
  /** The session of the connection that there is now. */
  current(): Session
  /** One more connection, to be closed by who asked for it. */
  another(): Promise<Session>
}

export function lastingSession(first: Session, connect: () => Promise<Session>): LastingSession {
  let current = first
  const listeners: ((notice: Notice) => void)[] = []
  const self: LastingSession = {
    get label() {
      return current.label
    },
    get processId() {
      return current.processId
    },
    query: (text, values) => current.query(text, values),
    change: (text, values) => current.change(text, values),
    execute: (text) => current.execute(text),
    onNotice: (listener) => {
      listeners.push(listener)
      current.onNotice(listener)
    },
    close: () => current.close(),
    renew: async () => {
      const next = await connect()
      void current.close().catch(() => undefined)
      current = next
      for (const listener of listeners) current.onNotice(listener)
      return self
    },
    current: () => current,
    renewed: () => current !== first,
    another: connect,
  }
  return self
}
