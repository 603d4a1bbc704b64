<?php

declare(strict_types=1);

namespace App\Mixdesk;

/** What goes back to the browser: a status, headers, and the body in pieces, none of which is kept. */
final class Reply
{
    /** What of the desk's headers the browser sees; cookies and challenges are not among it. */
    public const PASSED = ['content-type', 'content-disposition', 'content-length', 'retry-after'];

    private const TITLES = [
        400 => 'Bad Request', 403 => 'Forbidden', 404 => 'Not Found', 405 => 'Method Not Allowed', 409 => 'Conflict',
        413 => 'Content Too Large', 415 => 'Unsupported Media Type', 422 => 'Unprocessable Entity',
        429 => 'Too Many Requests', 500 => 'Internal Server Error', 502 => 'Bad Gateway', 503 => 'Service Unavailable',
    ];

    /**
     * @param array<string, string> $headers
     * @param iterable<string> $body
     */
    public function __construct(
        public readonly int $status,
        public readonly array $headers,
        public readonly iterable $body,
    ) {
    }

    /** An error as the desk itself says it: application/problem+json. */
    public static function problem(Refused $refused): self
    {
        $body = json_encode([
            'type' => 'about:blank',
            'title' => self::TITLES[$refused->status] ?? 'Error',
            'status' => $refused->status,
            'detail' => $refused->getMessage(),
        ], JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR);
        $headers = self::headers(['content-type' => 'application/problem+json']) + $refused->headers;
        return new self($refused->status, $headers, [$body]);
    }

    /**
     * An answer of the desk. One that says that the desk does not know this application, or leads elsewhere, is the
     * application's own trouble: as 401 the browser would take it for the user's.
     *
     * @param array<string, string> $headers names in lower case
     * @param iterable<string> $body
     * @throws Refused 502
     */
    public static function from(int $status, array $headers, iterable $body): self
    {
        if ($status === 401) {
            throw new Refused(502, 'the desk does not know the token of this application: look at config/mixdesk.php');
        }
        if ($status < 200 || ($status >= 300 && $status < 400)) {
            throw new Refused(502, "what answers at the address of the desk is no desk: status {$status}");
        }
        return new self($status, self::headers($headers), $body);
    }

    /** Prints the body piece by piece; memory holds one of them. */
    public function print(): void
    {
        try {
            foreach ($this->body as $piece) {
                echo $piece;
                if (ob_get_level() > 0) {
                    ob_flush();
                }
                flush();
            }
        } catch (Refused $broken) {
            echo $this->lastLine($broken);
        }
    }

    /** All of it, for answers that are known to be small. */
    public function text(): string
    {
        $text = '';
        foreach ($this->body as $piece) {
            $text .= $piece;
        }
        return $text;
    }

    /**
     * @param array<string, string> $given
     * @return array<string, string>
     */
    private static function headers(array $given): array
    {
        // X-Accel-Buffering: nginx hands each piece on, and keeps no log in its temporary files.
        return array_intersect_key($given, array_flip(self::PASSED))
            + ['cache-control' => 'no-store', 'x-content-type-options' => 'nosniff', 'x-accel-buffering' => 'no'];
    }

    /** When a body breaks off its status is sent. JSON, .gz and a length are seen to be short, lines say it. */
    private function lastLine(Refused $broken): string
    {
        $type = $this->headers['content-type'] ?? '';
        return match (true) {
            isset($this->headers['content-length']) => '',
            str_starts_with($type, 'text/plain') => "\n[broken off: {$broken->getMessage()}]\n",
            str_starts_with($type, 'application/x-ndjson') =>
                "\n" . json_encode(['broken_off' => $broken->getMessage()], JSON_THROW_ON_ERROR) . "\n",
            default => '',
        };
    }
}
