import type { CatalogObject, Definition, Value } from '../catalog/catalog.js'
import type { ObjectId } from '../catalog/id.js'

/**
 * `alter table t` and what is to be done to it. Where several such come together they are one statement, so that its rows are read, or
 * written anew, once for all of them.
 */
export interface TableAction {
  readonly alter: string
  readonly action: string
}

/** One statement or several, without the closing semicolon. */
export type Sql = string | TableAction | readonly (string | TableAction)[]

export function list(sql: Sql): readonly string[] {
  return actions(sql).map(written)
}

export function actions(sql: Sql): readonly (string | TableAction)[] {
  return typeof sql === 'string' || 'action' in sql ? [sql] : sql
}

export function written(one: string | TableAction): string {
  return typeof one === 'string' ? one : `${one.alter} ${one.action}`
}

/** How one attribute gets from `before` to `after` in place; null: not in place this time, recreate. */
export type Alter<D extends Definition> = (after: CatalogObject<D>, before: CatalogObject<D>, context: Context) => Sql | null

/** What a step can destroy; the names that --allow takes. */
export type Hazard =
  | 'drop-table'
  | 'drop-column'
  | 'drop-sequence'
  | 'narrow-type'
  | 'remove-label'
  | 'rebuild-table'
  | 'drop-data'
  | 'fill'
  | 'delete-rows'

/** Table lock modes of PostgreSQL, weakest first. */
export const LOCK_MODES = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const
export type LockMode = (typeof LOCK_MODES)[number]
/** Those that writers wait for. */
export const BLOCKING_MODES: readonly LockMode[] = LOCK_MODES.slice(LOCK_MODES.indexOf('SHARE'))

/** What running one operation does to a busy table. */
export interface Impact {
  readonly lock?: LockMode
  /** Key of the table that is locked, when it is not the object itself or its parent. */
  readonly on?: ObjectId
  /** `rewrite`: every row is written anew; `scan`: every row is read; `graph`: that, and put among its neighbours. All hold the lock meanwhile. */
  readonly work?: 'rewrite' | 'scan' | 'graph'
  /** A stronger lock, held for a moment without any work. */
  readonly briefly?: LockMode
  /** Other tables that writers wait for, as the rehearsal saw it: what a foreign key refers to, partitions. */
  readonly also?: readonly Locked[]
}

export interface Locked {
  readonly lock: LockMode
  readonly on: ObjectId
}

/** A change of one object of a table that is there and in use. `replace`: dropped and created again. */
export type OnlineChange<D extends Definition> =
  | { readonly verb: 'create'; readonly after: CatalogObject<D> }
  | { readonly verb: 'drop'; readonly before: CatalogObject<D> }
  | {
      readonly verb: 'replace' | 'alter'
      readonly before: CatalogObject<D>
      readonly after: CatalogObject<D>
      readonly attributes: readonly string[]
    }

/** A column, and what it becomes. */
export interface Retyped {
  readonly before: CatalogObject | undefined
  readonly after: CatalogObject | undefined
  readonly anew: boolean
}

/** How rows outlive a drop: copied to a table of the archive before it, and back once the object is made again. */
export interface Archive<D extends Definition> {
  /** Null: nothing would tell the rows to which they belong. `after` is the state without the object. */
  readonly keep: (object: CatalogObject<D>, place: string, before: Context, after: Context) => readonly string[] | null
  readonly bringBack: (object: CatalogObject<D>, place: string, before: Context, after: Context) => readonly string[]
}

/** How rows outlive what must be dropped and created again: set aside before, in the same transaction, and brought back after. */
export interface Rebuild<D extends Definition> {
  /** Would they go with the drop? */
  readonly needed: (before: CatalogObject<D>, after: CatalogObject<D> | undefined, context: Context) => boolean
  /** `context` is of the state that has it, `after` of the later one. */
  readonly keep: (before: CatalogObject<D>, context: Context, after: Context) => readonly string[]
  readonly refill: (after: CatalogObject<D>, context: Context) => readonly string[]
  /** Where it goes with its whole: are all rows of that brought back elsewhere? `context` is of the later state. */
  readonly losesNone?: (before: CatalogObject<D>, context: Context) => boolean
}

