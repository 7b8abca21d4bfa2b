/** Of a new schemactl.yaml: the line to take the place of where something is to be ignored. */
export const IGNORE_EXAMPLE = '# ignore: [public.tmp_*]'

/** Files of a new project, by path. The schema itself is the example that comes with schemactl. */
export const PROJECT_FILES: { readonly [path: string]: string } = {
  'schemactl.yaml': `# Which files say what the database should be, and where plans are kept.
schema: schema
plans: plans

# The database, in this order: --url, --env NAME, DATABASE_URL, DATABASE_URL in .env, url: below.
# Without any, an embedded PostgreSQL in .schemactl/database.
# url: \${DATABASE_URL:-postgres://localhost:5432/app}

# Left alone, by name: schema.name, * for any run of characters.
${IGNORE_EXAMPLE}

# Other databases, for --env NAME. On a protected one, no temporary database is made unless --shadow says so.
# environments:
#   production:
#     url: \${PRODUCTION_DATABASE_URL}
#     protected: true
`,
  '.env.example': `# Copy to .env, which git ignores.
DATABASE_URL=postgres://user:password@localhost:5432/app
`,
  'plans/.gitkeep': '',
}

/** Lines that .gitignore gets, unless it has them. */
export const IGNORED = ['.schemactl/', '.env'] as const
