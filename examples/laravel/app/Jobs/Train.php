<?php

declare(strict_types=1);

namespace App\Jobs;

use App\Mixdesk\Desk;
use App\Mixdesk\Output;
use App\Mixdesk\QueuedJob;
use App\Mixdesk\Trainer;
use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldBeEncrypted;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;
use Illuminate\Support\Facades\Process;

/** Runs the trainer that takes a queued job up. Encrypted, for what is queued holds the job's key. */
final class Train implements ShouldQueue, ShouldBeEncrypted
{
    use Dispatchable;
    use InteractsWithQueue; // has a property $job of its own
    use Queueable;

    /** Seconds before the desk is told again: it may just be restarting. */
    private const WAITS_S = [1, 4, 15, 40];

    /** Once: a run that ended is a job that ended, and the next one is a new job. */
    public int $tries = 1;

    /** No limit: the desk's requests end a training. */
    public int $timeout = 0;

    public function __construct(private readonly QueuedJob $queued)
    {
    }

    public function handle(Desk $desk): void
    {
        $trainer = Trainer::from(config('mixdesk.trainer'));
        $env = $desk->environ($this->queued) + $trainer->withheld($_ENV + getenv());
        $output = new Output();
        // quietly: PHP keeps no copy of what a training of days prints; the callback gets it all the same.
        $run = Process::path($trainer->folder)->env($env)->forever()->quietly()
            ->run($trainer->command, $output->take(...));
        if (!$run->successful()) {
            $why = "the trainer of job {$this->queued->id} ended with {$run->exitCode()}";
            throw new \RuntimeException(rtrim("{$why}\n{$output->lastLines()}"));
        }
    }

    /** Laravel calls this when handle() has thrown. */
    public function failed(?\Throwable $error): void
    {
        app(Desk::class)->giveUp($this->queued, 'its trainer did not start: see the log of the worker', self::WAITS_S);
    }
}
