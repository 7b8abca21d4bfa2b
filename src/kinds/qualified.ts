/*
 * SQL that turns an oid into the name by which CREATE takes it. Names of pg_catalog stay bare as format_type() leaves them;
 * no regproc, which qualifies or not according to how many functions share the name.
 */

/** `public.f`; null for 0. */
export function functionName(oid: string): string {
  return `(select case when fn.nspname = 'pg_catalog' then pg_catalog.quote_ident(f.proname) else pg_catalog.format('%I.%I', fn.nspname, f.proname) end
            from pg_catalog.pg_proc f join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace where f.oid = ${oid})`
}

/** `public.f(integer)`; null for 0. */
export function functionSignature(oid: string): string {
  return `(case when ${oid} <> 0 then ${oid}::pg_catalog.oid::pg_catalog.regprocedure::text end)`
}

/** `public.@@`; null for 0. Needs `operator(…)` around it in an expression or as an option. */
export function operatorName(oid: string): string {
  return `(select pg_catalog.format('%I.%s', fn.nspname, f.oprname)
            from pg_catalog.pg_operator f join pg_catalog.pg_namespace fn on fn.oid = f.oprnamespace where f.oid = ${oid})`
}

/** `integer`; null for 0. */
export function typeName(oid: string): string {
  return `(case when ${oid} <> 0 then pg_catalog.format_type(${oid}, null) end)`
}

/** `public.german`; null for 0. */
export function collationName(oid: string): string {
  return `(select pg_catalog.format('%I.%I', fn.nspname, f.collname)
            from pg_catalog.pg_collation f join pg_catalog.pg_namespace fn on fn.oid = f.collnamespace where f.oid = ${oid})`
}
