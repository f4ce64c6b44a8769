using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using MnistLstm.Api.Access;
using MnistLstm.Api.Health;
using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Tests;

/// <summary>Keys, limits of a client, other sites, proxies: all that is off unless it is set.</summary>
public sealed class AccessTests : IDisposable
{
    private const string First = "a first key of thirty-two letters";
    private const string Second = "another key of thirty-two letters";

    private static readonly byte[] Sample =
        GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Requests_without_a_valid_key_are_rejected_and_open_addresses_stay_open()
    {
        await using RunningService service =
            await RunningService.StartAsync("--api-keys", $"{Hash(First)},{Hash(Second)}");

        foreach (string path in (string[])["/predict", "/predict/batch", "/models", "/models/digits",
            "/v2/models/digits", "/nowhere"])
        {
            using HttpResponseMessage refused = await service.Client.PostAsync(path, Requests.Raw(Sample));
            refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, path);
            refused.Headers.WwwAuthenticate.ToString().ShouldBe("ApiKey");
            string problem = await refused.Content.ReadAsStringAsync();
            problem.ShouldContain(path.StartsWith("/v2", StringComparison.Ordinal)
                ? "\"error\":"
                : "\"type\":\"/problems/api-key-needed\"");
        }

        foreach (string path in (string[])[HealthApi.LivePath, HealthApi.ReadyPath, "/healthz", "/", "/docs",
            "/openapi.json", "/problems/no-ink", "/swagger/index.html", TelemetryApi.MetricsPath])
        {
            using HttpResponseMessage open = await service.Client.GetAsync(path);
            open.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }

