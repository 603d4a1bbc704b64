<?php

declare(strict_types=1);

namespace App\Mixdesk;

/** What may be asked of the desk through this application; nothing else leaves it. */
final class Allowed
{
    public const VIEWER = 'viewer';
    public const OPERATOR = 'operator';
    public const REPORTER = 'reporter';

    private const PAGE = ['limit', 'cursor'];

    /** Method, path, the least role, and the words that its query may have. */
    public const ROUTES = [
        ['GET', '/jobs', self::VIEWER, ['status', 'job_type', 'name', 'owner', 'since', ...self::PAGE]],
        ['GET', '/jobs/{job_id}', self::VIEWER, []],
        ['GET', '/jobs/{job_id}/history', self::VIEWER, []],
        ['DELETE', '/jobs/{job_id}', self::OPERATOR, []],
        ['POST', '/admin/jobs/{job_id}/checkpoint', self::OPERATOR, []],
        ['POST', '/admin/jobs/{job_id}/pause', self::OPERATOR, []],
        ['POST', '/admin/jobs/{job_id}/resume', self::OPERATOR, []],
        ['POST', '/admin/jobs/{job_id}/cancel', self::OPERATOR, []],
        ['GET', '/admin/assets', self::VIEWER, []],
        ['GET', '/admin/assets/{asset_id}/status', self::VIEWER, []],
        ['POST', '/admin/assets/{asset_id}/start', self::OPERATOR, ['dry_run', 'evict']],
        ['POST', '/admin/assets/{asset_id}/stop', self::OPERATOR, ['dry_run', 'cascade', 'force']],
        ['POST', '/admin/assets/{asset_id}/holds', self::OPERATOR, []],
        ['DELETE', '/admin/assets/{asset_id}/holds/{hold_id}', self::OPERATOR, []],
        ['GET', '/admin/logs/services', self::VIEWER, []],
        ['GET', '/admin/logs/sources/{service}', self::VIEWER, self::PAGE],
        ['GET', '/admin/logs/download/{service}/{source}', self::VIEWER, ['lines', 'gzip']],
        ['GET', '/admin/logs/search', self::VIEWER,
            ['q', 'regex', 'service', 'source', 'level', 'since', 'until', 'limit']],
        ['GET', '/admin/operations', self::VIEWER, ['state', 'action', 'kind', 'target', ...self::PAGE]],
        ['GET', '/admin/operations/{operation_id}', self::VIEWER, []],
        ['POST', '/admin/operations/{operation_id}/cancel', self::OPERATOR, []],
        ['GET', '/admin/metrics', self::VIEWER, ['host']],
        ['GET', '/admin/alerts', self::VIEWER, ['state', 'severity', 'component', 'name', ...self::PAGE]],
        ['GET', '/admin/audit', self::OPERATOR, ['actor', 'action', 'target', 'outcome', ...self::PAGE]],
    ];

    /** The WebSockets that tickets are for. */
    public const STREAMS = [
        '/jobs/stream',
        '/admin/assets/stream',
        '/admin/operations/stream',
        '/admin/metrics/stream',
        '/admin/logs/stream/{service}/{source}',
    ];

    /** What may stand for a name in a path. `stream` and `desired` are no jobs. */
    private const PARTS = [
        '{job_id}' => '/\A(?!(?:stream|desired)\z)[A-Za-z0-9_-]{1,64}\z/',
        '{asset_id}' => '/\A[a-z0-9][a-z0-9._-]{0,62}\z/',
        '{hold_id}' => '/\A[A-Za-z0-9-]{1,64}\z/',
        '{operation_id}' => '/\A[A-Za-z0-9-]{1,64}\z/',
        '{service}' => '/\A[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z/',
        '{source}' => '/\A[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}\z/',
    ];

    /**
     * The row of a request.
     *
     * @param string $path as it was sent, before anything decoded it
     * @return array{string, string, string, list<string>}
     * @throws Refused 404, 405
     */
    public static function route(string $method, string $path): array
    {
        $methods = [];
        foreach (self::ROUTES as $row) {
            if (!self::fits($row[1], $path)) {
                continue;
            }
            if ($row[0] === $method) {
                return $row;
            }
            $methods[] = $row[0];
        }
        if ($methods === []) {
            throw new Refused(404, 'this application passes no such path on to the desk');
        }
        $allow = implode(', ', in_array('GET', $methods, true) ? [...$methods, 'HEAD'] : $methods);
        throw new Refused(405, "this path takes {$allow}", headers: ['allow' => $allow]);
    }

    /** @throws Refused 422 */
    public static function stream(mixed $path): string
    {
        foreach (self::STREAMS as $pattern) {
            if (is_string($path) && self::fits($pattern, $path)) {
                return $path;
            }
        }
        throw new Refused(422, 'path must be that of a stream: ' . implode(', ', self::STREAMS));
    }

    /** No name holds a character that would have to be encoded, so a path with a % in it fits nothing. */
    private static function fits(string $pattern, string $path): bool
    {
        $wanted = explode('/', $pattern);
        $given = explode('/', $path, 20);
        if (count($wanted) !== count($given)) {
            return false;
        }
        foreach ($wanted as $at => $part) {
            $name = self::PARTS[$part] ?? null;
            if ($name === null ? $part !== $given[$at] : preg_match($name, $given[$at]) !== 1) {
                return false;
            }
        }
        return true;
    }
}
