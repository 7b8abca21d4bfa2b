// @databases/pg-config runs cosmiconfig('pg') when it is imported: it would execute a pg.config.js of the working
// directory or of any folder above it. The bundle gets this constant in its place.
exports.getPgConfigSync = () => ({ connectionStringEnvironmentVariable: 'DATABASE_URL' })
exports.default = exports.getPgConfigSync
