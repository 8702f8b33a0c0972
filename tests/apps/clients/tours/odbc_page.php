<?php
// A page of odbc.php's web server: the worker that made it, and what it read by a connection that the worker keeps.
$database = odbc_pconnect(getenv('TOUR_DSN'), '', '');
$result = odbc_exec($database, 'SELECT COUNT(*) FROM Users');
odbc_fetch_row($result);
echo getmypid(), ' ', odbc_result($result, 1);
