// The tour of Node's package odbc, and what Node programs do with it besides.
import { createWriteStream, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

// The package stands in the folder that the runner made, not beside this file.
const require = createRequire(`${process.argv[2]}/`);
const odbc = require('odbc');

const statements = Object.fromEntries(
  readFileSync(process.env.TOUR_STATEMENTS, 'utf8').trimEnd().split('\n').map((line) => {
    const [name, ...rest] = line.split('\t');
    return [name, rest.join('\t')];
  }),
);
const answers = createWriteStream(process.env.TOUR_ANSWERS);

const answer = async (part, more = {}) => {
  if (!answers.write(`${JSON.stringify({ part, ...more })}\n`)) await once(answers, 'drain');
};

/** A value as text; a binary one is an ArrayBuffer and goes out as hex. */
const text = (value) => {
  if (value === null || value === undefined) return null;
  return value instanceof ArrayBuffer ? Buffer.from(value).toString('hex').toUpperCase() : String(value);
};

const row = (part, values) => answer(part, { row: values.map(text) });
const more = (name, ...values) => row('more', [name, values.map((value) => text(value) ?? '-').join('|')]);
const first = (result) => Object.values(result[0])[0];

/** The SQLSTATE that a promise fails with. */
const stateOf = async (promise) => {
  try {
    await promise;
    return '00000';
  } catch (error) {
    return error.odbcErrors?.[0]?.state ?? String(error.message);
  }
};

const rowsOf = async (part, result) => {
  for (const line of result) await row(part, Object.values(line));
};

let connection = await odbc.connect(process.env.TOUR_CONNECTION);
await answer('version', {
  client: `odbc ${require('odbc/package.json').version} (Node ${process.version})`,
  manager: execFileSync('odbcinst', ['--version'], { encoding: 'utf8' }).trim(),
});
await answer('connect');

for (const table of await connection.tables(null, null, null, null)) await row('tables', [table.TABLE_NAME, table.TABLE_TYPE]);
for (const column of await connection.columns(null, null, 'Users', null)) await row('columns', [column.COLUMN_NAME, column.TYPE_NAME]);
// The package gives a REAL nine bytes, its seven digits and two, whatever SQL_DESC_DISPLAY_SIZE says: longer ones are read as DOUBLE.
const widened = statements.types.replaceAll(/CAST\(([^()]*) AS REAL\)/g, 'CAST(CAST($1 AS REAL) AS DOUBLE PRECISION)');
await rowsOf('types', await connection.query(widened));
await rowsOf('okta', await connection.query(statements.okta));

const convert = { text: String, integer: Number, double: Number, timestamp: String };
const values = statements['parameters.values'].split('\t').map((given) => {
  const place = given.indexOf(':');
  return convert[given.slice(0, place)](given.slice(place + 1));
});
await rowsOf('parameters', await connection.query(statements.parameters, values));
await rowsOf('long', await connection.query(statements.long));

// 100,000 rows through a cursor, 1,000 at a time.
const large = await odbc.connect(process.env.TOUR_LARGE);
const many = await large.query(statements.many, { cursor: true, fetchSize: 1000 });
while (!many.noData) await rowsOf('many', await many.fetch());
await many.close();
await large.close();

try {
  await connection.query(statements.error);
} catch (error) {
  await answer('error', { sqlstate: error.odbcErrors[0].state, message: error.odbcErrors[0].message });
}
await rowsOf('after-error', await connection.query(statements['after-error']));

// A query gives no row before its last one is there; connection.cancel() ends it from outside.
const slow = await odbc.connect(process.env.TOUR_SLOW);
const endless = stateOf(slow.query(statements.cancel));
await sleep(700);
await slow.cancel();
await answer('cancel', { rows: '0', sqlstate: await endless });
await slow.close();

await connection.close();
await answer('disconnect');

// What follows is what Node programs do with the package besides; what is wanted stands in node-odbc.more.tsv.
connection = await odbc.connect(process.env.TOUR_CONNECTION);
const value = async (sql, ...parameters) => first(await connection.query(sql, ...parameters));

const groups = await connection.tables('Okta', 'dbo', 'Group%', 'TABLE,VIEW');
await more('tables by pattern', ...groups.map((table) => `${table.TABLE_SCHEM}.${table.TABLE_NAME}`));
const created = (await connection.columns('Okta', 'dbo', 'Users', null)).find((column) => column.COLUMN_NAME === 'Created');
await more('a column', created.DATA_TYPE, created.COLUMN_SIZE, created.DECIMAL_DIGITS, created.NULLABLE, created.ORDINAL_POSITION);
await more('primary keys', ...(await connection.primaryKeys(null, null, 'GroupMembers')).map((key) => key.COLUMN_NAME));
await more('foreign keys', ...(await connection.foreignKeys(null, null, 'Groups', null, null, null)).map((key) => `${key.FKTABLE_NAME}.${key.FKCOLUMN_NAME}`));

// What a result tells of itself.
const described = await connection.query('SELECT Id, Created AS c, ProfileSeatNumber, ProfileContractHours FROM Users WHERE Status = ?', ['ACTIVE']);
await more('names', ...described.columns.map((column) => column.name));
await more('codes', ...described.columns.map((column) => column.dataType));
await more('names of types', ...described.columns.map((column) => column.dataTypeName));
await more('sizes', ...described.columns.slice(0, 2).map((column) => `${column.columnSize},${column.decimalDigits},${column.nullable}`));
await more('count and parameters', described.count, described.length, ...described.parameters);
await more('classes', ...Object.values(described.find((line) => line.ProfileSeatNumber && line.ProfileContractHours)).map((found) => typeof found));
await more('no rows', (await connection.query('SELECT Id FROM Users WHERE 1 = 0')).length);
await more('labels', ...Object.keys((await connection.query('SELECT 1 AS "First Name", 2 AS [größe]'))[0]));

// Parameters by their JavaScript type.
await more('text', await value('SELECT COUNT(*) FROM Users WHERE ProfileFirstName = ?', ['Łukasz']));
await more('integer', await value('SELECT COUNT(*) FROM Users WHERE ProfileSeatNumber >= ?', [4000]));
await more('big integer', await value('SELECT COUNT(*) FROM Users WHERE ProfileSeatNumber >= ?', [4000n]));
await more('double', await value('SELECT COUNT(*) FROM Users WHERE ProfileContractHours = ?', [20.25]));
await more('timestamp', await value('SELECT COUNT(*) FROM Users WHERE Created >= ?', ['2021-01-01 00:00:00']));
await more('boolean', await value('SELECT COUNT(*) FROM Users WHERE ProfileBadgeActive = ?', [true]));
await more('null', await value('SELECT COUNT(*) FROM Users WHERE ProfileCity = ?', [null]));
await more('bytes', text(await value('SELECT CAST(? AS VARBINARY(4))', [Buffer.from('cafe', 'hex')])));
await more('echo of letters', await value('SELECT CAST(? AS NVARCHAR(40))', ['ä 漢 🎉 é']));
await more('too few', await stateOf(connection.query('SELECT Id FROM Users WHERE Id = ? AND Status = ?', ['a'])));

// A prepared statement, and several at once.
const prepared = await connection.createStatement();
await prepared.prepare('SELECT COUNT(*) AS n FROM Users WHERE Status = ?');
const counts = [];
for (const status of ['ACTIVE', 'STAGED', 'active']) {
  await prepared.bind([status]);
  counts.push((await prepared.execute())[0].n);
}
await prepared.close();
await more('one prepared, three times', ...counts);
const wrong = await connection.createStatement();
await more('prepare of a missing table', await stateOf(wrong.prepare('SELECT * FROM Nowhere')));
await wrong.close();
await more('five at once', ...(await Promise.all(['ACTIVE', 'STAGED', 'RECOVERY', 'SUSPENDED', 'LOCKED_OUT'].map((status) => value('SELECT COUNT(*) FROM Users WHERE Status = ?', [status])))));

// Cursors: closed early, by the row to the end; long values.
const cursor = await connection.query('SELECT Id FROM Users', { cursor: true, fetchSize: 1 });
await cursor.fetch();
await more('a cursor closed early', cursor.noData);
await cursor.close();
const one = await connection.query('SELECT Id, Links FROM Users', { cursor: true, fetchSize: 1 });
let found = 0;
while (!one.noData) found += (await one.fetch()).length;
await one.close();
await more('a cursor to its end', found);
// Of several rows at a time long values are read by SQLSetPos and SQLGetData.
const fifty = await connection.query('SELECT Id, Links FROM Users', { cursor: true, fetchSize: 50 });
const links = [];
while (!fifty.noData) links.push(...(await fifty.fetch()));
await fifty.close();
await more('long values of 50 rows at a time', links.length, links.filter((line) => JSON.parse(line.Links).self.href.endsWith(line.Id)).length);
await more('a small first buffer', JSON.parse((await connection.query('SELECT TOP 1 Links FROM Users', { initialBufferSize: 16 }))[0].Links).self.href.split('/').slice(3, 6).join('/'));

// A pool.
const pool = await odbc.pool({ connectionString: process.env.TOUR_CONNECTION, initialSize: 2, incrementSize: 2, maxSize: 4, shrink: true });
const sums = await Promise.all(Array.from({ length: 12 }, () => pool.query('SELECT COUNT(*) FROM Users')));
await more('a pool', ...new Set(sums.map((sum) => text(first(sum)))));
const lent = await pool.connect();
await more('a lent connection', text(first(await lent.query('SELECT COUNT(*) FROM Groups'))));
await lent.close();
await pool.close();

// Transactions, errors, ways to connect.
await connection.beginTransaction();
const during = connection.autocommit;
await connection.rollback();
await more('transaction', during, connection.autocommit);
await connection.beginTransaction();
await connection.commit();
await more('isolation', await stateOf(connection.setIsolationLevel(odbc.SQL_TXN_READ_COMMITTED)));
await more('no such procedure', await stateOf(connection.callProcedure(null, null, 'Nothing', [])) === '00000' ? 'ran' : 'refused');
await more('syntax error', await stateOf(connection.query('SELEKT 1')));
await more('no such table', await stateOf(connection.query('SELECT * FROM Nowhere')));
await more('division by zero', await stateOf(connection.query('SELECT 1 / 0')));
await more('read only', await stateOf(connection.query("DELETE FROM Users WHERE Id = 'x'")));
const waiting = await odbc.connect({ connectionString: process.env.TOUR_SLOW, loginTimeout: 10, connectionTimeout: 10 });
await more('time-out', await stateOf(waiting.query('SELECT COUNT(*), MAX(ProfileCity) FROM Users', { timeout: 1 })));
const stopped = await waiting.createStatement();
await stopped.prepare('SELECT COUNT(*), MAX(ProfileCity) FROM Users');
const running = stateOf(stopped.execute());
await sleep(400);
await stopped.cancel();
await more('a statement cancelled', await running);
await stopped.close();
await waiting.close();
await more('wrong token', await stateOf(odbc.connect(process.env.TOUR_CONNECTION.replace('sim-token', 'nonsense'))));
await more('nobody there', await stateOf(odbc.connect('Driver={Okta ODBC Driver};Domain=http://127.0.0.1:1;APIToken=x')));
const named = await odbc.connect(`DSN=${process.env.TOUR_DSN}`);
await more('by name of the data source', text(first(await named.query('SELECT COUNT(*) FROM Users'))), named.connected);
await named.close();

await connection.close();
answers.end();
