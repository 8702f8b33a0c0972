<?php
// The tour of PHP's odbc_ functions, and what PHP programs do with them besides.
require __DIR__ . '/answers.php';

$statements = statements();

/** A connection; a failure is an exception, a warning of a call is silent and read from odbc_error. */
function connect(string $connection)
{
    return @odbc_connect($connection, '', '') ?: throw new RuntimeException(odbc_error() . ' ' . odbc_errormsg());
}

function run($database, string $sql)
{
    return @odbc_exec($database, $sql) ?: throw new RuntimeException($sql . ': ' . odbc_error($database) . ' ' . odbc_errormsg($database));
}

function read_all(string $part, $result, int $columns): void
{
    while (odbc_fetch_row($result)) {
        row($part, array_map(fn ($place) => odbc_result($result, $place), range(1, $columns)));
    }
}

/** The first value of a statement, with values for its markers. */
function value($database, string $sql, array $values = []): ?string
{
    $prepared = odbc_prepare($database, $sql);
    if (!@odbc_execute($prepared, $values)) {
        throw new RuntimeException(odbc_error($database) . ' ' . odbc_errormsg($database));
    }
    $found = odbc_fetch_row($prepared) ? odbc_result($prepared, 1) : null;
    odbc_free_result($prepared);
    return $found === null || $found === false ? null : (string) $found;
}

$database = connect(getenv('TOUR_CONNECTION'));
answer('version', ['client' => 'PHP ' . PHP_VERSION . ' odbc', 'manager' => manager()]);
answer('connect');

$tables = odbc_tables($database);
while ($table = odbc_fetch_array($tables)) {
    row('tables', [$table['TABLE_NAME'], $table['TABLE_TYPE']]);
}
$columns = odbc_columns($database, null, null, 'Users', '%');
while ($column = odbc_fetch_array($columns)) {
    row('columns', [$column['COLUMN_NAME'], $column['TYPE_NAME']]);
}

// Binary columns as hex text, long ones whole: by default PHP gives bytes, and the first 4,096 of a long column.
foreach (['types', 'okta'] as $part) {
    $result = odbc_prepare($database, $statements[$part]);
    odbc_binmode($result, ODBC_BINMODE_CONVERT);
    odbc_execute($result);
    read_all($part, $result, odbc_num_fields($result));
}

$parameters = odbc_prepare($database, $statements['parameters']);
odbc_execute($parameters, values($statements['parameters.values']));
read_all('parameters', $parameters, odbc_num_fields($parameters));

$long = odbc_prepare($database, $statements['long']);
odbc_longreadlen($long, 400_000);
odbc_execute($long);
read_all('long', $long, odbc_num_fields($long));

$large = connect(getenv('TOUR_LARGE'));
$many = run($large, $statements['many']);
while ($values = odbc_fetch_array($many)) {
    row('many', $values);
}
odbc_close($large);

@odbc_exec($database, $statements['error']);
answer('error', ['sqlstate' => odbc_error($database), 'message' => odbc_errormsg($database)]);
$after = run($database, $statements['after-error']);
read_all('after-error', $after, odbc_num_fields($after));

// PHP's odbc functions have no cancel: the result is freed early.
$slow = connect(getenv('TOUR_SLOW'));
$endless = run($slow, $statements['cancel']);
$rows = 0;
while ($rows < 300 && odbc_fetch_row($endless)) {
    $rows++;
}
odbc_free_result($endless);
answer('cancel', ['rows' => (string) $rows, 'sqlstate' => null]);
odbc_close($slow);

odbc_close($database);
answer('disconnect');

// What follows is what PHP programs do with these functions besides; what is wanted stands in php-odbc.more.tsv.
$database = connect(getenv('TOUR_CONNECTION'));

/** Some columns of the rows of a catalog function, as `a,b|c,d`. */
function catalog($result, string ...$columns): array
{
    $found = [];
    while ($line = odbc_fetch_array($result)) {
        $found[] = implode(',', array_map(fn ($column) => $line[$column] ?? '-', $columns));
    }
    return $found;
}

/** The SQLSTATE that a call leaves behind; PHP's odbc functions ask as ODBC 2 programs, so states are those of ODBC 2. */
function state_of($database, callable $call): string
{
    return $call() === false ? odbc_error($database) : '00000';
}

