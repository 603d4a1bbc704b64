<?php

declare(strict_types=1);

namespace App\Mixdesk;

/** What a queued training runs, where, and how much of this application's environment it sees. */
final class Trainer
{
    /** Names of variables that open nothing; `*` stands for the rest of a name. */
    private const INHERITED = [
        'PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'LC_*', 'TZ', 'TMPDIR', 'TERM', 'XDG_*',
        'LD_LIBRARY_PATH', 'VIRTUAL_ENV', 'CONDA_PREFIX', 'PYTHON*', 'OMP_*', 'MKL_*', 'OPENBLAS_*', 'NUMBA_*',
        'CUDA_*', 'NVIDIA_*', 'NCCL_*', 'CUBLAS_*', 'TORCH_*', 'PYTORCH_*', 'HF_HOME', 'SSL_CERT_*',
        'MIXDESK_STATE_DIR', 'MIXDESK_STRICT', 'MIXDESK_CAPTURE_OUTPUT',
    ];

    /**
     * @param non-empty-list<string> $command
     * @param list<string> $inherited
     */
    private function __construct(
        public readonly array $command,
        public readonly string $folder,
        private readonly array $inherited,
    ) {
    }

    /**
     * @param mixed $config `trainer` of config/mixdesk.php
     * @throws Refused 500: the detail names the setting
     */
    public static function from(mixed $config): self
    {
        $config = is_array($config) ? $config : [];
        $folder = $config['folder'] ?? null;
        if (!is_string($folder) || !str_starts_with($folder, '/')) {
            throw new Refused(500, 'mixdesk.trainer.folder must be an absolute path: set MIXDESK_TRAINER_FOLDER');
        }
        $command = self::texts($config, 'command');
        if ($command === []) {
            throw new Refused(500, 'mixdesk.trainer.command must name a program');
        }
        return new self($command, $folder, [...self::INHERITED, ...self::texts($config, 'inherit')]);
    }

    /**
     * What to take out of an environment: false is how Laravel's Process leaves a variable away.
     *
     * @param array<string, mixed> $environment
     * @return array<string, false>
     */
    public function withheld(array $environment): array
    {
        $left = array_filter(array_keys($environment), fn (int|string $name): bool => !$this->inherits((string) $name));
        return array_fill_keys($left, false);
    }

    private function inherits(string $name): bool
    {
        foreach ($this->inherited as $known) {
            if ($known === $name || (str_ends_with($known, '*') && str_starts_with($name, rtrim($known, '*')))) {
                return true;
            }
        }
        return false;
    }

    /**
     * @param array<array-key, mixed> $config
     * @return list<string>
     */
    private static function texts(array $config, string $what): array
    {
        $texts = $config[$what] ?? [];
        $isText = static fn (mixed $one): bool => is_string($one) && $one !== '';
        if (!is_array($texts) || array_filter($texts, $isText) !== $texts) {
            throw new Refused(500, "mixdesk.trainer.{$what} must be a list of texts");
        }
        return array_values($texts);
    }
}
