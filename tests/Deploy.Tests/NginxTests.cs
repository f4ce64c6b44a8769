using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Deploy.Tests;

public sealed partial class NginxTests : IDisposable
{
    private static readonly string Configuration = File.ReadAllText(Repository.PathOf("deploy", "nginx", "nginx.conf"));
    private static readonly string Upstream = File.ReadAllText(Repository.PathOf("deploy", "nginx", "upstream.conf"));
    private static readonly ServiceOptions Defaults = ServiceOptions.Read(new SettingReader(new ConfigurationBuilder().Build()));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Nginx_itself_finds_nothing_wrong()
    {
        string nginx = CommandLine.Find("nginx");
        string configuration = Path.Combine(_folder.FullName, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration.Replace("/tmp/", $"{_folder.FullName}/", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        // The names of the replicas mean something in their network only.
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "upstream.conf"), Server().Replace(Upstream, "server 127.0.0.1:$2"), TestContext.Current.CancellationToken);

        (int exitCode, _, string error) = await CommandLine.RunAsync(nginx, "-t", "-q", "-c", configuration);

        exitCode.ShouldBe(0, error);
        error.ShouldBeEmpty();
    }

    [Fact]
    public void The_largest_body_is_the_service_s()
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
    public void Its_own_refusals_are_problems_as_the_service_s()
    {
        JsonNode[] problems = [.. Problem().Matches(Configuration).Select(match => JsonNode.Parse(match.Groups[1].Value)!)];

        JsonNode tooLarge = problems.Single(problem => (int)problem["status"]! == ProblemType.BodyTooLarge.Status);
        tooLarge["type"]!.ToString().ShouldBe(ProblemType.BodyTooLarge.Word);
        tooLarge["title"]!.ToString().ShouldBe(ProblemType.BodyTooLarge.Title);
        tooLarge["detail"]!.ToString().ShouldEndWith(ProblemType.BodyTooLarge.Advice);
        problems.Single(problem => (int)problem["status"]! == 503)["type"]!.ToString().ShouldBe("unavailable");
    }

    [Fact]
    public void Every_replica_of_the_compose_file_gets_requests()
    {
        string[] replicas = [.. Server().Matches(Upstream).Select(server => $"{server.Groups[1].Value}:{server.Groups[2].Value}")];

        replicas.ShouldBe(ComposeTests.Replicas.Select(name => $"{name}:{Dockerfile.Port}"));
        replicas.Length.ShouldBe(3);
    }

    private static string Value(string directive) =>
        Regex.Match(Configuration, $@"^ *{directive} (\S+);", RegexOptions.Multiline).Groups[1].Value;

    [GeneratedRegex(@"server (\S+):(\d+)")]
    private static partial Regex Server();

    [GeneratedRegex(@"return \d+ '(\{.*\})'")]
    private static partial Regex Problem();
}