/** What PostgreSQL makes along with another object, as it is to be, and what must stand before it. */
export interface Spread {
  readonly along: readonly ObjectId[]
  readonly first: readonly ObjectId[]
}

/** How rows get a value that nobody gave them. */
export interface Filled {
  /** Null: no value fits. */
  readonly sql: readonly string[] | null
  /** The table is written anew for it. */
  readonly rewrites: boolean
}

/** How it is changed while others read and write. */
export interface Online {
  /** Each commits by itself; two in one text are one transaction. */
  readonly sql: readonly string[]
  readonly impact: Impact
  /** Objects that exist only while it runs, and which a run that was cut short leaves behind. */
  readonly between: readonly ObjectId[]
}

/**
 * All that schemactl knows of one kind of database object.
 *
 * `query` returns one row an object, with these columns (others are attributes of D, spelt alike, quoted where camelCase):
 *   classid oid, oid oid, subid int       the address that pg_depend knows it by (leave out for a `global` kind)
 *   path text[]                           the names of its id
 *   parentclassid, parentoid, parentsubid the address of its parent, where it has one (for a `global` kind: its target,
 *                                         required; the target's kind and path are then appended to `path`)
 *   position int                          optional: its place among its siblings; told apart, never compared
 *   written json                          optional: attributes again, in an order that is kept where they are stated and never compared
 *   needs json                            optional: addresses [[classid, oid, subid], …] that it needs and pg_depend does not tell
 *   needsids json                         optional: the same as ids [[kind, name, …], …], for objects that have no address
 *   needsbeside json                      optional, of a global kind: the same as kind and own names of objects that concern the same target
 *   afterids json                         optional: ids [[kind, name, …], …] after which it is to be created, without needing them
 *   ownedby json                          optional: addresses [[classid, oid, subid], …] of what takes it along when that is dropped
 *   echoes json                           optional: addresses of the objects of inheritance parents or partitioned tables whose
 *                                         creation, drop and change PostgreSQL repeats on this one (an inherited column)
 *   own bool                              optional, with echoes: its table declares it besides
 * It runs with search_path = '' , so that every name in catalog text is qualified, in one snapshot with all others, and
 * returns JSON: cast bigint to text, name[] to text[], oid to regtype/regclass text. `where` clauses need not leave out members of
 * extensions; the engine does. They do leave out system schemas, by `NOT_SYSTEM`.
 */
