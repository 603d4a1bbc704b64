<?php

// The application, for `php -S`: finds a route as Laravel does (in the decoded path) and who asks in X-User.

declare(strict_types=1);

use Illuminate\Http\Request;
use Illuminate\Support\Facades\Route;

require __DIR__ . '/boot.php';

/** `X-User: anna=mixdesk-view,mixdesk-operate` */
function signed_in(): ?User
{
    [$name, $gates] = explode('=', $_SERVER['HTTP_X_USER'] ?? '=', 2);
    return $name === '' ? null : new User($name, explode(',', $gates));
}

function dispatched(string $method, string $path): int
{
    $status = 404;
    foreach (Route::$all as [$wanted, $pattern, [$class, $action]]) {
        if (preg_match('#\A' . preg_replace('/\{\w+\}/', '[^/]++', $pattern) . '\z#', $path) !== 1) {
            continue;
        }
        if ($wanted !== $method && [$wanted, $method] !== ['GET', 'HEAD']) {
            $status = 405;
            continue;
        }
        if (($user = signed_in()) === null) {
            return 401;
        }
        app($class)->$action(new Request($user))->send();
        return 0;
    }
    return $status;
}

$status = dispatched($_SERVER['REQUEST_METHOD'], rawurldecode(explode('?', $_SERVER['REQUEST_URI'], 2)[0]));
if ($status !== 0) {
    http_response_code($status);
    echo 'the framework refuses';
}
