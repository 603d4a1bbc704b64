<?php

declare(strict_types=1);

namespace App\Mixdesk;

/** The desk as this application knows it: passes wishes on, hands out tickets, queues jobs. */
final class Desk
{
    public function __construct(private readonly Settings $settings, private readonly Transport $transport)
    {
    }

    /**
     * @param bool $mayOperate whether the user may act; without it the desk sees a viewer
     * @throws Refused 403, 502
     */
    public function pass(Wish $wish, bool $mayOperate): Reply
    {
        if ($wish->role === Allowed::OPERATOR && !$mayOperate) {
            throw new Refused(403, 'this takes someone who may act on the desk');
        }
        $role = $mayOperate ? Allowed::OPERATOR : Allowed::VIEWER;
        $headers = $wish->key === null ? [] : ['Idempotency-Key' => $wish->key];
        return $this->ask($wish->method, $wish->target, $role, $wish->body, $headers);
    }

    /**
     * A ticket for one WebSocket at the desk: 30 s, one use.
     *
     * @return array{ticket: string, expires_at: string, url: string, protocols: array{string, string}}
     * @throws Refused 422, 502
     */
    public function streamTicket(mixed $path, bool $mayOperate): array
    {
        $path = Allowed::stream($path);
        $role = $mayOperate ? Allowed::OPERATOR : Allowed::VIEWER;
        $ticket = $this->ticket('/auth/ws-ticket', $role, ['path' => $path]);
        $url = preg_replace('/\Ahttp/', 'ws', $this->settings->publicUrl) . $path;
        return $ticket + ['url' => $url, 'protocols' => ['mixdesk.v1', "ticket.{$ticket['ticket']}"]];
    }

    /**
     * A ticket that a page trades at the desk for a bearer token that reads one job, or one owner's, for 15 minutes.
     *
     * @param array{job: string}|array{owner: string} $what
     * @return array{ticket: string, expires_at: string, url: string}
     * @throws Refused 422, 502
     */
    public function embedTicket(array $what): array
    {
        return $this->ticket('/auth/embed-ticket', Allowed::VIEWER, $what)
            + ['url' => $this->settings->publicUrl . '/auth/login'];
    }

    /** The job is on the desk's disk when this returns. @throws Refused 502 and what the desk says */
    public function queue(QueuedJob $job): void
    {
        $this->report($job, $job->report());
    }

    /**
     * Its worker did not start. Does nothing where a trainer has reported or the job has ended.
     *
     * @param list<int> $waitsS seconds to wait before each further try, for a desk that is away for a moment
     * @throws Refused 502 and what the desk says, after the last try
     */
    public function giveUp(QueuedJob $job, string $why, array $waitsS = []): void
    {
        $report = $job->failed($why);
        while (true) {
            try {
                $this->report($job, $report);
                return;
            } catch (Refused $refused) {
                if ($refused->status === 409) {
                    return;
                }
                if ($waitsS === [] || !$refused->mayPass()) {
                    throw $refused;
                }
                sleep(array_shift($waitsS));
            }
        }
    }

    /**
     * What a trainer needs in its environment to take it up.
     *
     * @return array<string, string>
     */
    public function environ(QueuedJob $job): array
    {
        return $job->environ() + [
            'MIXDESK_URL' => $this->settings->url,
            'MIXDESK_TOKEN' => $this->settings->token(Allowed::REPORTER),
        ];
    }

    /** @param array<string, mixed> $report */
    private function report(QueuedJob $job, array $report): void
    {
        self::json($this->ask('PUT', "/jobs/{$job->id}/report", Allowed::REPORTER, self::encoded($report)));
    }

    /**
     * @param array<string, mixed> $body
     * @return array{ticket: string, expires_at: string}
     */
    private function ticket(string $path, string $role, array $body): array
    {
        $given = self::json($this->ask('POST', $path, $role, self::encoded($body)));
        if (!is_string($given['ticket'] ?? null) || !is_string($given['expires_at'] ?? null)) {
            throw new Refused(502, 'the desk gave no ticket');
        }
        return ['ticket' => $given['ticket'], 'expires_at' => $given['expires_at']];
    }

    /** @param array<string, string> $headers */
    private function ask(string $method, string $target, string $role, string $body, array $headers = []): Reply
    {
        return $this->transport->send($method, $target, $this->settings->token($role), $body, $headers);
    }

    /** @param array<string, mixed> $body */
    private static function encoded(array $body): string
    {
        return json_encode($body, JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR);
    }

    /**
     * A small answer; one that refuses is thrown with the desk's own words.
     *
     * @return array<string, mixed>
     */
    private static function json(Reply $reply): array
    {
        $said = json_decode($reply->text(), true);
        if ($reply->status >= 300) {
            $detail = is_array($said) && is_string($said['detail'] ?? null) ? $said['detail'] : 'it does not say why';
            throw new Refused($reply->status, "the desk refuses: {$detail}");
        }
        return is_array($said) ? $said : throw new Refused(502, 'the desk answered no JSON');
    }
}
