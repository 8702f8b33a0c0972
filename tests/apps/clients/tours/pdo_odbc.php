<?php
// The tour of PHP's PDO_ODBC, and what PHP programs do with PDO besides.
require __DIR__ . '/answers.php';

$statements = statements();

function connect(string $connection, array $options = []): PDO
{
    return new PDO("odbc:$connection", '', '', $options + [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
}

function read_all(string $part, PDOStatement $statement): void
{
    while ($values = $statement->fetch(PDO::FETCH_NUM)) {
        row($part, $values);
    }
}

// PDO_ODBC has no catalog functions: tables and columns are asked of INFORMATION_SCHEMA.
$database = connect(getenv('TOUR_CONNECTION'));
answer('version', ['client' => 'PHP ' . PHP_VERSION . ' PDO, ' . $database->getAttribute(PDO::ATTR_CLIENT_VERSION), 'manager' => manager()]);
answer('connect');

foreach (['types', 'okta'] as $part) {
    $statement = $database->prepare($statements[$part]);
    $statement->execute();
    read_all($part, $statement);
}

$parameters = $database->prepare($statements['parameters']);
foreach (values($statements['parameters.values']) as $place => $value) {
    $parameters->bindValue($place + 1, $value, is_int($value) ? PDO::PARAM_INT : PDO::PARAM_STR);
}
$parameters->execute();
read_all('parameters', $parameters);

read_all('long', $database->query($statements['long']));

$large = connect(getenv('TOUR_LARGE'));
read_all('many', $large->query($statements['many']));
unset($large);

try {
    $database->query($statements['error']);
} catch (PDOException $error) {
    answer('error', ['sqlstate' => $error->errorInfo[0], 'message' => $error->getMessage()]);
}
read_all('after-error', $database->query($statements['after-error']));

// PDO has no cancel: the cursor is closed early.
$slow = connect(getenv('TOUR_SLOW'));
$endless = $slow->query($statements['cancel']);
$rows = 0;
while ($rows < 300 && $endless->fetch(PDO::FETCH_NUM)) {
    $rows++;
}
$endless->closeCursor();
answer('cancel', ['rows' => (string) $rows, 'sqlstate' => null]);
unset($endless, $slow);

unset($statement, $parameters, $database);
answer('disconnect');

// What follows is what PHP programs do with PDO besides; what is wanted stands in php-pdo.more.tsv.
$database = connect(getenv('TOUR_CONNECTION'));

/** The first value of a statement, with values for its markers. */
function value(PDO $database, string $sql, array $values = []): mixed
{
    $statement = $database->prepare($sql);
    $statement->execute($values);
    return $statement->fetchColumn();
}

/** The SQLSTATE that a call fails with; PDO tells that of a connection only in the text. */
function state_of(callable $call): string
{
    try {
        $call();
        return '00000';
    } catch (PDOException $error) {
        return $error->errorInfo[0] ?? preg_replace('/^SQLSTATE\[(\w+)\].*/s', '$1', $error->getMessage());
    }
}

more('server', $database->getAttribute(PDO::ATTR_SERVER_INFO), preg_match('/^\d\d\.\d\d\.\d{4}/', $database->getAttribute(PDO::ATTR_SERVER_VERSION)));
more('driver', $database->getAttribute(PDO::ATTR_DRIVER_NAME), $database->getAttribute(PDO::ATTR_AUTOCOMMIT));
more('tables', ...$database->query("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'dbo' AND TABLE_NAME LIKE 'Group%' ORDER BY TABLE_NAME")->fetchAll(PDO::FETCH_COLUMN));
more('columns', ...$database->query("SELECT TOP 3 COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'Users' ORDER BY ORDINAL_POSITION")->fetchAll(PDO::FETCH_COLUMN));

// Each way to fetch.
$sorted = 'SELECT Id, ProfileLogin, Status FROM Users ORDER BY Id';
more('by name', $database->query($sorted)->fetch(PDO::FETCH_ASSOC)['ProfileLogin']);
more('as an object', $database->query($sorted)->fetch(PDO::FETCH_OBJ)->ProfileLogin);
more('lazily', $database->query($sorted)->fetch(PDO::FETCH_LAZY)->ProfileLogin);
more('keys and values', count($database->query('SELECT Id, ProfileEmail FROM Users')->fetchAll(PDO::FETCH_KEY_PAIR)));
more('grouped', count($database->query('SELECT Status, Id FROM Users')->fetchAll(PDO::FETCH_GROUP | PDO::FETCH_COLUMN)));
more('unique', count($database->query('SELECT Id, Status FROM Users')->fetchAll(PDO::FETCH_UNIQUE)));
more('by a function', $database->query('SELECT TOP 1 Id, Status FROM Users ORDER BY Id')->fetchAll(PDO::FETCH_FUNC, fn ($id, $status) => "$id/$status")[0]);
$bound = $database->query($sorted);
$bound->bindColumn('Status', $status);
$bound->bindColumn(2, $login, PDO::PARAM_STR);
$bound->fetch(PDO::FETCH_BOUND);
more('bound', $status, $login);
$bound->closeCursor();
more('lower-case names', implode(',', array_keys(connect(getenv('TOUR_CONNECTION'), [PDO::ATTR_CASE => PDO::CASE_LOWER])->query($sorted)->fetch(PDO::FETCH_ASSOC))));
more('counts', $database->query($sorted)->columnCount(), $database->query($sorted)->rowCount());
more('iterated', iterator_count($database->query('SELECT Id FROM Users')->getIterator()));
more('another result', $database->query('SELECT 1')->nextRowset() ? 1 : 0);
more('two statements at once', (function () use ($database) {
    $members = $database->prepare('SELECT COUNT(*) FROM GroupMembers WHERE GroupId = ?');
    $sum = 0;
    foreach ($database->query('SELECT Id FROM Groups') as [$group]) {
        $members->execute([$group]);
        $sum += $members->fetchColumn();
        $members->closeCursor();
    }
    return $sum;
})());

// A cursor that scrolls: last, first, by number, backwards.
$scroll = $database->prepare($sorted, [PDO::ATTR_CURSOR => PDO::CURSOR_SCROLL]);
$scroll->execute();
more('last', $scroll->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_LAST)[0]);
more('before it', $scroll->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_PRIOR)[0]);
more('first', $scroll->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_FIRST)[0]);
more('tenth', $scroll->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_ABS, 10)[0]);
more('three on', $scroll->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_REL, 3)[0]);
$scroll->closeCursor();

