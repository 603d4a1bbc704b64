<?php

// Laravel's facades Route, Http and Process, and the answers of the latter two.

declare(strict_types=1);

namespace Illuminate\Support\Facades {
    final class Route
    {
        /** @var list<array{string, string, array{class-string, string}}> */
        public static array $all = [];
        private static string $before = '';

        public static function prefix(string $prefix): self
        {
            self::$before = trim($prefix, '/');
            return new self();
        }

        public function middleware(array $names): self
        {
            assert($names === ['web', 'auth', 'throttle:600,1,mixdesk']);
            return $this;
        }

        public function group(\Closure $routes): void
        {
            $routes();
        }

        public static function match(array $methods, string $path, array $action): void
        {
            foreach ($methods as $method) {
                self::$all[] = [$method, '/' . trim(self::$before . $path, '/'), $action];
            }
        }

        public static function post(string $path, array $action): void
        {
            self::match(['POST'], $path, $action);
        }
    }

    final class Http
    {
        public static function withToken(string $token): \PendingRequest
        {
            return new \PendingRequest(['Authorization' => "Bearer {$token}"]);
        }
    }

    final class Process
    {
        public static function path(string $folder): \PendingProcess
        {
            return new \PendingProcess($folder);
        }
    }
}

namespace Psr\Http\Message {
    interface StreamInterface
    {
        public function eof(): bool;
        public function read(int $length): string;
        public function getMetadata(?string $key = null): mixed;
        public function close(): void;
    }
}

namespace Illuminate\Http\Client {
    class HttpClientException extends \Exception
    {
    }
    final class ConnectionException extends HttpClientException
    {
    }
}

namespace {
    final class PendingRequest
    {
        private array $options = [];
        private string $body = '';

        public function __construct(private array $headers)
        {
        }

        public function withHeaders(array $headers): self
        {
            $this->headers = $headers + $this->headers;
            return $this;
        }

        public function withOptions(array $options): self
        {
            $this->options = $options;
            return $this;
        }

        public function withBody(string $body, string $type): self
        {
            $this->body = $body;
            return $this->withHeaders(['Content-Type' => $type]);
        }

        /** As Guzzle does it with `stream`: over PHP's own http streams. */
        public function send(string $method, string $url): \Answer
        {
            assert($this->options['stream'] && $this->options['allow_redirects'] === false);
            $lines = ['Connection: close'];
            foreach ($this->headers as $name => $value) {
                $lines[] = "{$name}: {$value}";
            }
            $context = stream_context_create(['http' => [
                'method' => $method, 'header' => $lines, 'content' => $this->body, 'ignore_errors' => true,
                'follow_location' => 0, 'protocol_version' => 1.1, 'timeout' => $this->options['timeout'],
            ]]);
            $stream = @fopen($url, 'r', false, $context);
            if ($stream === false) {
                throw new \Illuminate\Http\Client\ConnectionException(error_get_last()['message']);
            }
            stream_set_timeout($stream, (int) $this->options['read_timeout']);
            return new \Answer(stream_get_meta_data($stream)['wrapper_data'], $stream);
        }
    }

    /** Laravel's Response, the PSR-7 answer within it and the body of that, in one. */
    final class Answer implements \Psr\Http\Message\StreamInterface
    {
        public function __construct(private readonly array $head, private $stream)
        {
        }

        public function toPsrResponse(): self
        {
            return $this;
        }

        public function getStatusCode(): int
        {
            return (int) explode(' ', $this->head[0])[1];
        }

        public function getHeaders(): array
        {
            $found = [];
            foreach (array_slice($this->head, 1) as $line) {
                [$name, $value] = explode(':', $line, 2);
                $found[$name][] = trim($value);
            }
            return $found;
        }

        public function getBody(): \Psr\Http\Message\StreamInterface
        {
            return $this;
        }

        public function eof(): bool
        {
            return feof($this->stream);
        }

        public function read(int $length): string
        {
            $piece = fread($this->stream, $length);
            return $piece === false ? throw new \RuntimeException('the stream cannot be read') : $piece;
        }

        public function getMetadata(?string $key = null): mixed
        {
            return stream_get_meta_data($this->stream)[$key];
        }

        public function close(): void
        {
            fclose($this->stream);
        }
    }

    final class PendingProcess
    {
        private array $env = [];
        private bool $quietly = false;
        private string $errors = '';
        private int $code = 0;

        public function __construct(private readonly string $folder)
        {
        }

        public function env(array $env): self
        {
            $this->env = $env;
            return $this;
        }

        public function forever(): self
        {
            return $this;
        }

        public function quietly(): self
        {
            $this->quietly = true;
            return $this;
        }

        /** As Symfony's: false takes a variable away; what is printed goes to the callback and is kept unless quiet. */
        public function run(array $command, ?callable $output = null): self
        {
            $env = array_filter($this->env + getenv(), static fn ($value): bool => $value !== false);
            $to = [1 => ['pipe', 'w'], 2 => ['pipe', 'w']];
            $started = @proc_open($command, $to, $pipes, $this->folder, $env);
            if ($started === false) {
                throw new \RuntimeException('the program does not start');
            }
            for ($open = $pipes; $open !== [];) {
                [$ready, $none] = [$open, null];
                stream_select($ready, $none, $none, 60);
                foreach ($ready as $at => $pipe) {
                    $this->heard($at === 1 ? 'out' : 'err', (string) fread($pipe, 8192), $output);
                    if (feof($pipe)) {
                        unset($open[$at]);
                    }
                }
            }
            $this->code = proc_close($started);
            return $this;
        }

        private function heard(string $type, string $piece, ?callable $output): void
        {
            if ($piece !== '' && $output !== null) {
                $output($type, $piece);
            }
            if ($type === 'err' && !$this->quietly) {
                $this->errors .= $piece;
            }
        }

        public function errorOutput(): string
        {
            return $this->quietly ? throw new \LogicException('Output has been disabled.') : $this->errors;
        }

        public function successful(): bool
        {
            return $this->code === 0;
        }

        public function exitCode(): int
        {
            return $this->code;
        }
    }
}
