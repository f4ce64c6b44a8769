using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Deploy.Tests;

public sealed partial class NginxTests : IDisposable
{
    private static readonly string Configuration = File.ReadAllText(Repository.PathOf("deploy", "nginx", "nginx.conf"));
    private static readonly string Upstream = File.ReadAllText(Repository.PathOf("deploy", "nginx", "upstream.conf"));
    private static readonly ServiceOptions Defaults =
        ServiceOptions.Read(new SettingReader(new ConfigurationBuilder().Build()));

    /// <summary>Earlier ones take it as a word of listen.</summary>
    private static readonly Version FirstWithHttp2Directive = new(1, 25, 1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");
    private Process? _proxy;

    public void Dispose()
    {
        _proxy?.Kill();
        _proxy?.WaitForExit();
        _proxy?.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Nginx_accepts_the_configuration()
    {
        string nginx = CommandLine.Find("nginx");
        string configuration = Path.Combine(_folder.FullName, "nginx.conf");
        await WriteAsync(configuration, nginx, Server().Replace(Upstream, "server 127.0.0.1:$2"));

        (int exitCode, _, string error) = await CommandLine.RunAsync(nginx, "-t", "-q", "-c", configuration);

        exitCode.ShouldBe(0, error);
        error.ShouldBeEmpty();
    }

    [Fact]
    public void Nginx_and_the_service_have_the_same_body_limit()
    {
        Value("client_max_body_size").ShouldBe($"{Defaults.MaxBatchUploadBytes / 1024 / 1024}m");
        Configuration.ShouldContain($"{Defaults.MaxBatchUploadBytes / 1024 / 1024} MiB");
    }

    [Fact]
    public void A_client_cannot_name_the_prefix_of_its_links() =>
        Configuration.ShouldContain("proxy_set_header X-Forwarded-Prefix \"\";");

    [Fact]
    public void Nginx_closes_idle_connections_before_the_service_does() =>
        int.Parse(Regex.Match(Upstream, @"keepalive_timeout (\d+)s;").Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            .ShouldBeLessThan((int)Defaults.KeepAliveTimeout.TotalSeconds);

    [Fact]
    public void Nginx_s_own_errors_are_problems_like_the_service_s()
    {
        JsonNode[] problems =
            [.. Problem().Matches(Configuration).Select(match => JsonNode.Parse(match.Groups[1].Value)!)];

        JsonNode tooLarge = problems.Single(problem => (int)problem["status"]! == ProblemType.BodyTooLarge.Status);
        tooLarge["type"]!.ToString().ShouldBe(ProblemType.BodyTooLarge.Address);
        tooLarge["title"]!.ToString().ShouldBe(ProblemType.BodyTooLarge.Title);
        tooLarge["detail"]!.ToString().ShouldEndWith(ProblemType.BodyTooLarge.Advice);
        problems.Single(problem => (int)problem["status"]! == 503)["type"]!.ToString().ShouldBe("about:blank");
    }

    [Fact]
    public void Every_replica_of_the_compose_file_gets_requests()
    {
        string[] replicas =
            [.. Server().Matches(Upstream).Select(server => $"{server.Groups[1].Value}:{server.Groups[2].Value}")];

        replicas.ShouldBe(
        [
            .. ComposeTests.Replicas.Select(name => $"{name}:{Dockerfile.Port}"),
            .. ComposeTests.Replicas.Select(name => $"{name}:{Dockerfile.GrpcPort}"),
        ]);
        replicas.Length.ShouldBe(6);
    }

    [Fact]
    public async Task A_gRPC_call_reaches_a_replica_or_is_unavailable()
    {
        string nginx = CommandLine.Find("nginx");
        await using RunningService service = await RunningService.StartAsync("--grpc-port", "0");
        int replica = new Uri(service.Addresses.Last()).Port;
        (_, int port) = await StartAsync(nginx, replica);
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");

        byte[] answer = await CallAsync(channel, waitForReady: true);
        await service.StopAsync();
        RpcException error = await Should.ThrowAsync<RpcException>(() => CallAsync(channel, waitForReady: false));

        answer.ShouldBe([8, 1]);
        error.Status.StatusCode.ShouldBe(StatusCode.Unavailable);
        error.Status.Detail.ShouldStartWith("No replica of the service answers");
    }

    /// <summary>Other addresses are answered 503 there: no replica runs.</summary>
    [Theory]
    [InlineData("/metrics")]
    [InlineData("/metrics/")]
    [InlineData("/METRICS")]
    public async Task The_metrics_of_a_replica_are_not_passed_on(string path)
    {
        (int port, int grpcPort) = await StartAsync(CommandLine.Find("nginx"), FreePort());
        using var client = new HttpClient();
        using HttpResponseMessage answer = await RetryAsync(
            () => client.GetAsync($"http://127.0.0.1:{port}{path}", TestContext.Current.CancellationToken));
        using HttpResponseMessage answerOfGrpc = await SendAsHttp2Async(client, HttpMethod.Get, grpcPort, path);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        answerOfGrpc.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Without_a_replica_the_status_is_that_of_the_problem()
    {
        string nginx = CommandLine.Find("nginx");
        (int port, int grpcPort) = await StartAsync(nginx, FreePort());
        using var client = new HttpClient();
        using HttpResponseMessage answer = await RetryAsync(
            () => client.GetAsync($"http://127.0.0.1:{port}/", TestContext.Current.CancellationToken));
        using HttpResponseMessage status = await SendAsHttp2Async(client, HttpMethod.Post, grpcPort, "/a/b");

        string problem = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBe((int)JsonNode.Parse(problem)!["status"]!);
        status.StatusCode.ShouldBe(HttpStatusCode.OK);
        status.Headers.GetValues("grpc-status").ShouldBe([$"{(int)StatusCode.Unavailable}"]);
    }

    /// <summary>Starts it before one replica.</summary>
    private async Task<(int Port, int GrpcPort)> StartAsync(string nginx, int replica)
    {
        string configuration = Path.Combine(_folder.FullName, "nginx.conf");
        (int port, int grpcPort) = (FreePort(), FreePort());
        await WriteAsync(configuration, nginx, Server().Replace(Upstream, $"server 127.0.0.1:{replica}"));
        await File.WriteAllTextAsync(
            configuration,
            "daemon off; master_process off;"
            + (await File.ReadAllTextAsync(configuration, TestContext.Current.CancellationToken))
                .Replace("listen 8000", $"listen 127.0.0.1:{port}", StringComparison.Ordinal)
                .Replace("listen 8001", $"listen 127.0.0.1:{grpcPort}", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        _proxy = Process.Start(nginx, ["-e", "stderr", "-c", configuration]);
        return (port, grpcPort);
    }

    /// <summary>Until nginx listens.</summary>
    private static async Task<HttpResponseMessage> RetryAsync(Func<Task<HttpResponseMessage>> send)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                return await send();
            }
            catch (HttpRequestException) when (tries < 100)
            {
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
    }

    private static async Task<HttpResponseMessage> SendAsHttp2Async(
        HttpClient client, HttpMethod method, int port, string path)
    {
        using var request = new HttpRequestMessage(method, $"http://127.0.0.1:{port}{path}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Whether the process answers: its message is field 1, true.</summary>
    private static async Task<byte[]> CallAsync(GrpcChannel channel, bool waitForReady)
    {
        Marshaller<byte[]> bytes = Marshallers.Create(value => value, value => value);
        var live =
            new Method<byte[], byte[]>(MethodType.Unary, "inference.GRPCInferenceService", "ServerLive", bytes, bytes);
        CallOptions options = new CallOptions(deadline: DateTime.UtcNow.AddMinutes(1)).WithWaitForReady(waitForReady);
        return await channel.CreateCallInvoker().AsyncUnaryCall(live, host: null, options, []);
    }

    /// <summary>
    /// The configuration with its files in the test's folder, for the version of nginx that is installed.
    /// </summary>
    private static async Task WriteAsync(string path, string nginx, string upstream)
    {
        (_, _, string version) = await CommandLine.RunAsync(nginx, "-v");
        string text = Configuration.Replace("/tmp/", $"{Path.GetDirectoryName(path)}/", StringComparison.Ordinal);
        if (Version.Parse(Regex.Match(version, @"nginx/([\d.]+)").Groups[1].Value) < FirstWithHttp2Directive)
        {
            text = text.Replace("http2 on;", "", StringComparison.Ordinal)
                .Replace("listen 8001", "listen 8001 http2", StringComparison.Ordinal);
        }

        // The names of the replicas mean something in their network only.
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(Path.GetDirectoryName(path)!, "upstream.conf"), upstream,
            TestContext.Current.CancellationToken);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Value(string directive) =>
        Regex.Match(Configuration, $@"^ *{directive} (\S+);", RegexOptions.Multiline).Groups[1].Value;

    [GeneratedRegex(@"server (\S+):(\d+)")]
    private static partial Regex Server();

    [GeneratedRegex(@"return \d+ '(\{.*\})'")]
    private static partial Regex Problem();
}
