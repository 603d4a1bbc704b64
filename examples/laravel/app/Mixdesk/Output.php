<?php

declare(strict_types=1);

namespace App\Mixdesk;

/** What a trainer prints: all of it goes to the worker's own stderr, the end of its stderr is kept for an error. */
final class Output
{
    private const KEPT_BYTES = 4000;
    private const KEPT_LINES = 10;

    private string $end = '';

    public function __construct(private readonly string $to = 'php://stderr')
    {
    }

    /** @param string $type `out` or `err` */
    public function take(string $type, string $piece): void
    {
        // Opened each time: the constant STDERR is there in a worker only, not where the queue's driver is `sync`.
        @file_put_contents($this->to, $piece, FILE_APPEND);
        if ($type === 'err') {
            $this->end = substr($this->end . $piece, -self::KEPT_BYTES);
        }
    }

    /** The last lines of stderr; empty where there were none. */
    public function lastLines(): string
    {
        $lines = array_slice(explode("\n", trim(strtr($this->end, "\r", "\n"))), -self::KEPT_LINES);
        return (string) preg_replace('/\A[\x80-\xBF]+/', '', implode("\n", $lines)); // half a letter where it was cut
    }
}
