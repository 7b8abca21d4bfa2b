/**
 * Options whose value is a secret. They never leave the server: they are neither compared nor printed nor created, and an ALTER
 * touches only what it names, so that they stay as somebody set them by hand. `password_required` is not one.
 */
export const SECRET_OPTION =
  '(^|_|ssl|pg|db|user)(password|passwd|passphrase|passcode|secret|token|credentials?|api_?key|private_?key|access_?key|secret_?key|account_?key|client_?key|server_?key)$'

/** SQL: the `name=value` options of a text[] in order of name, without secrets. */
export function openOptions(options: string): string {
  return `array(select o from pg_catalog.unnest(${options}) o where pg_catalog.split_part(o, '=', 1) !~* '${SECRET_OPTION}' order by o collate "C")`
}

/** SQL: is there an option with a secret? */
export function holdsSecret(options: string): string {
  return `exists (select from pg_catalog.unnest(${options}) o where pg_catalog.split_part(o, '=', 1) ~* '${SECRET_OPTION}')`
}
