<?php

declare(strict_types=1);

namespace App\Mixdesk;

/** One request to the desk, made of what a browser sent and of nothing that was not looked at. */
final class Wish
{
    private const MOST_BYTES = 65536;
    private const LONGEST_QUERY = 8000;
    private const LONGEST_WORD = 1000;

    /** @param string $target path and query */
    public function __construct(
        public readonly string $method,
        public readonly string $target,
        public readonly string $role,
        public readonly string $body = '',
        public readonly ?string $key = null,
    ) {
    }

    /**
     * @param string $path as it was sent, before anything decoded it
     * @param string $query the same, without the question mark
     * @param string $type the Content-Type
     * @param ?string $key the Idempotency-Key
     * @param string $user who asks: the keys of two users are two
     * @throws Refused 400, 404, 405, 413, 415
     */
    public static function from(
        string $method,
        string $path,
        string $query,
        string $body,
        string $type,
        ?string $key,
        string $user,
    ): self {
        [, , $role, $words] = Allowed::route($method, $path);
        $query = self::query($query, $words);
        return new self(
            $method,
            $query === '' ? $path : "{$path}?{$query}",
            $role,
            $method === 'POST' ? self::body($body, $type) : '',
            $method === 'POST' && $key !== null ? self::key($key, $user) : null,
        );
    }

    /** @param list<string> $words */
    private static function query(string $query, array $words): string
    {
        if (strlen($query) > self::LONGEST_QUERY) {
            throw new Refused(400, 'the query is longer than ' . self::LONGEST_QUERY . ' characters');
        }
        $pairs = [];
        foreach (array_filter(explode('&', $query), static fn (string $pair): bool => $pair !== '') as $pair) {
            [$name, $value] = array_map(urldecode(...), explode('=', $pair, 2) + [1 => '']);
            if (!in_array($name, $words, true)) {
                $known = $words === [] ? 'this path takes none' : 'use ' . implode(', ', $words);
                throw new Refused(400, "a word of the query is not known here: {$known}");
            }
            if (preg_match('/\A[^\x00-\x1f\x7f]{0,' . self::LONGEST_WORD . '}\z/u', $value) !== 1) {
                throw new Refused(400, "{$name} must be UTF-8, at most " . self::LONGEST_WORD . ' printed characters');
            }
            $pairs[] = "{$name}=" . rawurlencode($value);
        }
        return implode('&', $pairs);
    }

    private static function body(string $body, string $type): string
    {
        if (strlen($body) > self::MOST_BYTES) {
            throw new Refused(413, 'a body may have ' . self::MOST_BYTES . ' bytes');
        }
        if ($body !== '' && preg_match('#\Aapplication/json\s*(;|\z)#i', $type) !== 1) {
            throw new Refused(415, 'a body must be application/json');
        }
        if ($body !== '' && !json_decode($body) instanceof \stdClass) {
            throw new Refused(400, 'a body must be a JSON object');
        }
        return $body;
    }

    private static function key(string $key, string $user): string
    {
        if (preg_match('/\A[\x20-\x7e]{1,200}\z/', $key) !== 1) {
            throw new Refused(400, 'Idempotency-Key must be 1 to 200 printed ASCII characters');
        }
        // The desk sees one token for all users, and would take the same key of two for one.
        return hash('sha256', "{$user}\n{$key}");
    }
}
