<?php

// What the core makes of requests: one JSON object a line in, one out.

declare(strict_types=1);

use App\Mixdesk\QueuedJob;
use App\Mixdesk\Refused;
use App\Mixdesk\Wish;

require __DIR__ . '/boot.php';

while (($line = fgets(STDIN)) !== false) {
    $asked = json_decode($line, true);
    try {
        $given = isset($asked['queue'])
            ? ($job = QueuedJob::new(...$asked['queue']))->report() + ['environ' => $job->environ()]
            : get_object_vars(Wish::from(...array_map(
                static fn (?string $text): ?string => $text === null ? null : base64_decode($text),
                $asked['wish'],
            )));
    } catch (Refused $refused) {
        $given = ['refused' => $refused->status, 'detail' => $refused->getMessage(), 'headers' => $refused->headers];
    }
    echo json_encode($given, JSON_THROW_ON_ERROR), "\n";
}