// Parameters, each sent as data at execution.
more('named', value($database, 'SELECT COUNT(*) FROM Users WHERE Status = :status AND ProfileSeatNumber > :seat', ['status' => 'ACTIVE', ':seat' => 4000]));
more('text', value($database, 'SELECT COUNT(*) FROM Users WHERE ProfileFirstName = ?', ['Łukasz']));
more('integer', value($database, 'SELECT COUNT(*) FROM Users WHERE ProfileSeatNumber >= ?', [4000]));
more('double', value($database, 'SELECT COUNT(*) FROM Users WHERE ProfileContractHours = ?', [20.25]));
more('timestamp', value($database, 'SELECT COUNT(*) FROM Users WHERE Created >= ?', ['2021-01-01 00:00:00']));
more('NULL', value($database, 'SELECT COUNT(*) FROM Users WHERE ProfileCity = ?', [null]));
more('boolean', (function () use ($database) {
    $active = $database->prepare('SELECT COUNT(*) FROM Users WHERE ProfileBadgeActive = ?');
    $active->bindValue(1, true, PDO::PARAM_BOOL);
    $active->execute();
    return $active->fetchColumn();
})());
more('by reference, three times', (function () use ($database) {
    $counted = $database->prepare('SELECT COUNT(*) FROM Users WHERE Status = ?');
    $counted->bindParam(1, $status);
    $found = [];
    foreach (['ACTIVE', 'STAGED', 'active'] as $status) {
        $counted->execute();
        $found[] = $counted->fetchColumn();
        $counted->closeCursor();
    }
    return implode(',', $found);
})());
more('long text', value($database, 'SELECT LEN(?)', [str_repeat('x', 4_000)]));
more('a stream', (function () use ($database) {
    $stream = fopen('php://memory', 'r+');
    fwrite($stream, str_repeat('ä', 3_000));
    rewind($stream);
    $length = $database->prepare('SELECT LEN(?)');
    $length->bindValue(1, $stream, PDO::PARAM_LOB);
    $length->execute();
    return $length->fetchColumn();
})());
more('a page of rows', (function () use ($database) {
    $page = $database->prepare('SELECT Id FROM Users ORDER BY Id OFFSET ? ROWS FETCH NEXT ? ROWS ONLY');
    $page->execute([130, 20]);
    return count($page->fetchAll());
})());

// Transactions, errors, ways to connect.
more('transaction', $database->beginTransaction(), $database->inTransaction(), value($database, 'SELECT COUNT(*) FROM Groups'), $database->rollBack(), $database->inTransaction());
more('committed', $database->beginTransaction(), $database->commit());
more('syntax error', state_of(fn () => $database->query('SELEKT 1')));
more('no such table', state_of(fn () => $database->query('SELECT * FROM Nowhere')));
more('division by zero', state_of(fn () => $database->query('SELECT 1 / 0')->fetchAll()));
more('read only', state_of(fn () => $database->exec("DELETE FROM Users WHERE Id = 'x'")));
more('not a number', state_of(fn () => value($database, 'SELECT COUNT(*) FROM Users WHERE ProfileSeatNumber > ?', ['many'])));
more('too few values', state_of(fn () => value($database, 'SELECT Id FROM Users WHERE Id = ? AND Status = ?', ['a'])));
more('without exceptions', (function () {
    $silent = connect(getenv('TOUR_CONNECTION'), [PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT]);
    return $silent->query('SELECT * FROM Nowhere') === false ? $silent->errorCode() : '00000';
})());
more('wrong token', state_of(fn () => connect(str_replace('sim-token', 'nonsense', getenv('TOUR_CONNECTION')))));
more('nobody there', state_of(fn () => connect('Driver={Okta ODBC Driver};Domain=http://127.0.0.1:1;APIToken=x')));
more('by name of the data source', value(connect(getenv('TOUR_DSN')), 'SELECT COUNT(*) FROM Users'));
more('the token as a password', value(new PDO('odbc:' . preg_replace('/;APIToken=.*/', '', getenv('TOUR_CONNECTION')), 'someone', 'sim-token'), 'SELECT COUNT(*) FROM Users'));
more('a lasting connection', value(connect(getenv('TOUR_DSN'), [PDO::ATTR_PERSISTENT => true]), 'SELECT COUNT(*) FROM Groups'));
more('without the cursor library', value(connect(getenv('TOUR_DSN'), [PDO::ODBC_ATTR_USE_CURSOR_LIBRARY => PDO::ODBC_SQL_USE_DRIVER]), 'SELECT COUNT(*) FROM Groups'));
more('with the cursor library', value(connect(getenv('TOUR_DSN'), [PDO::ODBC_ATTR_USE_CURSOR_LIBRARY => PDO::ODBC_SQL_USE_ODBC]), 'SELECT COUNT(*) FROM Groups'));
