<?php

declare(strict_types=1);

namespace App\Services;

use App\Mixdesk\Refused;
use App\Mixdesk\Reply;
use App\Mixdesk\Settings;
use App\Mixdesk\Transport;
use GuzzleHttp\Exception\TransferException;
use Illuminate\Http\Client\HttpClientException;
use Illuminate\Support\Facades\Http;
use Psr\Http\Message\StreamInterface;

/** Brings requests to the desk over Laravel's HTTP client. Bodies are streamed: a log of any size takes no memory. */
final class Mixdesk implements Transport
{
    private const PIECE = 65536;

    public function __construct(private readonly Settings $settings)
    {
    }

    public function send(
        string $method,
        string $target,
        #[\SensitiveParameter] string $token,
        #[\SensitiveParameter] string $body,
        array $headers,
    ): Reply {
        $request = Http::withToken($token)->withHeaders($headers)->withOptions([
            'stream' => true,
            'allow_redirects' => false, // the token is for this desk alone
            'proxy' => '',              // and goes over no proxy of the environment
            'decode_content' => false,
            'timeout' => $this->settings->silenceS,
            'read_timeout' => $this->settings->silenceS,
        ]);
        if ($body !== '') {
            $request = $request->withBody($body, 'application/json');
        }
        try {
            $answer = $request->send($method, $this->settings->url . $target);
        } catch (HttpClientException | TransferException $error) {
            report($error);
            throw new Refused(502, 'the desk does not answer', $error);
        }
        $psr = $answer->toPsrResponse();
        $given = array_change_key_case(array_map(static fn (array $all): string => $all[0], $psr->getHeaders()));
        return Reply::from($psr->getStatusCode(), $given, self::pieces($psr->getBody()));
    }

    /** @return \Generator<string> */
    private static function pieces(StreamInterface $body): \Generator
    {
        $broken = 'the connection to the desk broke or fell silent';
        try {
            while (!$body->eof()) {
                $piece = $body->read(self::PIECE);
                if ($piece === '' && ($body->getMetadata('timed_out') ?? false)) {
                    throw new Refused(502, $broken);
                }
                yield $piece;
            }
        } catch (\RuntimeException $error) {
            throw $error instanceof Refused ? $error : new Refused(502, $broken, $error);
        } finally {
            $body->close();
        }
    }
}
