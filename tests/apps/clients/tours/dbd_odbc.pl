# The tour of Perl's DBI with DBD::ODBC, and what Perl programs do with them besides.
use strict;
use warnings;
use utf8;
use DBI qw(:sql_types);
use DBD::ODBC;
use Encode qw(decode encode);
use JSON::PP;
use POSIX qw(SIGALRM);
use Time::HiRes qw(time ualarm);

my $json = JSON::PP->new->canonical;
my $statements = {};
open(my $answers, '>:encoding(UTF-8)', $ENV{TOUR_ANSWERS}) or die "TOUR_ANSWERS: $!";
$answers->autoflush(1);

# DBD::ODBC without odbc_has_unicode (as Debian builds it) gives UTF-8 bytes, which a program decodes; binary columns go out as hex.
my $bytes;
my %binary = map { $_ => 1 } SQL_BINARY, SQL_VARBINARY, SQL_LONGVARBINARY;

sub text { my ($value) = @_; return defined $value ? $bytes ? decode('UTF-8', $value) : "$value" : undef }

sub answer {
    my ($part, %more) = @_;
    print {$answers} $json->encode({ part => $part, %more }), "\n";
}

sub row { my ($part, @values) = @_; answer($part, row => [ map { text($_) } @values ]) }

sub more { my ($name, @values) = @_; row('more', $name, join('|', map { defined $_ ? $_ : '-' } @values)) }

# What a statement does that must fail: its SQLSTATE, or '00000' if it did not.
sub state_of {
    my ($database, $code) = @_;
    eval { $code->(); 1 } and return '00000';
    return $database->state;
}

sub connect_to {
    my ($connection) = @_;
    return DBI->connect("dbi:ODBC:$connection", '', '', { RaiseError => 1, PrintError => 0, AutoCommit => 1, LongReadLen => 300_000 });
}

