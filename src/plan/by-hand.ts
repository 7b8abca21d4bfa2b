import { isAboutRoles } from '../postgres/cluster-statements.js'
import { introspect } from '../postgres/introspect.js'
import { embeddedShadow } from '../postgres/shadow.js'
import type { Draft } from './draft.js'
import { makePlan } from './make.js'
import { blocksBetween } from './places.js'
import type { Plan } from './plan.js'
import { rehearse } from './rehearse.js'
import { indexSource } from './source-lines.js'
import { afterPending, allowedWith, apartFrom, changesBeside, firstShadow, type Request, refuseLosses, TOOL } from './stage.js'

/** What planning a draft alone asks for: no files. */
export type DraftRequest = Omit<Request, 'source' | 'title' | 'renames' | 'formerly' | 'cache' | 'draft'> & {
  readonly scope: Plan['scope']
}

export interface PlannedDraft {
  readonly plan: Plan
  /** What its steps do to the schema, which no file may say. */
  readonly changes: readonly string[]
}

/** Hand-written steps in, a proven plan out. Throws UserError where they do not run, do not come back, or lose what was not allowed. */
export async function planDraft(request: DraftRequest, draft: Draft): Promise<PlannedDraft> {
  const live = await afterPending(request, await introspect(request.live))
  const statements = draft.steps.flatMap(({ up, down }) => [...up, ...down])
  // On a server, a role would be made for everybody.
  const ofRoles = statements.some(({ node }) => isAboutRoles({ node, subject: null }))
  const open = () => (ofRoles ? embeddedShadow(live.role) : request.shadow(live))
  const first = firstShadow(open)
  try {
    const base = await introspect((await first.open()).session)
    const shadows = [first]
    const proof = await rehearse({
      shadow: async () => shadows.pop()?.open() ?? open(),
      base,
      live,
      renamed: { live, steps: [], formerly: new Map(), asked: [] },
      target: live,
      compared: () => false,
      searchPath: request.searchPath,
      hasRows: () => true,
      holdingRows: async (tables) => new Set(tables),
      online: () => false,
      archive: () => null,
      written: (_target, whole) => blocksBetween(live, live, draft.steps, whole),
      mayFill: false,
      probes: [],
    })
    const plan = makePlan({
      title: draft.title,
      tool: TOOL,
      parent: request.parent,
      target: { major: live.major, role: live.role, searchPath: request.searchPath },
      scope: request.scope,
      allow: allowedWith(draft.steps, request.allow),
      proof,
      source: indexSource([], request.searchPath),
      live,
      preflight: new Map(),
      apart: await apartFrom(request, draft.steps, { live, formerly: new Map() }),
    })
    refuseLosses(
      plan.segments.flatMap(({ steps }) => steps),
      request.allow,
      [],
    )
    return { plan, changes: changesBeside(proof, live) }
  } finally {
    await first.close()
  }
}
