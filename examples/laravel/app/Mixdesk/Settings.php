<?php

declare(strict_types=1);

namespace App\Mixdesk;

/** Where the desk is, and with which token it is asked. Tokens are read when needed, so a new one needs no restart. */
final class Settings
{
    /**
     * @param string $url how this server reaches the desk, `http://127.0.0.1:9770`
     * @param string $publicUrl how browsers do
     * @param array<string, ?string> $tokens role to token
     * @param array<string, ?string> $tokenFiles role to the file that holds it; where both are there, the file counts
     */
    public function __construct(
        public readonly string $url,
        public readonly string $publicUrl,
        #[\SensitiveParameter] private readonly array $tokens,
        private readonly array $tokenFiles,
        public readonly float $silenceS = 60.0,
    ) {
        foreach (['url' => $url, 'public_url' => $publicUrl] as $what => $text) {
            if (preg_match('#\Ahttps?://[A-Za-z0-9.:\[\]-]+\z#', $text) !== 1) {
                throw new Refused(500, "mixdesk.{$what} must be scheme, host and port, such as http://127.0.0.1:9770");
            }
        }
    }

    /** @param array<string, mixed> $config what config/mixdesk.php returns */
    public static function from(#[\SensitiveParameter] array $config): self
    {
        $url = rtrim((string) $config['url'], '/');
        $public = rtrim((string) ($config['public_url'] ?? ''), '/');
        return new self(
            $url,
            $public === '' ? $url : $public,
            $config['tokens'] ?? [],
            $config['token_files'] ?? [],
            (float) ($config['silence_s'] ?? 60.0),
        );
    }

    /** @throws Refused 500: the detail names the setting, never the token */
    public function token(string $role): string
    {
        $file = $this->tokenFiles[$role] ?? '';
        $text = $file === '' ? ($this->tokens[$role] ?? '') : @file_get_contents($file);
        if ($text === false) {
            throw new Refused(500, "mixdesk.token_files.{$role} names a file that this application cannot read");
        }
        $token = trim($text);
        if (preg_match('/\A[\x21-\x7e]{20,500}\z/', $token) !== 1) {
            throw new Refused(500, "there is no token for the role {$role}: set mixdesk.token_files.{$role}");
        }
        return $token;
    }

    /** @return array<string, mixed> */
    public function __debugInfo(): array
    {
        return ['url' => $this->url, 'publicUrl' => $this->publicUrl, 'tokens' => 'not shown'];
    }
}
