<?php

declare(strict_types=1);

namespace App\Mixdesk;

/** A request that is not passed on, or got no answer: a status and a text for whoever asked. */
final class Refused extends \RuntimeException
{
    /** @param array<string, string> $headers further ones of the answer, names in lower case */
    public function __construct(
        public readonly int $status,
        string $detail,
        ?\Throwable $previous = null,
        public readonly array $headers = [],
    ) {
        parent::__construct($detail, 0, $previous);
    }

    /** Whether the same may do a moment later. */
    public function mayPass(): bool
    {
        return $this->status === 429 || $this->status > 500;
    }
}
