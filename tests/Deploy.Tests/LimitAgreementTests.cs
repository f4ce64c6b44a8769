using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using MnistLstm.Api.Settings;

namespace MnistLstm.Deploy.Tests;

/// <summary>Timeouts, retries and limits of nginx, compose, Kubernetes, KServe and the service agree.</summary>
public sealed partial class LimitAgreementTests
{
    private const string ServiceContainer = "kserve-container";

    private static readonly string Nginx = File.ReadAllText(Repository.PathOf("deploy", "nginx", "nginx.conf"));

    public static TheoryData<string> Deployments => ["compose", "Kubernetes", "KServe"];

    /// <summary>A slow request is answered by the service. nginx only repeats what a replica cannot answer.</summary>
    [Fact]
    public void Every_timeout_of_nginx_is_longer_than_that_of_the_service()
    {
        TimeSpan requestTimeout = Settings("compose").RequestTimeout;

        TimeSpan[] waits = [.. ReadTimeout().Matches(Nginx).Select(match => Seconds(match.Groups[1].Value))];

        waits.ShouldNotBeEmpty();
        waits.ShouldAllBe(wait => wait > requestTimeout);
    }

    /// <summary>
    /// An upload is repeated after an error or a timeout only, never after an answer, and once at most.
    /// </summary>
    [Fact]
    public void Nginx_never_repeats_a_request_that_was_answered()
    {
        string[] conditions = [.. NextUpstream().Matches(Nginx).Select(match => match.Groups[1].Value)];

        conditions.ShouldBe(["error timeout", "error timeout non_idempotent"]);
        Nginx.ShouldContain("proxy_next_upstream_tries 2;");
    }

    [Theory]
    [MemberData(nameof(Deployments))]
    public void A_request_in_progress_at_shutdown_can_finish(string deployment)
    {
        ServiceOptions settings = Settings(deployment);

        settings.ShutdownTimeout.ShouldBeGreaterThanOrEqualTo(settings.RequestTimeout);
    }

    [Theory]
    [MemberData(nameof(Deployments))]
    public void Every_proxy_and_manifest_has_the_same_request_timeout(string deployment) =>
        Settings(deployment).RequestTimeout.ShouldBe(Settings("compose").RequestTimeout);

    [Fact]
    public void KServe_waits_longer_than_the_service_gives_a_request() =>
        Seconds($"{InferenceService.Predictor["timeout"]}s").ShouldBeGreaterThan(Settings("KServe").RequestTimeout);

    [Fact]
    public void Nginx_accepts_the_largest_body_and_waits_as_long_as_the_service()
    {
        ServiceOptions settings = Settings("compose");

        Match size = BodySize().Match(Nginx);
        (int.Parse(size.Groups[1].Value, CultureInfo.InvariantCulture) * 1024 * 1024)
            .ShouldBe(settings.MaxBatchUploadBytes);
        Seconds(BodyTimeout().Match(Nginx).Groups[1].Value).ShouldBeLessThanOrEqualTo(settings.RequestTimeout);
    }

    private static ServiceOptions Settings(string deployment) => ServiceOptions.Read(new SettingReader(
        new ConfigurationBuilder().AddInMemoryCollection(Variables(deployment)).Build()));

    private static Dictionary<string, string?> Variables(string deployment) => deployment switch
    {
        "compose" => YamlDocument.Load("docker-compose.yml")["services"]!["api"]!["environment"]!.AsObject()
            .ToDictionary(variable => variable.Key, variable => (string?)variable.Value!.ToString()),
        "Kubernetes" => YamlDocument.Load("deploy", "kubernetes", "kustomization.yaml")["configMapGenerator"]!.AsArray()
            .Single()!["literals"]!.AsArray().Select(literal => literal!.ToString().Split('='))
            .ToDictionary(parts => parts[0], parts => (string?)parts[1]),
        _ => InferenceService.Pod.Containers.Single(container => container.Name == ServiceContainer).Env
            .ToDictionary(variable => variable.Name, variable => (string?)variable.Value),
    };

    private static TimeSpan Seconds(string text) =>
        TimeSpan.FromSeconds(int.Parse(text.TrimEnd('s'), CultureInfo.InvariantCulture));

    [GeneratedRegex(@"proxy_read_timeout (\d+s);")]
    private static partial Regex ReadTimeout();

    [GeneratedRegex("proxy_next_upstream ([^;]+);")]
    private static partial Regex NextUpstream();

    [GeneratedRegex(@"client_max_body_size (\d+)m;")]
    private static partial Regex BodySize();

    [GeneratedRegex(@"client_body_timeout (\d+s);")]
    private static partial Regex BodyTimeout();
}
