<?php

declare(strict_types=1);

return [
    // How this server reaches the desk, and how browsers do (for WebSockets): scheme, host and port, no path.
    'url' => env('MIXDESK_URL', 'http://127.0.0.1:9770'),
    'public_url' => env('MIXDESK_PUBLIC_URL'),

    // One token a role, made by `mixdesk token create ROLE`. A file is better: it is in no dump of the environment,
    // and a new token in it counts at once.
    'token_files' => [
        'viewer' => env('MIXDESK_VIEWER_TOKEN_FILE'),
        'operator' => env('MIXDESK_OPERATOR_TOKEN_FILE'),
        'reporter' => env('MIXDESK_REPORTER_TOKEN_FILE'),
    ],
    'tokens' => [
        'viewer' => env('MIXDESK_VIEWER_TOKEN'),
        'operator' => env('MIXDESK_OPERATOR_TOKEN'),
        'reporter' => env('MIXDESK_REPORTER_TOKEN'),
    ],

    // The desk may be silent for so many seconds, in the middle of a search too.
    'silence_s' => env('MIXDESK_SILENCE_S', 60),

    // What stands in front of the paths of the desk here, and who gets that far: so many requests a minute and user.
    'prefix' => 'api',
    'middleware' => ['web', 'auth', 'throttle:' . env('MIXDESK_REQUESTS_A_MINUTE', 600) . ',1,mixdesk'],

    // What a queued training runs, in which folder, and which variables of the worker's environment it sees beside
    // those of App\Mixdesk\Trainer; `*` at the end of a name stands for the rest.
    'trainer' => [
        'command' => ['python', 'train.py'],
        'folder' => env('MIXDESK_TRAINER_FOLDER'),
        'inherit' => [],
    ],
];
