import { query } from './databases.js'
import { givenServer } from './given.js'
import { SETTINGS, type TestServer } from './server.js'

/** PostgreSQL with pgvector in a container; TEST_CONTAINERS_IMAGE names another image. Null when no engine answers. */
export async function containerServer(): Promise<TestServer | null> {
  const image = process.env.TEST_CONTAINERS_IMAGE ?? 'pgvector/pgvector:pg17'
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers')
  try {
    await getContainerRuntimeClient()
  } catch {
    return null
  }
  const container = await new GenericContainer(image)
    .withEnvironment({ POSTGRES_USER: 'postgres', POSTGRES_PASSWORD: 'postgres', POSTGRES_DB: 'postgres' })
    .withCommand(['postgres', ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])])
    .withExposedPorts(5432)
    .withWaitStrategy(Wait.forListeningPorts())
    .start()
  const url = `postgres://postgres:postgres@${container.getHost()}:${container.getMappedPort(5432)}/postgres`
  await settled(url)
  return givenServer(url, `container ${image}`, async () => {
    await container.stop()
  })
}

/** The image starts the server twice; only the second one stays. */
async function settled(url: string): Promise<void> {
  for (let answers = 0, tries = 0; answers < 3; tries++) {
    try {
      await query(url, 'select 1')
      answers += 1
    } catch (error) {
      if (tries > 120) throw error
      answers = 0
    }
    await new Promise((resume) => setTimeout(resume, 500))
  }
}
