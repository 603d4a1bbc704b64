<?php

declare(strict_types=1);

use App\Http\Controllers\MixdeskController;
use App\Mixdesk\Allowed;
use Illuminate\Support\Facades\Route;

// Each path by itself and none for all: `php artisan route:list` shows what leaves this application.
Route::prefix(config('mixdesk.prefix'))->middleware(config('mixdesk.middleware'))->group(static function (): void {
    foreach (Allowed::ROUTES as [$method, $path]) {
        Route::match([$method], $path, [MixdeskController::class, 'pass']);
    }
    Route::post('/auth/ws-ticket', [MixdeskController::class, 'streamTicket']);
    Route::post('/auth/embed-ticket', [MixdeskController::class, 'embedTicket']);
    Route::post('/trainings', [MixdeskController::class, 'train']);
});
