<?php

declare(strict_types=1);

namespace App\Mixdesk;

/** A job that waits for its worker. Whoever has its key may report for it: keep it out of logs and answers. */
final class QueuedJob
{
    private function __construct(
        public readonly string $id,
        private readonly string $key,
        private readonly string $type,
        private readonly string $name,
        private readonly ?string $version,
        private readonly ?string $owner,
        private readonly string $createdAt,
    ) {
    }

    /** @throws Refused 422 for what the desk would not show as it was meant */
    public static function new(string $type, string $name, ?string $version = null, ?string $owner = null): self
    {
        foreach (['type' => $type, 'name' => $name, 'version' => $version, 'owner' => $owner] as $what => $text) {
            if ($text !== null && preg_match('/\A[^\x00-\x1f\x7f]{1,200}\z/u', $text) !== 1) {
                throw new Refused(422, "{$what} must be 1 to 200 characters without line breaks");
            }
        }
        return new self(self::uuid(), bin2hex(random_bytes(32)), $type, $name, $version, $owner, self::now());
    }

    /**
     * The body of `PUT /jobs/{id}/report` that makes it.
     *
     * @return array<string, mixed>
     */
    public function report(): array
    {
        return $this->said('queued', 1);
    }

    /**
     * The same that ends it, for a worker that could not start. A trainer that took it up has reported with this `seq`
     * or a later one, and then the desk passes over it.
     *
     * @return array<string, mixed>
     */
    public function failed(string $why): array
    {
        return ['error' => $why, 'completed_at' => self::now()] + $this->said('failed', 2);
    }

    /**
     * What the trainer needs in its environment to take it up.
     *
     * @return array{MIXDESK_JOB: string}
     */
    public function environ(): array
    {
        return ['MIXDESK_JOB' => "{$this->id}:{$this->key}"];
    }

    /** @return array<string, mixed> */
    public function __debugInfo(): array
    {
        return ['id' => $this->id, 'type' => $this->type, 'name' => $this->name, 'key' => 'not shown'];
    }

    /** @return array<string, mixed> */
    private function said(string $status, int $seq): array
    {
        return [
            'v' => 1,
            'job_id' => $this->id,
            'job_key' => $this->key,
            'job_type' => $this->type,
            'name' => $this->name,
            'version' => $this->version,
            'owner' => $this->owner,
            'seq' => $seq,
            'status' => $status,
            'sent_at' => self::now(),
            'created_at' => $this->createdAt,
        ];
    }

    private static function now(): string
    {
        return (new \DateTimeImmutable('now', new \DateTimeZone('UTC')))->format('Y-m-d\TH:i:s.u\Z');
    }

    /** UUIDv7 (RFC 9562): 48 bits of milliseconds, so that ids sort by time, and 74 random ones. */
    private static function uuid(): string
    {
        $bytes = substr(pack('J', (int) (microtime(true) * 1000)), 2) . random_bytes(10);
        $bytes[6] = chr((ord($bytes[6]) & 0x0F) | 0x70);
        $bytes[8] = chr((ord($bytes[8]) & 0x3F) | 0x80);
        return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($bytes), 4));
    }
}
