<?php

// The few names of Laravel that the example uses, as small as they can be. What they take and return is Laravel's;
// that Laravel itself does the same is not tested here.

declare(strict_types=1);

namespace Illuminate\Support {
    abstract class ServiceProvider
    {
        public function __construct(public readonly \Container $app)
        {
        }

        protected function loadRoutesFrom(string $file): void
        {
            require $file;
        }
    }
}

namespace Illuminate\Http {
    final class Request
    {
        public function __construct(private readonly ?\User $user)
        {
        }

        public function method(): string
        {
            return $_SERVER['REQUEST_METHOD'];
        }

        public function getPathInfo(): string
        {
            return explode('?', $_SERVER['REQUEST_URI'], 2)[0];
        }

        public function server(string $name, ?string $default = null): ?string
        {
            return $_SERVER[$name] ?? $default;
        }

        public function header(string $name, ?string $default = null): ?string
        {
            $key = strtoupper(strtr($name, '-', '_'));
            return $_SERVER["HTTP_{$key}"] ?? ($key === 'CONTENT_TYPE' ? $_SERVER[$key] ?? $default : $default);
        }

        public function getContent(): string
        {
            return file_get_contents('php://input');
        }

        public function user(): ?\User
        {
            return $this->user;
        }
    }
}

namespace Symfony\Component\HttpFoundation {
    final class Response
    {
        public function __construct(
            private readonly \Closure $body,
            private readonly int $status,
            private readonly array $headers,
        ) {
        }

        public function send(): void
        {
            http_response_code($this->status);
            foreach ($this->headers as $name => $value) {
                header("{$name}: {$value}");
            }
            ($this->body)();
        }
    }
}

namespace Illuminate\Contracts\Queue {
    interface ShouldQueue
    {
    }
    interface ShouldBeEncrypted
    {
    }
}

namespace Illuminate\Bus {
    trait Queueable
    {
        public $connection;
        public $queue;
        public $delay;
        public $middleware = [];
        public $chained = [];
    }
}

namespace Illuminate\Queue {
    trait InteractsWithQueue
    {
        public $job; // the worker's own; a class that has another $job does not load

        public function setJob(object $job): static
        {
            $this->job = $job;
            return $this;
        }
    }
}

namespace Illuminate\Foundation\Bus {
    trait Dispatchable
    {
        public static function dispatch(mixed ...$arguments): void
        {
            $folder = getenv('STANDIN_QUEUE');
            if (!is_dir($folder)) {
                throw new \RuntimeException('the queue is away');
            }
            file_put_contents($folder . '/' . bin2hex(random_bytes(8)), serialize(new self(...$arguments)));
        }
    }
}

namespace {
    /** Laravel's container: makes what a constructor or a method asks for by its type. */
    final class Container
    {
        private array $makers = [];
        private array $made = [];

        public function singleton(string $name, \Closure $make): void
        {
            $this->makers[$name] = $make;
        }

        public function make(string $name): object
        {
            if (isset($this->makers[$name])) {
                return $this->made[$name] ??= ($this->makers[$name])($this);
            }
            $constructor = (new \ReflectionClass($name))->getConstructor();
            return new $name(...($constructor === null ? [] : $this->filled($constructor)));
        }

        public function call(object $on, string $method): void
        {
            $on->$method(...$this->filled(new \ReflectionMethod($on, $method)));
        }

        private function filled(\ReflectionMethod $method): array
        {
            return array_map(fn ($given) => $this->make($given->getType()->getName()), $method->getParameters());
        }
    }

    final class User
    {
        public function __construct(private readonly string $name, private readonly array $gates)
        {
        }

        public function can(string $gate): bool
        {
            return in_array($gate, $this->gates, true);
        }

        public function getAuthIdentifier(): string
        {
            return $this->name;
        }
    }

    final class Responses
    {
        public function stream(\Closure $body, int $status = 200, array $headers = []): object
        {
            return new \Symfony\Component\HttpFoundation\Response($body, $status, $headers);
        }
    }

    function env(string $name, mixed $default = null): mixed
    {
        $value = getenv($name);
        return $value === false ? $default : $value;
    }

    function base_path(string $path): string
    {
        return dirname(__DIR__, 4) . "/examples/laravel/{$path}";
    }

    function config(string $key): mixed
    {
        static $all = null;
        $all ??= ['mixdesk' => trainer_of_the_test(require base_path('config/mixdesk.php'))];
        $found = $all;
        foreach (explode('.', $key) as $part) {
            $found = $found[$part];
        }
        return $found;
    }

    function trainer_of_the_test(array $config): array
    {
        $command = getenv('STANDIN_TRAINER');
        $folder = getenv('MIXDESK_TRAINER_FOLDER');
        $inherit = explode(',', getenv('STANDIN_INHERIT') ?: 'COVERAGE_*');
        $trainer = ['command' => json_decode($command ?: '[]'), 'folder' => $folder ?: null, 'inherit' => $inherit];
        return ['trainer' => $trainer] + $config;
    }

    function app(?string $name = null): object
    {
        static $app = new \Container();
        return $name === null ? $app : $app->make($name);
    }

    function response(): \Responses
    {
        return new \Responses();
    }

    function report(\Throwable $error): void
    {
        error_log((string) $error);
    }
}
