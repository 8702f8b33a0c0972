<?php
// What both PHP tours share: reading the statements, writing the answers.

function statements(): array
{
    $found = [];
    foreach (file(getenv('TOUR_STATEMENTS'), FILE_IGNORE_NEW_LINES) as $line) {
        [$name, $rest] = explode("\t", $line, 2);
        $found[$name] = $rest;
    }
    return $found;
}

function answer(string $part, array $more = []): void
{
    static $file = null;
    $file ??= fopen(getenv('TOUR_ANSWERS'), 'w');
    fwrite($file, json_encode(['part' => $part] + $more, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR) . "\n");
}

function row(string $part, array $values): void
{
    answer($part, ['row' => array_map(fn ($value) => $value === null ? null : (is_bool($value) ? ($value ? '1' : '0') : (string) $value), array_values($values))]);
}

function more(string $name, mixed ...$values): void
{
    row('more', [$name, implode('|', array_map(fn ($value) => $value === null ? '-' : (is_bool($value) ? (int) $value : $value), $values))]);
}

/** The driver manager in use; PHP itself has no call that tells. */
function manager(): string
{
    return trim((string) shell_exec('odbcinst --version'));
}

/** The values for the markers of `parameters`, each as PHP would hold it: text, int, float, a timestamp as text. */
function values(string $line): array
{
    $convert = ['integer' => 'intval', 'double' => 'floatval', 'text' => 'strval', 'timestamp' => 'strval'];
    return array_map(function ($given) use ($convert) {
        [$type, $value] = explode(':', $given, 2);
        return $convert[$type]($value);
    }, explode("\t", $line));
}
