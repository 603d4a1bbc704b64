<?php

declare(strict_types=1);

namespace App\Http\Controllers;

use App\Jobs\Train;
use App\Mixdesk\Desk;
use App\Mixdesk\QueuedJob;
use App\Mixdesk\Refused;
use App\Mixdesk\Reply;
use App\Mixdesk\Trainer;
use App\Mixdesk\Wish;
use Illuminate\Http\Request;
use Symfony\Component\HttpFoundation\Response;

/** The desk's HTTP for users of this application. Gates decide: mixdesk-view, mixdesk-operate, mixdesk-train. */
final class MixdeskController
{
    public function __construct(private readonly Desk $desk)
    {
    }

    /** Any path of App\Mixdesk\Allowed. */
    public function pass(Request $request): Response
    {
        return self::answered($request, function () use ($request): Reply {
            self::needs($request, 'mixdesk-view');
            return $this->desk->pass(self::wish($request), $request->user()->can('mixdesk-operate'));
        });
    }

    /** `{"path": "/jobs/stream"}`: 201, what the browser opens a WebSocket at the desk with. */
    public function streamTicket(Request $request): Response
    {
        return self::answered($request, function () use ($request): Reply {
            self::needs($request, 'mixdesk-view');
            $mayOperate = $request->user()->can('mixdesk-operate');
            return self::json(201, $this->desk->streamTicket(self::body($request)['path'] ?? null, $mayOperate));
        });
    }

    /** `{"job": ID}`, `{"owner": NAME}` or `{}`, the user's own jobs; more than those takes mixdesk-view. */
    public function embedTicket(Request $request): Response
    {
        return self::answered($request, function () use ($request): Reply {
            $body = self::body($request);
            $what = array_intersect_key($body, ['job' => 1, 'owner' => 1]) ?: ['owner' => self::owner($request)];
            if ($what !== ['owner' => self::owner($request)]) {
                self::needs($request, 'mixdesk-view');
            }
            return self::json(201, $this->desk->embedTicket($what));
        });
    }

    /** `{"name": "anton", "version": "0.5"}`: 202 and the id of a job that waits for a worker. */
    public function train(Request $request): Response
    {
        return self::answered($request, function () use ($request): Reply {
            self::needs($request, 'mixdesk-train');
            Trainer::from(config('mixdesk.trainer')); // before anybody hears of a job that could not run
            ['name' => $name, 'version' => $version] = self::body($request) + ['name' => '', 'version' => null];
            if (!is_string($name) || !($version === null || is_string($version))) {
                throw new Refused(422, 'name and version must be texts');
            }
            $job = QueuedJob::new('training_rvc', $name, $version, self::owner($request));
            $this->desk->queue($job);
            try {
                Train::dispatch($job);
            } catch (\Throwable $error) {
                $this->desk->giveUp($job, 'its worker could not be queued');
                throw $error;
            }
            return self::json(202, ['job_id' => $job->id]);
        });
    }

    /** @param \Closure(): Reply $ask */
    private static function answered(Request $request, \Closure $ask): Response
    {
        try {
            $reply = $ask();
        } catch (Refused $refused) {
            $reply = Reply::problem($refused);
        }
        $print = $request->method() === 'HEAD' ? static fn () => null : $reply->print(...);
        return response()->stream($print, $reply->status, $reply->headers);
    }

    /** getPathInfo and QUERY_STRING are as they were sent; path() and query() are decoded already. */
    private static function wish(Request $request): Wish
    {
        $before = '/' . trim(config('mixdesk.prefix'), '/');
        return Wish::from(
            $request->method() === 'HEAD' ? 'GET' : $request->method(), // Laravel routes both as one
            substr($request->getPathInfo(), $before === '/' ? 0 : strlen($before)),
            (string) $request->server('QUERY_STRING', ''),
            $request->getContent(),
            (string) $request->header('Content-Type', ''),
            $request->header('Idempotency-Key'),
            self::owner($request),
        );
    }

    private static function needs(Request $request, string $gate): void
    {
        if (!$request->user()->can($gate)) {
            throw new Refused(403, "this takes someone whom the gate {$gate} lets through");
        }
    }

    /** What the desk calls the owner of this user's jobs. */
    private static function owner(Request $request): string
    {
        return (string) $request->user()->getAuthIdentifier();
    }

    /** @return array<string, mixed> */
    private static function body(Request $request): array
    {
        $body = json_decode($request->getContent() ?: '{}', true);
        return is_array($body) ? $body : throw new Refused(400, 'the body must be a JSON object');
    }

    /** @param array<string, mixed> $body */
    private static function json(int $status, array $body): Reply
    {
        return new Reply(
            $status,
            ['content-type' => 'application/json', 'cache-control' => 'no-store'],
            [json_encode($body, JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR)],
        );
    }
}
