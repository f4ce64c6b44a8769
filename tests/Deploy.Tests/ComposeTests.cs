using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using MnistLstm.Api.Settings;

namespace MnistLstm.Deploy.Tests;

public sealed class ComposeTests
{
    private static readonly JsonObject Services = YamlDocument.Load("docker-compose.yml")["services"]!.AsObject();

    public static TheoryData<string> Names => [.. Services.Select(service => service.Key)];

    /// <summary>Services that are the service.</summary>
    public static IEnumerable<string> Replicas =>
        Services.Where(service => service.Value!["image"]!.ToString() == "mnist-lstm").Select(service => service.Key);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_container_is_confined(string name)
    {
        JsonNode service = Services[name]!;

        service["read_only"]!.ToString().ShouldBe("true");
        service["cap_drop"]!.AsArray().Single()!.ToString().ShouldBe("ALL");
        service["security_opt"]!.AsArray().Single()!.ToString().ShouldBe("no-new-privileges:true");
        double.Parse(service["cpus"]!.ToString(), CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
        service["mem_limit"]!.ToString().ShouldMatch("^[0-9]+[mg]$");
        int.Parse(service["pids_limit"]!.ToString(), CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
        (service["privileged"] ?? service["cap_add"] ?? service["network_mode"]).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Files_mounted_from_the_checkout_exist_and_are_read_only(string name)
    {
        foreach (string[] mount in Mounts(name).Where(mount => mount[0].StartsWith('.')))
        {
            Path.Exists(Repository.PathOf(mount[0])).ShouldBeTrue(mount[0]);
            mount[^1].ShouldBe("ro");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Images_are_built_from_a_stage_or_pinned_by_version(string name)
    {
        JsonNode service = Services[name]!;

        if (service["build"] is { } build)
        {
            Dockerfile.Stages.ShouldContain(build["target"]!.ToString());
        }
        else
        {
            service["image"]!.ToString().ShouldMatch(@"^[a-z/-]+:v?\d+\.\d+[a-z0-9.-]*$");
        }
    }

    [Fact]
    public void Without_a_profile_only_the_service_starts() =>
        Services.Where(service => service.Value!["profiles"] is null).Select(service => service.Key).ShouldBe(["api"]);

    [Fact]
    public void The_trainer_writes_where_the_service_reads()
    {
        string[] written = Mounts("trainer").Single(mount => mount[0] == "models");
        string[] read = Mounts("api").Single(mount => mount[0] == "models");

        read.ShouldBe(["models", "/app/models", "ro"]);
        written.ShouldBe(["models", "/models"]);
        Services["trainer"]!["command"]!.AsArray().Select(word => word!.ToString())
            .ShouldContain("/models/digits.onnx");
        foreach (string folder in new[] { read[1], written[1] })
        {
            Dockerfile.Text.ShouldContain($"COPY --chown={Dockerfile.User}:{Dockerfile.User} models {folder}\n");
        }
    }

    [Fact]
    public void The_service_has_enough_time_to_stop()
    {
        var defaults = ServiceOptions.Read(new SettingReader(new ConfigurationBuilder().Build()));

        foreach (string name in Replicas)
        {
            string period = Services[name]!["stop_grace_period"]!.ToString();
            TimeSpan.FromSeconds(int.Parse(period.TrimEnd('s'), CultureInfo.InvariantCulture))
                .ShouldBeGreaterThan(defaults.ShutdownGrace + defaults.ShutdownTimeout);
        }
    }

    [Fact]
    public void Ports_match_those_that_the_programs_listen_on()
    {
        Services["api"]!["ports"]!.AsArray().Select(port => port!.ToString())
            .ShouldBe([$"8080:{Dockerfile.Port}", $"8081:{Dockerfile.GrpcPort}"]);
        foreach (JsonNode? port in Services["nginx"]!["ports"]!.AsArray())
        {
            string listen = port!.ToString().Split(':')[1];
            File.ReadAllText(Repository.PathOf("deploy", "nginx", "nginx.conf")).ShouldContain($"listen {listen} ");
        }
    }

    [Fact]
    public void Prometheus_scrapes_every_replica()
    {
        JsonNode targets =
            YamlDocument.Load("deploy", "monitoring", "prometheus.yml")["scrape_configs"]![0]!["dns_sd_configs"]![0]!;

        targets["names"]!.AsArray().Select(name => name!.ToString()).ShouldBe(Replicas);
        targets["port"]!.ToString().ShouldBe(Dockerfile.Port.ToString(CultureInfo.InvariantCulture));
    }

    private static IEnumerable<string[]> Mounts(string name) =>
        Services[name]!["volumes"]?.AsArray().Select(mount => mount!.ToString().Split(':')) ?? [];
}