export interface ObjectKind<D extends Definition = Definition> {
  /** PostgreSQL's word for it, in lower case: 'materialized view'. */
  readonly name: string
  readonly query: string | ((major: number) => string)
  /** Belongs to objects of any kind: comment, owner, grant. */
  readonly global?: true
  /** Of a global kind: never an extension's own, also where it is on a member of one. */
  readonly byUsers?: true
  /** As COMMENT ON, ALTER … OWNER TO and DROP name it: `policy "p" on "s"."t"`. */
  readonly target: (id: ObjectId) => string
  /** `parts` are the `inline` fragments of the objects that are created along with it. */
  readonly create: (object: CatalogObject<D>, parts: readonly string[], context: Context) => Sql
  /** Default: `drop ${target}`. An empty list: it goes only with its parent. */
  readonly drop?: (object: CatalogObject<D>, context: Context) => Sql
  /** In the order of execution; every attribute must be named. */
  readonly alter: { readonly [A in keyof D]-?: 'recreate' | Alter<D> }
  /** Changed in place, but what depends on it must be dropped before and created again after. */
  readonly disturbsDependents?: readonly (keyof D & string)[]
  /**
   * Survives a disturbing change of what it depends on, since PostgreSQL rebuilds it: index, constraint. `anew`: the type that `needed`
   * uses is itself made anew.
   */
  readonly followsRetype?: true | ((object: CatalogObject<D>, needed: Retyped) => boolean)
  /** Never dropped merely to be created again. */
  readonly holdsData?: boolean | ((object: CatalogObject<D>) => boolean)
  /** It can be made anew all the same along with a type that it needs: it has no rows of its own. */
  readonly remadeWithTypes?: (object: CatalogObject<D>) => boolean
  /** The fragment that goes into the parent's CREATE; null: not this one, it needs a statement of its own. */
  readonly inline?: (object: CatalogObject<D>, parts: readonly string[], context?: Context) => string | null
  /** Statements that complete it after its own or its parent's CREATE: what CREATE cannot say (storage, statistics target). */
  readonly finish?: (object: CatalogObject<D>, context: Context) => Sql
  /** Compared only where the files state it. */
  readonly whenStated?: readonly (keyof D & string)[]
  /** Of these, what a new object gets all the same: PostgreSQL's own choice, made when the files were loaded (a constraint's name). */
  readonly fromCreation?: readonly (keyof D & string)[]
  /** Paths of the relations that it follows by an ALTER of its own: while it does, what they are given and lose is repeated on it. */
  readonly attachedTo?: (object: CatalogObject<D>) => readonly (readonly string[])[]
  /** It is created by itself before its table follows what has it as well, as one that its table declares besides (`own`) always is. */
  readonly precedes?: (object: CatalogObject<D>, context: Context) => boolean
  /** Ties the whole that it belongs to to another relation: while it is made anew, nothing that happens there is repeated here. */
  readonly ties?: true
  /** Others of its name differ by what they take: while two stand of which a call could mean either, the call is refused. */
  readonly overloads?: true
  /** Its use is noted as that of what it needs: an expression with a cast in it depends on the cast's function. */
  readonly usedUnseen?: true
  /** It is filled by its query as soon as it is made: what that reads, in the end, must be permitted by then. */
  readonly reads?: true
  /** Lets somebody use what it belongs to: see `reads`. */
  readonly permits?: true
  /** It cannot be undone while that stands to which it belongs, which is made anew for it: the index of a partitioned table. */
  readonly lasting?: true
  /** What it is created after (`afterids`), it is dropped before: a partition is detached with all that it has. */
  readonly letsGoFirst?: true
  /** Names it takes in a name space that other kinds share (`relation "s"."t"`): two objects cannot hold the same at once. */
  readonly occupies?: (object: CatalogObject<D>) => readonly string[]
  /** Qualified names of constraints that it has as attributes: PostgreSQL chooses others for new ones, unless these are given by name. */
  readonly constraintNames?: (object: CatalogObject<D>) => readonly string[]
  /** What it is owned by (`ownedby`) is not dropped while it is there, nor it before that: what ties its whole lets go first. */
  readonly holdsOwner?: true
  /** Its path does not begin with a schema: extension, role, cast, publication. */
  readonly schemaless?: true
  /** Compared only where the files state it of the target, or where --manage names this sort. */
  readonly managedAs?: 'owners' | 'privileges' | 'roles'
  /** The attribute that names a role: where that is the role that reads, a plan fits any other database whose own role has it. */
  readonly applicant?: keyof D & string
  /** For a global kind: kinds that come first where they concern the same target. A grant follows the owner, who grants. */
  readonly follows?: readonly string[]
  /** Acts on whatever is created: default privileges, event triggers. Always part of the replica in which a plan is rehearsed. */
  readonly ambient?: true
  /** Brings objects that are no objects here, the members of an extension: what people write by hand may use any of them. */
  readonly brings?: true
  /** Creation where its parent has rows that leave it without a value, which it may not be: with what value they get. Null: none has to wait. */
  readonly fill?: (object: CatalogObject<D>, parts: readonly string[], context: Context) => Filled | null
  /** States the type again, with the values brought over as text: a type that the object uses was made anew under the same name. */
  readonly retype?: (object: CatalogObject<D>) => Sql
  /** Stands in for it while what it needs, and what needs it too, is created: a type that is no more than a name. It is dropped with those. */
  readonly shell?: (id: ObjectId) => string
  /** Names inside it that are no objects of their own but can be renamed: the labels of an enum. */
  readonly names?: {
    readonly of: (object: CatalogObject<D>) => readonly string[]
    readonly rename: (id: ObjectId, from: string, to: string) => string
  }
  /** What uses its whole is concerned when it changes: by a domain's constraint every value of the domain is tested. */
  readonly concernsUsers?: true
  /** Key of the one with which it is altered at once, in a step of both, where neither can be altered before the other; null: by itself. */
  readonly alteredWith?: (object: CatalogObject<D>, context: Context) => string | null
  /** It is one of the values in a row of its whole. */
  readonly shapesRows?: true
  /** Alterations of several that belong to one whole are one step where each reads its rows: see TableAction. */
  readonly joins?: true
  readonly rename?: (id: ObjectId, newName: string) => string
  /** Recreated while columns use it: the old one is renamed away, columns are retyped, then it is dropped. */
  readonly swappable?: true
  /** Columns may have its rows: where another kind takes its name, it is renamed away as a type that is `swappable`. */
  readonly rowType?: true
  /** How it lets go of `needed` before it is renamed away, so that this can be made anew meanwhile: by a domain's default. */
  readonly lighten?: (object: CatalogObject<D>, needed: CatalogObject) => string | null
  /** All but its name, for what takes its name from its table where nobody names it: it is renamed along with the table. */
  readonly nameless?: (object: CatalogObject<D>, context: Context) => string | undefined
  /** Path of the relation that takes it along into another schema, and apart from which it cannot go there: one column of that owns it. */
  readonly movesWith?: (object: CatalogObject<D>, context: Context) => readonly string[] | null
  /** Its definition but for what comes of its own or its table's name: of two that are alike, one may be the other's new name. */
  readonly likeness?: (object: CatalogObject<D>) => Value
  /** What is lost when the object is dropped, or altered from `before` to `after`. */
  readonly hazard?: (before: CatalogObject<D>, after: CatalogObject<D> | undefined) => Hazard | null
  /** Columns by which people tell rows of its table apart: a primary key. */
  readonly tellsApart?: (object: CatalogObject<D>) => readonly string[] | null
  /** To which rows those of its table refer. */
  readonly refers?: (object: CatalogObject<D>) => Reference | null
  /** Rows that would refuse the creation, or the change from `before`, counted before anything is locked. */
  readonly refusals?: (before: CatalogObject<D> | undefined, after: CatalogObject<D>, live: LiveContext) => readonly Refusal[]
  /**
   * What rows of both states fit, while hand-written steps take them from the one to the other; null: the object is not there meanwhile.
   * Default: what comes is there, what goes is there, what is changed is as after, unless that loses something. `context` is of the state
   * that has the object, the later one where both do.
   */
  readonly halfway?: (before: CatalogObject<D> | undefined, after: CatalogObject<D> | undefined, context: Context) => D | null
  /** `retype`: an alteration that states the type again, see there. */
  readonly impact?: (
    operation: 'create' | 'drop' | 'alter' | 'retype',
    before: CatalogObject<D> | undefined,
    after: CatalogObject<D> | undefined,
  ) => Impact
  /** The form that keeps readers and writers going; null: there is none for this change. */
  readonly online?: (change: OnlineChange<D>, context: Context) => Online | null
  /**
   * A condition on rows of its whole, quoted as `from` needs it, because of which it is made anew although it stays as it is: a default
   * partition lets go of what new ones take. Null: there is nothing beside it that asks for that.
   */
  readonly unsettled?: (object: CatalogObject<D>, context: Context) => string | null
  /** What its creation makes of others, on partitions. */
  readonly spread?: {
    /** `stays`: is this object there before and after, as it is? Null where each is to be made by itself. */
    readonly over: (object: CatalogObject<D>, context: Context, stays: (id: ObjectId) => boolean) => Spread | null
    /** The object as one statement makes it for all, where that is not the statement for it alone. */
    readonly whole?: (object: CatalogObject<D>) => CatalogObject<D>
  }
  readonly archive?: Archive<D>
  readonly rebuild?: Rebuild<D>
  /** Left behind by a statement that was cut short: an INVALID index, a constraint that is NOT VALID. */
  readonly unfinished?: (object: CatalogObject<D>) => boolean
  /** False where PostgreSQL refuses it in a transaction block; 'commit-after': usable only after COMMIT (enum labels). */
  readonly transactional?: (before: CatalogObject<D> | undefined, after: CatalogObject<D> | undefined) => boolean | 'commit-after'
  /** Text whose words may name other objects although pg_depend does not know: a routine's body. Orders, never blocks. */
  readonly mentions?: (object: CatalogObject<D>) => string | null
}

