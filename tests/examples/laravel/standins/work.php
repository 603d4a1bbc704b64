<?php

// `php artisan queue:work --once`: one job of the queue's folder.

declare(strict_types=1);

require __DIR__ . '/boot.php';

foreach (glob(getenv('STANDIN_QUEUE') . '/*') as $file) {
    $job = unserialize(file_get_contents($file));
    unlink($file);
    try {
        app()->call($job->setJob(new stdClass()), 'handle');
    } catch (Throwable $error) {
        report($error);
        $job->failed($error);
    }
}