more('catalogs', ...catalog(odbc_tables($database, '%', '', ''), 'TABLE_CAT'));
more('types of tables', ...array_intersect(['TABLE'], catalog(odbc_tables($database, '', '', '', '%'), 'TABLE_TYPE')));
more('tables by pattern', ...catalog(odbc_tables($database, null, null, 'Group%', 'TABLE,VIEW'), 'TABLE_SCHEM', 'TABLE_NAME', 'REMARKS'));
more('a column', ...catalog(odbc_columns($database, 'Okta', 'dbo', 'Users', 'Created'), 'DATA_TYPE', 'TYPE_NAME', 'IS_NULLABLE'));
more('primary keys', ...catalog(odbc_primarykeys($database, null, null, 'GroupMembers'), 'COLUMN_NAME', 'KEY_SEQ'));
more('foreign keys', ...catalog(odbc_foreignkeys($database, '', '', '', '', '', 'GroupMembers'), 'FKCOLUMN_NAME', 'PKTABLE_NAME', 'PKCOLUMN_NAME'));
more('type of a timestamp', ...catalog(odbc_gettypeinfo($database, 11), 'TYPE_NAME', 'DATA_TYPE'));
more('types of data', count(array_unique(catalog(odbc_gettypeinfo($database), 'DATA_TYPE'))) > 15 ? 'many' : 'few');
more('statistics', ...array_filter(catalog(odbc_statistics($database, '', '', 'Users', SQL_INDEX_UNIQUE, SQL_QUICK), 'NON_UNIQUE', 'COLUMN_NAME'), fn ($line) => $line !== '-,-'));
more('best row id', ...catalog(odbc_specialcolumns($database, SQL_BEST_ROWID, '', '', 'Users', SQL_SCOPE_CURROW, SQL_NULLABLE), 'COLUMN_NAME'));
more('procedures', count(catalog(odbc_procedures($database), 'PROCEDURE_NAME')), count(catalog(odbc_procedurecolumns($database), 'COLUMN_NAME')));
more('privileges of tables', ...array_unique(catalog(odbc_tableprivileges($database, '', '', 'Users'), 'PRIVILEGE')));
more('privileges of columns', ...array_unique(catalog(odbc_columnprivileges($database, '', '', 'Users', 'Id'), 'COLUMN_NAME')));

$fields = run($database, 'SELECT Id, Created AS c, ProfileSeatNumber, ProfileContractHours, ProfileBadgeActive, Links FROM Users WHERE 1 = 0');
$each = range(1, odbc_num_fields($fields));
more('names', ...array_map(fn ($place) => odbc_field_name($fields, $place), $each));
more('types', ...array_map(fn ($place) => odbc_field_type($fields, $place), $each));
more('lengths', odbc_field_len($fields, 1), odbc_field_scale($fields, 2), odbc_field_num($fields, 'ProfileSeatNumber'));
more('no rows', odbc_fetch_row($fields) ? 1 : 0);

// Each way to fetch, forwards and by number: PHP asks for a static cursor when the driver can scroll.
$sorted = 'SELECT Id, ProfileLogin FROM Users ORDER BY Id';
$scrolled = run($database, $sorted);
more('row 5, then 2, then the next', odbc_fetch_row($scrolled, 5) ? odbc_result($scrolled, 'Id') : '-', odbc_fetch_row($scrolled, 2) ? odbc_result($scrolled, 1) : '-', odbc_fetch_row($scrolled) ? odbc_result($scrolled, 1) : '-');
more('the last row by number', odbc_fetch_array($scrolled, (int) value($database, 'SELECT COUNT(*) FROM Users'))['ProfileLogin']);
more('a row beyond the end', odbc_fetch_row($scrolled, 100_000) ? 1 : 0);
more('object', odbc_fetch_object(run($database, $sorted))->ProfileLogin);
$into = [];
odbc_fetch_into(run($database, $sorted), $into, 3);
more('into, row 3', $into[0]);
more('rows before the end', odbc_num_rows(run($database, $sorted)));
more('another result', odbc_next_result(run($database, 'SELECT 1')) ? 1 : 0);
ob_start();
$shown = odbc_result_all(run($database, 'SELECT TOP 3 Id AS First, ProfileLogin FROM Users ORDER BY Id'), 'border=1');
$table = ob_get_clean();
more('a table of HTML', $shown, substr_count($table, '<tr>'), str_contains($table, '<th>First</th>') ? 1 : 0);

// Long values: 4,096 bytes unless told otherwise.
$links = run($database, 'SELECT Links FROM Users ORDER BY Id');
odbc_longreadlen($links, 20);
odbc_fetch_row($links);
more('the start of a long value', rtrim(odbc_result($links, 1), "\0"));
$links = run($database, 'SELECT Links FROM Users ORDER BY Id');
odbc_longreadlen($links, 0);
odbc_fetch_row($links);
ob_start();
odbc_result($links, 1);
more('a long value passed through', strlen(ob_get_clean()) > 40 ? 'printed' : 'nothing');
more('a binary value as bytes', value($database, 'SELECT 0x41424344'));

