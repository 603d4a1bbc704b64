<?php

declare(strict_types=1);

namespace App\Mixdesk;

/** Who brings a request to the desk. */
interface Transport
{
    /**
     * The answer, whatever its status; its body comes in pieces as it is read.
     *
     * @param string $target path and query
     * @param string $body JSON; empty for none
     * @param array<string, string> $headers further ones
     * @throws Refused 502 where the desk does not answer; from the body where it breaks off
     */
    public function send(
        string $method,
        string $target,
        #[\SensitiveParameter] string $token,
        #[\SensitiveParameter] string $body,
        array $headers,
    ): Reply;
}