        (await StatusAsync(service.Client, First)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(service.Client, Second)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(First + "x")]
    [InlineData("a first key of thirty-two letter")]
    [InlineData("a")]
    [InlineData("A FIRST KEY OF THIRTY-TWO LETTERS")]
    [InlineData("two keys")]
    public async Task A_nearly_right_key_is_wrong(string key)
    {
        await using RunningService service = await RunningService.StartAsync("--api-keys", Hash(First));

        (await StatusAsync(service.Client, key)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(service.Client, Hash(First))).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Two_keys_are_not_the_same_as_none()
    {
        await using RunningService service = await RunningService.StartAsync("--api-keys", Hash(First));
        using HttpResponseMessage none = await service.Client.GetAsync("/models");
        using var client = new TcpClient(service.Address.Host, service.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            "GET /models HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            + $"{ApiKeyHandler.Header}: {First}\r\n{ApiKeyHandler.Header}: {Second}\r\n\r\n"));
        using var two = new StreamReader(client.GetStream());

        (await none.Content.ReadAsStringAsync()).ShouldContain("The request has no API key.");
        (await two.ReadToEndAsync()).ShouldContain("The request has more than one API key.");
    }

    [Theory]
    [InlineData(15, "A key needs at least 16 characters")]
    [InlineData(16, null)]
    [InlineData(256, null)]
    [InlineData(257, "A key has at most 256 characters")]
    public void Only_a_key_that_the_service_accepts_is_hashed(int length, string? sentence)
    {
        string key = new('k', length);
        using var output = new StringWriter();
        using var error = new StringWriter();

        int exitCode = KeyHashCommand.Run(new StringReader(key), output, error);

        (exitCode, output.ToString().Trim()).ShouldBe(
            sentence is null ? (ExitCodes.Success, Hash(key)) : (ExitCodes.BadInput, ""));
        error.ToString().ShouldStartWith(sentence ?? "");
    }

    [Fact]
    public async Task Keys_of_a_file_come_and_go_without_a_restart()
    {
        string file = Path.Combine(_folder.FullName, "keys");
        await PutAsync(file, $"# who calls\n{Hash(First)} the page\n");
        await using ServiceProcess service =
            await ServiceProcess.StartAsync("--api-key-file", file, "--reload-interval", "10ms");
        (await StatusAsync(service.Client, First)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(service.Client, Second)).ShouldBe(HttpStatusCode.Unauthorized);

        await PutAsync(file, $"{Hash(First)}\n{Hash(Second)}\n");
        await StatusBecomesAsync(service.Client, Second, HttpStatusCode.OK);
        (await StatusAsync(service.Client, First)).ShouldBe(HttpStatusCode.OK);

        await PutAsync(file, Hash(Second));
        await StatusBecomesAsync(service.Client, First, HttpStatusCode.Unauthorized);
        (await StatusAsync(service.Client, Second)).ShouldBe(HttpStatusCode.OK);

        // A file that cannot be used changes nothing, and one without keys locks everybody out.
        await PutAsync(file, "a key in the clear, by mistake");
        await service.SaysAsync("the keys stay unchanged");
        (await StatusAsync(service.Client, Second)).ShouldBe(HttpStatusCode.OK);
        await PutAsync(file, "# nobody\n");
        await StatusBecomesAsync(service.Client, Second, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_rejected_request_leaves_no_line_in_the_log()
    {
        await using ServiceProcess service =
            await ServiceProcess.StartAsync("--api-keys", Hash(First), "--shutdown-grace", "0s");

        (await StatusAsync(service.Client, key: null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(service.Client, Second)).ShouldBe(HttpStatusCode.Unauthorized);
        service.Terminate();
        await service.ExitAsync();

        service.Output.ShouldNotContain(nameof(ApiKeyHandler));
    }

    [Theory]
    [InlineData("--api-keys", "secret", "The option --api-keys takes SHA-256 hashes from --hash-key, with commas "
        + "between, but one of its entries is something else.")]
    [InlineData("--api-key-file", "/no/such/file", "The key file '/no/such/file' cannot be read")]
    [InlineData("--cors-origins", "example.org", "The option --cors-origins takes origins like https://example.org")]
    [InlineData("--trusted-proxies", "everybody", "The option --trusted-proxies takes addresses and networks")]
    public void A_setting_that_cannot_be_used_is_rejected(string option, string value, string sentence)
    {
        InvalidSettingException refusal = Should.Throw<InvalidSettingException>(() => Program.Build([option, value]));

        refusal.Message.ShouldStartWith(sentence);
    }

    [Fact]
    public async Task Metrics_can_require_a_key()
    {
        await using RunningService service =
            await RunningService.StartAsync("--api-keys", Hash(First), "--metrics-need-key", "true");

        (await StatusAsync(service.Client, key: null, TelemetryApi.MetricsPath)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(service.Client, First, TelemetryApi.MetricsPath)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_program_accepts_the_hash_that_it_prints()
    {
        (int exitCode, string hash, _) = await HashAsync(First + "\n");
        (int refused, _, string error) = await HashAsync("short\n");

        exitCode.ShouldBe(ExitCodes.Success);
        hash.Trim().ShouldBe(Hash(First));
        refused.ShouldBe(ExitCodes.BadInput);
        error.ShouldStartWith("A key needs at least 16 characters");
    }

    [Fact]
    public async Task A_client_that_calls_too_often_is_rejected_with_a_Retry_After()
    {
        await using RunningService service =
            await RunningService.StartAsync(
                "--rate-limit", "1", "--rate-limit-burst", "3", "--api-keys", $"{Hash(First)},{Hash(Second)}");

        List<HttpResponseMessage> answers = [];
        for (int i = 0; i < 12; i++)
        {
            answers.Add(await SendAsync(service.Client, First));
        }

        answers.Take(3).ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        HttpResponseMessage refused = answers.First(answer => answer.StatusCode != HttpStatusCode.OK);
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        (await refused.ReadJsonAsync()).GetProperty("type").GetString().ShouldBe("/problems/rate-limited");

        // Another client is not affected, and neither is health.
        (await StatusAsync(service.Client, Second)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(service.Client, key: null, HealthApi.ReadyPath)).ShouldBe(HttpStatusCode.OK);
        using var patience = new CancellationTokenSource(ServiceProcess.Patience);
        while (await StatusAsync(service.Client, First) != HttpStatusCode.OK)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        }
    }

    [Fact]
    public async Task A_client_that_tries_one_key_after_another_is_still_one_client()
    {
        await using RunningService service =
            await RunningService.StartAsync("--rate-limit", "1", "--api-keys", Hash(First));

        HttpStatusCode[] statuses = await Task.WhenAll(
            Enumerable.Range(1, 8).Select(i => StatusAsync(service.Client, $"an unknown key {i}")));

        statuses.ShouldContain(HttpStatusCode.TooManyRequests);
    }

    /// <summary>The proxies are those of 127.0.0.0/8, and each of eight requests has its own number.</summary>
    [Theory]
    [InlineData("192.0.2.{0}", true)]
    [InlineData("192.0.2.{0}, 127.0.0.2", true)]
    [InlineData("192.0.2.{0}, 198.51.100.7, 127.0.0.2", false)]
    [InlineData("2001:db8:0:{0}::1", true)]
    [InlineData("2001:db8::{0}", false)]
    public async Task A_client_is_an_IPv4_address_or_an_IPv6_network_before_the_trusted_proxies(
        string forwardedFor, bool areManyClients)
    {
        await using RunningService trusting =
            await RunningService.StartAsync("--rate-limit", "1", "--trusted-proxies", "127.0.0.0/8");

        HttpStatusCode[] statuses = await ForwardedAsync(trusting.Client, forwardedFor);

        statuses.All(status => status == HttpStatusCode.OK).ShouldBe(areManyClients);
        statuses.Contains(HttpStatusCode.TooManyRequests).ShouldBe(!areManyClients);
    }

    [Fact]
    public async Task Nobody_is_trusted_as_a_proxy_by_default()
    {
        await using RunningService wary = await RunningService.StartAsync("--rate-limit", "1");

        (await ForwardedAsync(wary.Client, "192.0.2.{0}")).ShouldContain(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Only_pages_of_the_listed_origins_may_call_the_service()
    {
        await using RunningService open =
            await RunningService.StartAsync("--cors-origins", "https://example.org", "--api-keys", Hash(First));
        await using RunningService closed = await RunningService.StartAsync();

        (await PreflightAsync(open.Client, "https://example.org")).ShouldBe("https://example.org");
        (await PreflightAsync(open.Client, "https://example.com")).ShouldBeNull();
        (await PreflightAsync(closed.Client, "https://example.org")).ShouldBeNull();

        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live")
        {
            Headers = { { "Origin", "https://example.org" } },
        };
        using HttpResponseMessage response = await open.Client.SendAsync(request);
        response.Headers.GetValues("Access-Control-Expose-Headers").Single()
            .ShouldContain("Inference-Header-Content-Length");
    }

    [Fact]
    public async Task A_host_that_is_not_allowed_gets_no_page()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            Path.Combine(AppContext.BaseDirectory, "Api.dll"), [], ("AllowedHosts", "example.org"));

        using HttpResponseMessage response = await service.Client.GetAsync("/health/live");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task HTTPS_is_served_by_the_web_server_s_own_settings()
    {
        string certificateFile = Path.Combine(_folder.FullName, "tls.crt");
        string keyFile = Path.Combine(_folder.FullName, "tls.key");
        string thumbprint = await TestCertificate.WriteAsync(certificateFile, keyFile);
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown?.Thumbprint == thumbprint,
        };
        using var client = new HttpClient(handler);
        await using WebApplication app = Program.Build(
        [
            "--Kestrel:Endpoints:Https:Url", "https://127.0.0.1:0",
            "--Kestrel:Endpoints:Https:Certificate:Path", certificateFile,
            "--Kestrel:Endpoints:Https:Certificate:KeyPath", keyFile,
        ]);
        await app.StartAsync();
        string address = app.Urls.Single();

        using HttpResponseMessage ready = await client.GetAsync(address + HealthApi.ReadyPath);
        int exitCode = await HealthCheck.RunAsync([HealthCheck.Switch, "--Kestrel:Endpoints:Https:Url", address]);

        address.ShouldStartWith("https://");
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
        exitCode.ShouldBe(ExitCodes.Success);
        await app.StopAsync();
    }

    [Fact]
    public async Task More_concurrent_requests_than_allowed_are_rejected()
    {
        await using RunningService service = await RunningService.StartAsync("--max-concurrent-requests", "1");
        using Socket slow = Connect(service);
        slow.Send(
            Encoding.ASCII.GetBytes(
                "POST /predict HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n"));
        ReadUntilClosedOr(slow, "100 Continue").ShouldContain("100 Continue");

        using HttpResponseMessage refused = await service.Client.PostAsync("/predict", Requests.Raw(Sample));
        using HttpResponseMessage health = await service.Client.GetAsync(HealthApi.ReadyPath);

        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        (await refused.ReadJsonAsync()).GetProperty("type").GetString().ShouldBe("/problems/overloaded");
        health.StatusCode.ShouldBe(HttpStatusCode.OK);
        slow.Dispose();
        await ServiceProcess.EventuallyAsync(() =>
            service.Client.PostAsync("/predict", Requests.Raw(Sample)).GetAwaiter()
            .GetResult().StatusCode == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("0.2", 408, "The body did not arrive in time.")]
    [InlineData("-1", 400, "The header Request-Timeout takes a number of seconds above 0, not '-1'.")]
    [InlineData("soon", 400, "The header Request-Timeout takes a number of seconds above 0, not 'soon'.")]
    [InlineData("0", 400, "The header Request-Timeout takes a number of seconds above 0, not '0'.")]
    public async Task A_client_can_set_its_timeout(string header, int status, string detail)
    {
        await using RunningService service = await RunningService.StartAsync("--min-upload-rate", "0");
        using Socket client = Connect(service);

        // The body never comes.
        client.Send(
            Encoding.ASCII.GetBytes(
                $"POST /predict HTTP/1.1\r\nHost: localhost\r\nRequest-Timeout: {header}\r\nContent-Length: "
                + $"100\r\n\r\n"));

        string answer = ReadUntilClosedOr(client, "}");
        answer.ShouldStartWith($"HTTP/1.1 {status.ToString(CultureInfo.InvariantCulture)}");
        answer.ShouldContain(detail);
    }

    [Fact]
    public async Task A_client_of_the_inference_protocol_can_set_its_timeout()
    {
        await using RunningService service = await RunningService.StartAsync("--min-upload-rate", "0");
        using Socket client = Connect(service);

        client.Send(
            "POST /v2/models/digits/infer HTTP/1.1\r\nHost: localhost\r\nRequest-Timeout: 0.2\r\nContent-Length: "u8
            + "100\r\n\r\n"u8);

        ReadUntilClosedOr(client, "}").ShouldContain("{\"error\":\"The body did not arrive in time.");
    }

    [Fact]
    public async Task A_client_cannot_wait_longer_than_the_operator_allows()
    {
        await using RunningService service =
            await RunningService.StartAsync("--request-timeout", "200ms", "--min-upload-rate", "0");
        using Socket client = Connect(service);

        client.Send(
            "POST /predict HTTP/1.1\r\nHost: localhost\r\nRequest-Timeout: 86400\r\nContent-Length: 100\r\n\r\n"u8);

        ReadUntilClosedOr(client, "}").ShouldContain("The body did not arrive in time.");
    }

    [Fact]
    public async Task A_client_that_sends_its_headers_or_body_too_slowly_is_disconnected()
    {
        await using RunningService service =
            await RunningService.StartAsync("--headers-timeout", "1s", "--min-upload-rate", "1000");
        using Socket headers = Connect(service);
        using Socket body = Connect(service);

        headers.Send("POST /predict HTTP/1.1\r\nHost: loc"u8);
        body.Send("POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nsome bytes"u8);

        ReadUntilClosedOr(headers, "\r\n\r\n").ShouldStartWith("HTTP/1.1 408");
        ReadUntilClosedOr(body, "}").ShouldStartWith("HTTP/1.1 408");
    }

    [Fact]
    public async Task More_connections_than_allowed_are_closed()
    {
        await using RunningService service = await RunningService.StartAsync("--max-connections", "1");
        using HttpResponseMessage first = await service.Client.GetAsync(HealthApi.LivePath);
        using Socket second = Connect(service);

        second.Send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8);

        ReadUntilClosedOr(second, "live").ShouldBeEmpty();
    }

    /// <summary>Puts a file in its place at once, as a careful operator does.</summary>
    private static async Task PutAsync(string file, string text)
    {
        await File.WriteAllTextAsync(file + ".new", text);
        File.Move(file + ".new", file, overwrite: true);
    }

    private static string Hash(string key) => Convert.ToHexStringLower(KeyHash.Of(key));

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, string? key, string path = "/models/digits")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key == "two keys")
        {
            request.Headers.Add(ApiKeyHandler.Header, [First, First]);
        }
        else if (key is not null)
        {
            request.Headers.Add(ApiKeyHandler.Header, key);
        }

        return await client.SendAsync(request);
    }

    private static async Task<HttpStatusCode> StatusAsync(
        HttpClient client, string? key, string path = "/models/digits")
    {
        using HttpResponseMessage response = await SendAsync(client, key, path);
        return response.StatusCode;
    }

    private static async Task StatusBecomesAsync(HttpClient client, string key, HttpStatusCode status)
    {
        using var patience = new CancellationTokenSource(ServiceProcess.Patience);
        while (await StatusAsync(client, key) != status)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
        }
    }

    /// <summary>Sends eight requests; "{0}" in the addresses is replaced by the number of each.</summary>
    private static Task<HttpStatusCode[]> ForwardedAsync(HttpClient client, string addresses) =>
        Task.WhenAll(Enumerable.Range(1, 8).Select(async i =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/models/digits");
            request.Headers.Add(
                "X-Forwarded-For", addresses.Replace("{0}", i.ToString(CultureInfo.InvariantCulture)));
            using HttpResponseMessage response = await client.SendAsync(request);
            return response.StatusCode;
        }));

    /// <returns>The origin that is let in; null if none is.</returns>
    private static async Task<string?> PreflightAsync(HttpClient client, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/predict")
        {
            Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" },
                { "Access-Control-Request-Headers", ApiKeyHandler.Header } },
        };
        using HttpResponseMessage response = await client.SendAsync(request);
        return response.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? origins)
            ? origins.Single()
            : null;
    }

    private static Task<(int ExitCode, string Output, string Error)> HashAsync(string input) => ChildProcess.RunAsync(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Api.dll"), KeyHashCommand.Switch]),
        input);

    private static Socket Connect(RunningService service)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = (int)ServiceProcess.Patience.TotalMilliseconds,
        };
        socket.Connect(service.Address.Host, service.Address.Port);
        return socket;
    }

    private static string ReadUntilClosedOr(Socket socket, string end)
    {
        var answer = new StringBuilder();
        byte[] bytes = new byte[4096];
        try
        {
            while (!answer.ToString().Contains(end, StringComparison.Ordinal))
            {
                int length = socket.Receive(bytes);
                if (length == 0)
                {
                    break;
                }

                answer.Append(Encoding.ASCII.GetString(bytes, 0, length));
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closed the hard way.
        }

        return answer.ToString();
    }
}
