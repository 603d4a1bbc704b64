<?php

declare(strict_types=1);

namespace App\Providers;

use App\Mixdesk\Desk;
use App\Mixdesk\Settings;
use App\Services\Mixdesk;
use Illuminate\Support\ServiceProvider;

/** One line in bootstrap/providers.php: settings, routes and the client of the desk. */
final class MixdeskServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        $this->app->singleton(Desk::class, static function (): Desk {
            $settings = Settings::from(config('mixdesk'));
            return new Desk($settings, new Mixdesk($settings));
        });
    }

    public function boot(): void
    {
        $this->loadRoutesFrom(base_path('routes/mixdesk.php'));
    }
}