more('text', value($database, 'SELECT COUNT(*) FROM Users WHERE ProfileFirstName = ?', ['Łukasz']));
more('integer', value($database, 'SELECT COUNT(*) FROM Users WHERE ProfileSeatNumber >= ?', [4000]));
more('double', value($database, 'SELECT COUNT(*) FROM Users WHERE ProfileContractHours = ?', [20.25]));
more('timestamp', value($database, 'SELECT COUNT(*) FROM Users WHERE Created >= ?', ['2021-01-01 00:00:00']));
more('boolean', value($database, 'SELECT COUNT(*) FROM Users WHERE ProfileBadgeActive = ?', [true]));
more('NULL', value($database, 'SELECT COUNT(*) FROM Users WHERE ProfileCity = ?', [null]));
more('quotes in a value', value($database, 'SELECT COUNT(*) FROM Users WHERE ProfileLastName = ?', ["O'Brien"]));
more('a long parameter', value($database, 'SELECT LEN(?)', [str_repeat('x', 3_000)]));
more('a page of rows', count(catalog((function () use ($database) {
    $page = odbc_prepare($database, 'SELECT Id FROM Users ORDER BY Id OFFSET ? ROWS FETCH NEXT ? ROWS ONLY');
    odbc_execute($page, [130, 20]);
    return $page;
})(), 'Id')));
$prepared = odbc_prepare($database, 'SELECT COUNT(*) FROM Users WHERE Status = ?');
more('one prepared, three times', ...array_map(function ($status) use ($prepared) {
    odbc_execute($prepared, [$status]);
    odbc_fetch_row($prepared);
    return odbc_result($prepared, 1);
}, ['ACTIVE', 'STAGED', 'active']));
more('a file as a value', (function () use ($database) {
    $file = tempnam(sys_get_temp_dir(), 'tour');
    file_put_contents($file, 'ACTIVE');
    $found = value($database, 'SELECT COUNT(*) FROM Users WHERE Status = ?', ["'$file'"]);
    unlink($file);
    return $found;
})());

more('commit off, rollback, on', odbc_autocommit($database, false), odbc_rollback($database), odbc_commit($database), odbc_autocommit($database, true), odbc_autocommit($database));
more('syntax error', state_of($database, fn () => @odbc_exec($database, 'SELEKT 1')));
more('no such table', state_of($database, fn () => @odbc_exec($database, 'SELECT * FROM Nowhere')));
more('read only', state_of($database, fn () => @odbc_exec($database, "DELETE FROM Users WHERE Id = 'x'")));
more('time-out', (function () {
    $waiting = connect(getenv('TOUR_SLOW'));
    $counted = odbc_prepare($waiting, 'SELECT COUNT(*), MAX(ProfileCity) FROM Users');
    odbc_setoption($counted, 2, 0, 1);    // SQL_QUERY_TIMEOUT, one second
    return state_of($waiting, fn () => @odbc_execute($counted));
})());
more('wrong token', @odbc_connect(str_replace('sim-token', 'nonsense', getenv('TOUR_CONNECTION')), '', '') ? '00000' : odbc_error());
more('nobody there', @odbc_connect('Driver={Okta ODBC Driver};Domain=http://127.0.0.1:1;APIToken=x', '', '') ? '00000' : odbc_error());
more('by name of the data source', value(connect(getenv('TOUR_DSN')), 'SELECT COUNT(*) FROM Users'));
more('the token as a password', value(odbc_connect(preg_replace('/;APIToken=.*/', '', getenv('TOUR_CONNECTION')), 'someone', 'sim-token'), 'SELECT COUNT(*) FROM Users'));
more('through the cursor library', value(odbc_connect(getenv('TOUR_DSN'), '', '', SQL_CUR_USE_ODBC), 'SELECT COUNT(*) FROM Users'));
more('a lasting connection', value(odbc_pconnect(getenv('TOUR_DSN'), '', ''), 'SELECT COUNT(*) FROM Groups'));
$first = odbc_data_source($database, SQL_FETCH_FIRST);
more('data sources', is_array($first) && $first['server'] !== '' ? 1 : 0);


// Processes: children that go on with their parent's connection, and a web server whose workers keep theirs.
more("children with their parent's connection", ...(function () use ($database) {
    $found = [];
    foreach (range(1, 3) as $child) {
        [$read, $write] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        $process = pcntl_fork();
        if ($process === 0) {
            fwrite($write, value($database, 'SELECT COUNT(*) FROM Users'));
            posix_kill(getmypid(), SIGKILL);    // Without PHP's end, which would close what is the parent's.
        }
        fclose($write);
        $found[] = stream_get_contents($read);
        pcntl_waitpid($process, $status);
    }
    return [...$found, value($database, 'SELECT COUNT(*) FROM Groups')];
})());
more('workers of a web server', ...(function () {
    $free = stream_socket_server('tcp://127.0.0.1:0');
    $address = stream_socket_get_name($free, false);
    fclose($free);
    // A group of its own, so that the workers can be ended with the server.
    $command = ['setsid', PHP_BINARY, '-S', $address, __DIR__ . '/odbc_page.php'];
    $server = proc_open($command, [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', '/dev/null', 'w']], $pipes, null, ['PHP_CLI_SERVER_WORKERS' => '3'] + getenv());
    $pages = [];
    for ($tries = 0; count($pages) < 12 && $tries < 200; $tries++) {
        $page = @file_get_contents("http://$address/");
        $page === false ? usleep(50_000) : $pages[] = $page;
    }
    posix_kill(-proc_get_status($server)['pid'], SIGTERM);
    proc_close($server);
    return array_unique(array_map(fn ($page) => explode(' ', $page)[1], $pages));
})());

odbc_close($database);
