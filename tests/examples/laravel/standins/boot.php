<?php

// Classes by their names (PSR-4), stand-ins for Laravel's, and the example's provider.

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    $file = dirname(__DIR__, 4) . '/examples/laravel/app/' . strtr(substr($class, 4), '\\', '/') . '.php';
    if (str_starts_with($class, 'App\\') && is_file($file)) {
        require $file;
    }
});
require __DIR__ . '/laravel.php';
require __DIR__ . '/facades.php';

$provider = new App\Providers\MixdeskServiceProvider(app());
$provider->register();
$provider->boot();