/** Rows refer to those of another table, by its keys. */
export interface Reference {
  readonly columns: readonly string[]
  readonly table: readonly string[]
  /** In the order of `columns`. */
  readonly keys: readonly string[]
  /** What refers to a row that is deleted goes with it, or is changed: CASCADE, SET NULL, SET DEFAULT. */
  readonly acts: boolean
}

/** Rows of the live database in whose way a change would be refused. */
export interface Refusal {
  /** After a number of rows: `with no title`. */
  readonly what: string
  readonly table: ObjectId
  /** A from clause, with its where, that has these rows as `t`. Every name in it is qualified. */
  readonly from: string
  /** An expression over `t` by which people find a row. */
  readonly label: string
}

/** The live database, seen from a change that is to be made to it. */
export interface LiveContext extends Context {
  readonly at: (key: string) => CatalogObject | undefined
  /** An object that is not there yet and comes with the change. */
  readonly coming: (id: ObjectId) => CatalogObject | undefined
  /** What comes, or is changed, as a part of this one. */
  readonly comingOf: (id: ObjectId) => readonly CatalogObject[]
  /** What needs this object. */
  readonly users: (key: string) => readonly CatalogObject[]
}

/** What `create` and `drop` may need beside the object itself. */
export interface Context {
  /** The role that applies: it owns what is created without being told. */
  readonly role: string
  readonly major: number
  /** What this database is called, where the text is for people; what runs asks the database that it runs in. */
  readonly database?: string
  /** Another object of the same state. */
  readonly find: (id: ObjectId) => CatalogObject | undefined
  /** An object of the state that is left. */
  readonly former: (id: ObjectId) => CatalogObject | undefined
  /** All objects of a kind. */
  readonly ofKind: (name: string) => readonly CatalogObject[]
  /** Objects whose parent is the given one. */
  readonly children: (id: ObjectId) => readonly CatalogObject[]
  /** The id of what stands beside an object under a name of its own for a while: one that is free before, after, and in the database. */
  readonly beside: (id: ObjectId, suffix: string) => ObjectId
  /** Is this, schema first, a name of `constraintNames` in the state that is left, in the one to come, or in the database? */
  readonly hasConstraintName: (path: readonly string[]) => boolean
  /** The kind of an id: comment, owner and grant ask it how to name their target. */
  readonly kind: (name: string) => ObjectKind
}

/** The schema in which rows of dropped objects are kept. Nobody's schema but ours: never read as part of a database. */
export const ARCHIVE = 'schemactl_archive'

/** Schemas of schemactl itself: that of the journal, and the archive. */
export const OWN_SCHEMAS: readonly string[] = ['schemactl', ARCHIVE]

/** The same as SQL constants. */
export const OWN = OWN_SCHEMAS.map((name) => `'${name}'`).join(', ')

/** For `where` clauses over a pg_namespace alias `n`. */
export const NOT_SYSTEM = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`

/** Keeps D where the kind is written and forgets it where the registry lists it. */
export function kind<D extends Definition>(definition: ObjectKind<D>): ObjectKind {
  // The engine only ever hands a kind objects that the kind's own query returned.
  return definition as unknown as ObjectKind
}

/** By this comment the large object of a journal outside any project is known: its OID is PostgreSQL's choice. */
export const JOURNAL_COMMENT = 'Journal of schemactl: the plans that were applied to this database, whole.'