sub read_all {
    my ($part, $statement) = @_;
    my @binary = map { $binary{$_} } @{ $statement->{TYPE} };
    while (my $values = $statement->fetchrow_arrayref) {
        row($part, map { $binary[$_] && defined $values->[$_] ? uc unpack('H*', $values->[$_]) : $values->[$_] } 0 .. $#$values);
    }
}

open(my $request, '<:encoding(UTF-8)', $ENV{TOUR_STATEMENTS}) or die "TOUR_STATEMENTS: $!";
while (<$request>) {
    chomp;
    my ($name, $rest) = split /\t/, $_, 2;
    $statements->{$name} = $rest;
}

my $database = connect_to($ENV{TOUR_CONNECTION});
$bytes = !$database->{odbc_has_unicode};
chomp(my $manager = `odbcinst --version`);
answer('version', client => "DBD::ODBC $DBD::ODBC::VERSION (DBI $DBI::VERSION, Perl $^V)", manager => $manager);
answer('connect');

my $tables = $database->table_info(undef, undef, undef, undef);
while (my $table = $tables->fetchrow_hashref) { row('tables', @$table{qw(TABLE_NAME TABLE_TYPE)}) }
my $columns = $database->column_info(undef, undef, 'Users', '%');
while (my $column = $columns->fetchrow_hashref) { row('columns', @$column{qw(COLUMN_NAME TYPE_NAME)}) }

for my $part (qw(types okta)) {
    my $statement = $database->prepare($statements->{$part});
    $statement->execute;
    read_all($part, $statement);
}

my %sql_type = (text => SQL_WVARCHAR, integer => SQL_INTEGER, double => SQL_DOUBLE, timestamp => SQL_TYPE_TIMESTAMP);
my $parameters = $database->prepare($statements->{parameters});
my $place = 0;
for my $given (split /\t/, $statements->{'parameters.values'}) {
    my ($type, $value) = split /:/, $given, 2;
    $parameters->bind_param(++$place, $bytes ? encode('UTF-8', $value) : $value, { TYPE => $sql_type{$type} });
}
$parameters->execute;
read_all('parameters', $parameters);

my $long = $database->prepare($statements->{long});
$long->execute;
read_all('long', $long);

my $large = connect_to($ENV{TOUR_LARGE});
my $many = $large->prepare($statements->{many});
$many->execute;
read_all('many', $many);
$large->disconnect;

eval { $database->do($statements->{error}) };
answer('error', sqlstate => $database->state, message => text($database->errstr));
row('after-error', $database->selectrow_array($statements->{'after-error'}));

# The documentation of DBI cancels from a signal handler; POSIX::sigaction has it run while a fetch waits, where %SIG waits for the end.
my $slow = connect_to($ENV{TOUR_SLOW});
my $endless = $slow->prepare($statements->{cancel});
# Between two fetches a cancel would close the cursor in the driver manager's eyes (HY010), so it waits for one that waits.
my ($rows, $asked) = (0, time);
POSIX::sigaction(SIGALRM, POSIX::SigAction->new(sub { time - $asked < 0.1 ? ualarm(20_000) : $endless->cancel }));
$endless->execute;
$asked = time;
ualarm(700_000);
eval { while ($endless->fetchrow_arrayref) { $rows++; $asked = time } };
answer('cancel', rows => "$rows", sqlstate => $endless->state || undef);
undef $endless;
$slow->disconnect;

$database->disconnect;
answer('disconnect');

# What follows is what Perl programs do with DBI besides; what is wanted stands in dbd-odbc.more.tsv.
$database = connect_to($ENV{TOUR_CONNECTION});

sub names { my ($handle, @columns) = @_; my @found; while (my $r = $handle->fetchrow_hashref) { push @found, join ',', map { $_ // '-' } @$r{@columns} } return @found }

more('info', map { $database->get_info($_) } 17, 29, 41, 10003);
more('catalogs', names($database->table_info('%', '', ''), 'TABLE_CAT'));
more('schemas', grep { $_ eq 'dbo' } names($database->table_info('', '%', ''), 'TABLE_SCHEM'));
more('table types', grep { /^(TABLE|VIEW)$/ } names($database->table_info('', '', '', '%'), 'TABLE_TYPE'));
more('table by pattern', names($database->table_info(undef, undef, 'Group%', 'TABLE,VIEW'), qw(TABLE_CAT TABLE_SCHEM TABLE_NAME TABLE_TYPE)));
more('remarks', map { $_->{REMARKS} } @{ $database->table_info(undef, undef, 'Users', 'TABLE')->fetchall_arrayref({}) });
more('column', names($database->column_info('Okta', 'dbo', 'Users', 'Created'), qw(DATA_TYPE COLUMN_SIZE DECIMAL_DIGITS NULLABLE ORDINAL_POSITION IS_NULLABLE)));
more('column by pattern', names($database->column_info(undef, undef, 'Users', 'ProfileCost%'), 'COLUMN_NAME'));
more('primary key', $database->primary_key(undef, undef, 'GroupMembers'));
more('primary key by case', $database->primary_key('okta', 'DBO', 'groupmembers'));
more('foreign keys to Groups', names($database->foreign_key_info(undef, undef, 'Groups', undef, undef, undef), qw(PKTABLE_NAME PKCOLUMN_NAME FKTABLE_NAME FKCOLUMN_NAME)));
more('foreign keys of GroupMembers', names($database->foreign_key_info(undef, undef, undef, undef, undef, 'GroupMembers'), qw(FKCOLUMN_NAME PKTABLE_NAME PKCOLUMN_NAME)));
my @indexes = grep { $_->[6] } @{ $database->statistics_info(undef, undef, 'GroupMembers', 1, 1)->fetchall_arrayref };
more('unique index', map { join ',', @$_[ 3, 7, 8 ] } @indexes);
more('types of the driver', join ',', map { $_->{DATA_TYPE} } $database->type_info([ SQL_WVARCHAR, SQL_BIT, SQL_TYPE_TIMESTAMP, SQL_DECIMAL ]));
more('type of INTEGER', join ',', @{ ($database->type_info(SQL_INTEGER))[0] }{qw(TYPE_NAME COLUMN_SIZE SEARCHABLE UNSIGNED_ATTRIBUTE)});
more('tables()', scalar grep { index($_, 'Users') >= 0 } $database->tables);
more('quoted', $database->quote_identifier('Okta', 'dbo', 'Users'), $database->quote("D'Andre"));
more('ping', $database->ping ? 1 : 0);

# Statements: what a handle tells of its columns, and each way to fetch.
my $typed = $database->prepare('SELECT Id, Created AS c, ProfileSeatNumber, ProfileContractHours FROM Users WHERE 1 = 0');
$typed->execute;
more('names', @{ $typed->{NAME} });
more('lower names', @{ $typed->{NAME_lc} });
more('codes', @{ $typed->{TYPE} });
more('precision and scale', map { ($typed->{PRECISION}[$_], $typed->{SCALE}[$_] || 0) } 0 .. 1);
more('nullable', map { $_ ? 1 : 0 } @{ $typed->{NULLABLE} });
more('no rows', scalar @{ $typed->fetchall_arrayref });
more('rows before the end', do { my $s = $database->prepare('SELECT Id FROM Users'); $s->execute; $s->rows });
more('a hash by key', do { my $all = $database->selectall_hashref('SELECT Id, ProfileEmail FROM Users', 'Id'); scalar keys %$all });
more('a column', do { my $all = $database->selectcol_arrayref('SELECT Status FROM Users ORDER BY Status'); ($all->[0], $all->[-1]) });
more('pieces of rows', do { my $s = $database->prepare('SELECT Id FROM Users'); $s->execute; my $n = 0; while (my $some = $s->fetchall_arrayref(undef, 50)) { $n += @$some } $n });
my ($id, $login);
my $bound = $database->prepare('SELECT Id, ProfileLogin FROM Users ORDER BY Id');
$bound->execute;
$bound->bind_columns(\$id, \$login);
$bound->fetch;
more('bound columns', $id, $login);
$bound->finish;
more('two statements at once', do {
    my ($outer, $inner) = ($database->prepare('SELECT Id FROM Groups ORDER BY Id'), $database->prepare('SELECT COUNT(*) FROM GroupMembers WHERE GroupId = ?'));
    my $members = 0;
    $outer->execute;
    while (my ($group) = $outer->fetchrow_array) { $inner->execute($group); $members += ($inner->fetchrow_array)[0]; $inner->finish }
    $members;
});

# Parameters: prepared once, executed with many values, without and with types, NULL, long and wide ones.
my $by_status = $database->prepare('SELECT COUNT(*) FROM Users WHERE Status = ?');
more('one prepared, three times', map { $by_status->execute($_); ($by_status->fetchrow_array)[0] } qw(ACTIVE STAGED active));
$by_status->finish;
more('integer without a type', $database->selectrow_array('SELECT COUNT(*) FROM Users WHERE ProfileSeatNumber >= ?', undef, 4000));
more('double without a type', $database->selectrow_array('SELECT COUNT(*) FROM Users WHERE ProfileContractHours = ?', undef, 20.25));
more('timestamp without a type', $database->selectrow_array('SELECT COUNT(*) FROM Users WHERE Created >= ?', undef, '2021-01-01 00:00:00'));
more('bit without a type', $database->selectrow_array('SELECT COUNT(*) FROM Users WHERE ProfileBadgeActive = ?', undef, 1));
more('NULL', $database->selectrow_array('SELECT COUNT(*) FROM Users WHERE ProfileCity = ?', undef, undef));
more('wide text', $database->selectrow_array('SELECT COUNT(*) FROM Users WHERE ProfileFirstName = ?', undef, $bytes ? encode('UTF-8', 'Łukasz') : 'Łukasz'));
more('text of 10,000 characters', $database->selectrow_array('SELECT LEN(?)', undef, 'x' x 10_000));
more('a marker in TOP', scalar @{ $database->selectall_arrayref('SELECT TOP (?) Id FROM Users', undef, 7) });
more('named places', do { my $s = $database->prepare('SELECT COUNT(*) FROM Users WHERE Status = :s AND ProfileSeatNumber > :n'); $s->bind_param('s', 'ACTIVE'); $s->bind_param('n', 4000, SQL_INTEGER); $s->execute; $s->fetchrow_array });
more('rows of parameters', do { my $s = $database->prepare('SELECT Id FROM Users WHERE Id = ?'); my @status; my $n = $s->execute_array({ ArrayTupleStatus => \@status }, [ 'a', 'b' ]); scalar @status });
more('number of markers', $database->prepare('SELECT Id FROM Users WHERE Status = ? AND Id > ?')->{NUM_OF_PARAMS});

# Long values: cut with a warning that is an error, cut when asked to, or read in pieces.
my $text = 'SELECT Links FROM Users ORDER BY Id';
more('too long', state_of($database, sub { my $s = $database->prepare($text); $s->{LongReadLen} = 20; $s->execute; $s->fetchrow_array }));
more('cut when asked to', do { my $s = $database->prepare($text); @$s{qw(LongReadLen LongTruncOk)} = (20, 1); $s->execute; substr(($s->fetchrow_array)[0], 0, 20) });
more('an expression without a limit', length(($database->selectrow_array("SELECT CAST(REPLICATE(N'ab', 10000) AS NVARCHAR(MAX))"))[0]));
more('the largest TINYINT', $database->selectrow_array('SELECT CAST(255 AS TINYINT)'));
more('in pieces', do {
    my $s = $database->prepare('SELECT REPLICATE(N\'abcdefgh\', 5000)');
    $s->execute;
    $s->bind_col(1, undef, { TreatAsLOB => 1 });
    $s->fetch;
    my ($whole, $piece) = ('');
    while (my $length = $s->odbc_lob_read(1, \$piece, 4001)) { $whole .= $piece }
    ($whole eq 'abcdefgh' x 5000) ? 'whole' : length $whole;
});

# Transactions change nothing, and say so to nobody.
more('begin and rollback', do { $database->begin_work; $database->selectrow_array('SELECT COUNT(*) FROM Groups'); $database->rollback; $database->{AutoCommit} ? 1 : 0 });
more('commit off and on', do { $database->{AutoCommit} = 0; $database->selectrow_array('SELECT 1'); $database->commit; $database->{AutoCommit} = 1 });

# Errors: the state that a program asks for, and a connection that goes on.
more('syntax error', state_of($database, sub { $database->do('SELEKT 1') }));
more('no such table', state_of($database, sub { $database->selectall_arrayref('SELECT * FROM Nowhere') }));
more('division by zero', state_of($database, sub { $database->selectall_arrayref('SELECT 1 / 0') }));
more('read only', state_of($database, sub { $database->do("DELETE FROM Users WHERE Id = 'x'") }));
more('too few values', state_of($database, sub { my $s = $database->prepare('SELECT Id FROM Users WHERE Id = ?'); $s->execute }));
more('wrong token', do { (my $wrong = $ENV{TOUR_CONNECTION}) =~ s/sim-token/nonsense/; eval { connect_to($wrong) }; $DBI::state });
more('nobody there', do { eval { connect_to('Driver={Okta ODBC Driver};Domain=http://127.0.0.1:1;APIToken=x') }; $DBI::state });
more('no such data source', do { eval { connect_to('nowhere') }; $DBI::state });
more('time-out', do {
    my $waiting = DBI->connect("dbi:ODBC:$ENV{TOUR_SLOW}", '', '', { RaiseError => 1, PrintError => 0, odbc_query_timeout => 1 });
    state_of($waiting, sub { $waiting->selectall_arrayref('SELECT COUNT(*), MAX(ProfileCity) FROM Users') });
});
more('by name of the data source', do { my $named = connect_to($ENV{TOUR_DSN}); my ($n) = $named->selectrow_array('SELECT COUNT(*) FROM Users'); $named->disconnect; $n });
more('data sources', scalar grep { $_ eq "dbi:ODBC:$ENV{TOUR_DSN}" } DBI->data_sources('ODBC'));
more('cursor type dynamic', do {
    my $dynamic = DBI->connect("dbi:ODBC:$ENV{TOUR_CONNECTION}", '', '', { RaiseError => 1, PrintError => 0, odbc_cursortype => 2 });
    $dynamic->selectrow_array('SELECT COUNT(*) FROM Users');
});
more('disconnect with an open cursor', do { my $other = connect_to($ENV{TOUR_CONNECTION}); my $s = $other->prepare('SELECT Id FROM Users'); $s->execute; $s->fetch; $s->finish; $other->disconnect ? 1 : 0 });
more('a child process', do {
    pipe(my $reader, my $writer);
    my $child = fork;
    if (!$child) {
        $database->{InactiveDestroy} = 1;
        my $own = connect_to($ENV{TOUR_CONNECTION});
        syswrite $writer, ($own->selectrow_array('SELECT COUNT(*) FROM Users'))[0];
        $own->disconnect;
        POSIX::_exit(0);
    }
    close $writer;
    waitpid $child, 0;
    my $n = <$reader>;
    join ',', $n, $database->selectrow_array('SELECT COUNT(*) FROM Users');
});

$database->disconnect;
